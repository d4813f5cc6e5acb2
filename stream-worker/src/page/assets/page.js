// The page's life: submit or find a session in the URL, watch it, obey the buttons.

import { Doctor } from "./doctor.js";
import { Form } from "./form.js";
import { Job, positionOf } from "./job.js";
import { Panel } from "./panel.js";
import { HERE, Session } from "./session.js";
import { Stream } from "./stream.js";
import { Timeline } from "./timeline.js";
import { explain, farewell } from "./words.js";

const byId = (id) => document.getElementById(id);

const panel = new Panel(byId("watch"));
const timeline = new Timeline(byId("events"));
const doctor = new Doctor(byId("doctor"));
const form = new Form(byId("form"), begin);
let session = null;
let stream = null;
let job = new Job();

/** A crawl was taken: its session goes into the URL, so that a reload comes back to it. */
function begin(taken, url) {
  history.pushState(null, "", taken.fragment);
  watch(taken);
  job.url = url;
}

/** Watches what the URL names. */
function follow() {
  const named = Session.fromFragment(location.hash);
  if (named) watch(named);
  else leave();
}

function watch(next) {
  stream?.close();
  session = next;
  job = new Job();
  timeline.clear();
  panel.say("");
  panel.offer(session);
  byId("watch").hidden = false;
  stream = new Stream(session, { link: linked, event: received });
  stream.open();
  draw();
}

function leave() {
  stream?.close();
  stream = session = null;
  byId("watch").hidden = true;
  document.title = "Crawlcast";
}

function linked(state, words = "") {
  job.link = state;
  if (state === "open" || state === "closed") panel.say(words, "bad");
  draw();
}

function received(name, data, id) {
  if (!job.apply(name, data, id)) return;
  if (name === "hello") {
    // The pause belonged to the connection before this one.
    if (job.paused) command("pause", { connectionId: job.connectionId });
  } else if (name === "bye") {
    panel.say(farewell(data.reason) ?? "");
  } else {
    timeline.add(name, data, positionOf(id));
    if (name === "started") form.recall(job.url);
    // Without this the browser would come back for more of a stream that has ended.
    if (job.ended) stream.close();
  }
  draw();
}

/** Asks the service; says so if it refuses. */
async function command(verb, body) {
  const asked = job;
  const refusal = await session.command(verb, body).then(
    (response) => (response.ok ? "" : explain(response)),
    () => "The service does not answer. Try again in a moment.",
  );
  if (asked !== job) return false;
  panel.say(refusal, "bad");
  draw();
  return !refusal;
}

byId("pause").addEventListener("click", async () => {
  const asked = job;
  if (await command("pause", { connectionId: asked.connectionId })) asked.paused = !asked.ended;
  byId("resume").focus();
  draw();
});

byId("resume").addEventListener("click", resume);

async function resume() {
  const asked = job;
  if (await command("resume", { connectionId: asked.connectionId })) asked.paused = false;
  draw();
}

byId("cancel").addEventListener("click", async () => {
  const asked = job;
  if (!(await command("cancel")) || asked.ended) return;
  asked.state = "cancelling";
  // A paused stream would hide the end.
  if (asked.paused) await resume();
  draw();
});

byId("filter").addEventListener("change", ({ target }) => {
  timeline.show(target.value);
  draw();
});

byId("copy").addEventListener("click", async ({ target }) => {
  await navigator.clipboard.writeText(byId("share").href);
  target.textContent = "Copied";
  setTimeout(() => (target.textContent = "Copy"), 2_000);
});

byId("examine").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  byId("doctor").hidden = false;
  byId("doctor").scrollIntoView({ block: "nearest" });
  await doctor.run();
  target.disabled = false;
});

let drawing = false;

/** Has the page brought up to date once, however much happens before the next frame of the screen. */
function draw() {
  if (drawing) return;
  drawing = true;
  // A hidden tab gets no frames, and its title should still move.
  if (document.hidden) setTimeout(drawNow, 1_000);
  else requestAnimationFrame(drawNow);
}

function drawNow() {
  drawing = false;
  if (!session) return;
  timeline.render();
  panel.render(job, timeline);
  const host = job.url && URL.canParse(job.url) ? ` · ${new URL(job.url).host}` : "";
  document.title = `${job.word === "running" ? `${job.percent} %` : job.word}${host} · Crawlcast`;
}

setInterval(() => {
  if (session && !job.ended) draw();
}, 1_000);

// A network that is back may have left a dead connection behind, which nobody would notice for minutes.
addEventListener("online", () => {
  if (session && !job.ended && job.link !== "closed") stream.open();
});
addEventListener("hashchange", follow);

follow();

const config = await fetch(`${HERE}/page/config.json`).then((response) => response.json()).catch(() => ({}));
if (config.version) byId("version").textContent = `Crawlcast ${config.version}`;
if (config.demoUrl && !session) form.suggest(config.demoUrl);

// Why no events arrive: the doctor's exchanges, as far as a browser can make them. The worker judges what was recorded.

import { HERE } from "./session.js";
import { explain } from "./words.js";

const began = performance.now();
const now = () => Math.round(performance.now() - began);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const nonce = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
const good = (exchange) => exchange.outcome.answered?.status === 200;
const json = (exchange) => (good(exchange) ? JSON.parse(exchange.outcome.answered.body) : null);

/** From this size on a frame counts as large. */
const LARGE = 16 * 1024;

/** Sends a request; records what comes within `patience`, or until its first frame. */
async function ask(path, { patience = 15_000, firstFrame = false, ...options } = {}) {
  const sentMs = now();
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), patience);
  try {
    const response = await fetch(`${HERE}/v1/doctor${path}`, { signal: gone.signal, ...options });
    const answered = {
      status: response.status,
      headers: [...response.headers],
      frames: [],
      heartbeatsMs: [],
      body: "",
    };
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    answered.end = await read(response, answered, isStream, firstFrame).catch(() => (gone.signal.aborted ? "open" : "cut"));
    answered.endedMs = now();
    return { sentMs, outcome: { answered } };
  } catch (error) {
    return { sentMs, outcome: { failed: { step: "answer", why: String(error.message) } } };
  } finally {
    clearTimeout(timer);
    gone.abort();
  }
}

async function read(response, answered, isStream, firstFrame) {
  if (!isStream) {
    answered.body = await response.text();
    return "clean";
  }
  const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let sent = null;
  for (;;) {
    const { value, done } = await pieces.read();
    if (done) return "clean";
    const lines = (text + value).split("\n");
    text = lines.pop();
    for (const line of lines) {
      if (line.startsWith("data:")) sent = JSON.parse(line.slice(5));
      else if (line.startsWith(":")) answered.heartbeatsMs.push(now());
      else if (line === "" && sent) {
        const { n, sentMs, worker, fill = "" } = sent;
        answered.frames.push({ n, sentMs, arrivedMs: now(), large: fill.length > LARGE, worker });
        sent = null;
      }
    }
    if (firstFrame && answered.frames.length) return "open";
  }
}

/** The first 16 hexadecimal digits of the SHA-256, as the worker tells them. */
async function digest(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function buffering() {
  const stream = ask("/frames", { patience: 20_000 });
  const pings = [];
  let over = false;
  stream.then(() => (over = true));
  while (!over) {
    const ping = await ask("/echo");
    const arrived = json(ping);
    if (arrived && !over) {
      pings.push({ sentMs: ping.sentMs, arrivedMs: ping.outcome.answered.endedMs, workerMs: arrived.clockMs, worker: arrived.worker });
    }
    await Promise.race([wait(400), stream]);
  }
  return { tries: [{ stream: await stream, pings }] };
}

async function cursor() {
  const [header, query] = [nonce(), nonce()];
  return { header, query, echo: await ask(`/echo?lastEventId=${query}`, { headers: { "last-event-id": header } }) };
}

async function authorization() {
  const [header, token] = [`Bearer ${nonce()}`, nonce()];
  return {
    header: await digest(header),
    query: await digest(token),
    ownKey: false,
    echo: await ask(`/echo?token=${token}`, { headers: { authorization: header } }),
  };
}

async function disconnect() {
  const name = nonce();
  await ask(`/leave/${name}`, { patience: 3_000, firstFrame: true });
  const leftMs = now();
  const answers = [];
  do {
    answers.push(await ask(`/left/${name}`));
    if (json(answers.at(-1))?.state === "left") break;
    await wait(250);
  } while (now() < leftMs + 6_500);
  return { leftMs, answers };
}

async function caching() {
  const path = `/once/${nonce()}`;
  const twice = async (ask) => [await ask(), await ask()];
  const [answers, streams] = await Promise.all([twice(() => ask(path)), twice(() => ask("/whole"))]);
  return { answers, streams };
}

/** Browsers open six connections to a host over HTTP/1.1, so the checks with streams go one after the other. */
async function record(facts, echo) {
  const heartbeatMs = json(facts).heartbeatMs;
  const silence = ask("/silence", { patience: heartbeatMs + 15_000 }).then((stream) => ({ heartbeatMs, stream }));
  const whole = await ask("/whole");
  const records = [
    ["reachable", { url: HERE, facts, post: await ask("/echo", { method: "POST", body: "{}" }) }],
    ["buffering", await buffering()],
    ["compression", { stream: whole }],
    ["headers", { stream: whole, json: echo }],
    ["cursor", await cursor()],
    // A page that came over plain HTTP from another machine may make no digest.
    ...(crypto.subtle ? [["authorization", await authorization()]] : []),
    ["disconnect", await disconnect()],
    ["end", { whole, cut: await ask("/cut", { patience: 8_000 }) }],
    ["caching", await caching()],
    ["idleTimeout", await silence],
  ];
  return records.map(([id, record]) => ({ id, record }));
}

/** The report, of the same form as that of `crawlcast doctor --json`; or the reason for there being none, as `{ refusal }`. */
async function examine() {
  const [facts, echo] = [await ask(""), await ask("/echo")];
  if (!good(facts)) {
    const { answered, failed } = facts.outcome;
    return { refusal: failed ? "The service does not answer." : await explain(new Response(answered.body, { status: 503 })) };
  }
  const records = await record(facts, echo);
  const examination = { target: HERE, facts: json(facts), clues: { answers: [facts], echo }, records };
  const judged = await fetch(`${HERE}/v1/doctor/report`, { method: "POST", body: JSON.stringify(examination) });
  return judged.ok ? judged.json() : { refusal: await explain(judged) };
}

const MARKS = { kept: "✓", broken: "✗", unknown: "?" };

/** A new element with a class and a text. */
function element(name, className, text) {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

function line({ id, verdict, kind, evidence, cures }) {
  const item = document.createElement("li");
  item.dataset.verdict = verdict;
  item.append(element("b", "verdict", MARKS[verdict]), element("span", "check", id));
  const body = element("div", "body", kind ? `${kind}: ${evidence}` : evidence);
  for (const { product, setting } of cures) {
    const cure = element("p", "cure", `${product}: `);
    cure.append(element("code", "", setting));
    body.append(cure);
  }
  item.append(body);
  return item;
}

/** The section of the page that shows it. */
export class Doctor {
  #at;

  constructor(root) {
    this.#at = (selector) => root.querySelector(selector);
  }

  /** Examines the way to the service, and shows what was found. */
  async run() {
    const [note, verdicts] = [this.#at("#doctor-note"), this.#at("#verdicts")];
    verdicts.replaceChildren();
    note.textContent = "Probing. Most of it is silence, which is what proxies cut: about half a minute.";
    const report = await examine().catch(() => ({ refusal: "The exchange with the service broke off." }));
    verdicts.replaceChildren(...(report.checks ?? []).map(line));
    note.textContent = report.refusal ?? (report.healthy ? "Nothing is broken between this browser and the worker." : "Something stands in the way of events.");
    note.dataset.tone = report.healthy ? "good" : "bad";
  }
}

// The panel over the list: state, counters, progress, controls.

import { ending, number, stopwatch } from "./words.js";

const COUNTS = ["discovered", "fetched", "failed", "skipped", "queued", "inFlight"];
const STATE_HINTS = {
  queued: "Waiting for a worker to take the crawl. It begins by itself.",
  cancelling: "The crawl is being cancelled.",
  paused: "The stream is paused, the crawl is not: what happens meanwhile is kept and comes when you resume.",
};

export class Panel {
  #at;
  /** Words that stand until the state changes, such as why the stream is closed. */
  #words = { text: "", tone: "" };

  /** `root` is the section of the page that shows the job. */
  constructor(root) {
    this.#at = (selector) => root.querySelector(selector);
  }

  /** Offers what the session may do. */
  offer(session) {
    this.#at("#controls").hidden = !session.control;
    this.#at("#download-ndjson").href = session.resultsUrl("ndjson");
    this.#at("#download-csv").href = session.resultsUrl("csv");
    this.#at("#share-links").hidden = session.sharedFragment === null;
    this.#at("#share").href = session.sharedFragment ?? "";
    this.#at("#copy").hidden = !navigator.clipboard;
  }

  say(text, tone = "") {
    this.#words = { text, tone };
  }

  render(job, timeline) {
    this.#state(job);
    this.#counts(job);
    this.#time(job);
    this.#totals(timeline);
  }

  #state(job) {
    const word = job.word;
    const state = this.#at("#state");
    // Written only when it changes: a screen reader says what is written.
    if (state.textContent !== word) state.textContent = word;
    state.dataset.state = word;
    if (job.url) this.#at("#subject").textContent = job.url;
    const live = job.link === "open" && !job.ended;
    this.#at("#pause").hidden = job.paused;
    this.#at("#resume").hidden = !job.paused;
    for (const id of ["#pause", "#resume"]) this.#at(id).disabled = !live;
    this.#at("#cancel").disabled = job.ended || job.link === "closed" || job.state === "cancelling";
    this.#message(job, word);
  }

  #message(job, word) {
    const told = this.#words.text ? this.#words : null;
    const end = job.ended ? { text: ending(job.reason), tone: job.state === "done" ? "good" : job.state === "failed" ? "bad" : "" } : null;
    const { text, tone } = end ?? told ?? { text: STATE_HINTS[word] ?? "", tone: "" };
    const message = this.#at("#message");
    if (message.textContent !== text) message.textContent = text;
    message.dataset.tone = tone;
    message.hidden = !text;
  }

  #counts(job) {
    for (const name of COUNTS) {
      const value = job.counts[name];
      const cell = this.#at(`[data-count=${name}]`);
      cell.textContent = number(value);
      cell.dataset.value = value;
      const share = this.#at(`[data-share=${name}]`);
      if (share) share.style.flexGrow = value;
    }
    this.#at("#percent").textContent = `${job.percent} %`;
    this.#at("#progress").setAttribute("aria-valuenow", job.percent);
  }

  #time(job) {
    const elapsed = job.elapsed(Date.now());
    this.#at("#elapsed").textContent = stopwatch(elapsed ?? 0);
    const pages = job.counts.fetched + job.counts.failed;
    const rate = elapsed >= 1_000 && pages ? (pages * 1_000) / elapsed : 0;
    this.#at("#rate").textContent = rate ? ` · ${rate < 10 ? rate.toFixed(1) : number(Math.round(rate))} pages/s` : "";
  }

  #totals(timeline) {
    for (const total of ["all", "failed", "skipped", "notice"]) {
      this.#at(`[data-total=${total}]`).textContent = number(timeline.total(total));
    }
    this.#at("#nothing").hidden = !timeline.isEmpty;
    const more = this.#at("#more");
    more.hidden = timeline.hidden === 0;
    more.textContent = `${number(timeline.hidden)} earlier events are not listed here. The results hold every page.`;
  }
}

// One channel's events, for as long as there may be any.
//
// The browser's own EventSource reconnects after a broken connection, with its cursor. It gives up for good on any other
// answer than a stream, such as a proxy's 502 while the worker restarts. Then this module asks the service why: what is
// final is told, what may pass is tried again from the same place.

import { explain } from "./words.js";

const NAMES = [
  "hello", "started", "progress", "skipped", "notice", "resumed", "done", "cancelled", "failed", "reset", "bye",
];
const FINAL_STATUSES = new Set([400, 401, 403, 404, 410]);
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export class Stream {
  #session;
  #listener;
  #source = null;
  #cursor = "";
  #timer = 0;
  #tries = 0;

  /** `listener` has `link(state, words)` for the connection and `event(name, data, id)` for what it brings. */
  constructor(session, listener) {
    this.#session = session;
    this.#listener = listener;
  }

  /** Opens the stream, from the event after the last one seen. */
  open() {
    this.close();
    const source = new EventSource(this.#session.eventsUrl(this.#cursor));
    this.#source = source;
    for (const name of NAMES) {
      // The server's `failed` and the browser's own `error` are different things; no name of ours is one of the browser's.
      source.addEventListener(name, (message) => this.#receive(name, message));
    }
    source.onerror = () => this.#lost(source);
    this.#listener.link(this.#cursor ? "reconnecting" : "connecting");
  }

  /** Ends it; nothing is reported afterwards. */
  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #receive(name, message) {
    this.#tries = 0;
    if (message.lastEventId) this.#cursor = message.lastEventId;
    if (name === "hello") this.#listener.link("open");
    this.#listener.event(name, JSON.parse(message.data), message.lastEventId);
  }

  #lost(source) {
    if (source !== this.#source) return;
    this.#listener.link("reconnecting");
    if (source.readyState === EventSource.CLOSED) this.#inquire(source);
  }

  async #inquire(source) {
    const verdict = await this.#session.status().then(judge, () => null);
    if (source !== this.#source) return;
    if (verdict) {
      this.close();
      this.#listener.link("closed", verdict);
      return;
    }
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#tries, LONGEST_WAIT_MS);
    this.#tries += 1;
    // Spread, or every page would be back in the same moment.
    this.#timer = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2));
  }
}

/** Why there will never be a stream again, or null. */
async function judge(response) {
  return FINAL_STATUSES.has(response.status) ? explain(response) : null;
}

// What is known of the job: pure state, changed by events, read by the panel.

const TERMINAL = new Set(["done", "cancelled", "failed"]);
const NO_COUNTS = { discovered: 0, fetched: 0, failed: 0, skipped: 0, queued: 0, inFlight: 0 };

export class Job {
  /** The connection: `connecting`, `open`, `reconnecting`, `closed`. */
  link = "connecting";
  /** The job's own state, as the server said it last. */
  state = "queued";
  /** Whether the person has paused the stream. */
  paused = false;
  /** Whether the terminal event is here: nothing will follow it. */
  ended = false;
  counts = NO_COUNTS;
  connectionId = null;
  /** The first start page. */
  url = null;
  reason = null;
  elapsedMs = null;

  #startedAt = null;
  /** How far this machine's clock is ahead of the server's, in milliseconds. */
  #skew = 0;
  #position = 0;
  #head = 0;

  /** The one word for all of it. */
  get word() {
    if (this.ended) return this.state;
    if (this.link !== "open") return this.link;
    // The job is over, and its record is still on the way.
    if (TERMINAL.has(this.state)) return "replaying";
    return this.paused ? "paused" : this.state;
  }

  get percent() {
    const { discovered, fetched, failed, skipped } = this.counts;
    return discovered ? Math.floor(((fetched + failed + skipped) * 100) / discovered) : 0;
  }

  /** Milliseconds since the first attempt began; null before. */
  elapsed(now) {
    if (this.elapsedMs !== null) return this.elapsedMs;
    return this.#startedAt === null ? null : Math.max(0, now - this.#skew - this.#startedAt);
  }

  /** Takes an event in. Answers false for one that is here already. */
  apply(name, data, id) {
    if (name === "hello") return this.#greet(data);
    if (name === "bye") return true;
    if (name === "reset") {
      this.#position = data.from - 1;
      return true;
    }
    const position = positionOf(id);
    if (position <= this.#position) return false;
    this.#position = position;
    // `hello` brought the counters at the head: those of events before it would only turn them back.
    if (data.counts && position >= this.#head) this.counts = data.counts;
    this.#advance(name, data);
    return true;
  }

  #greet({ at, connectionId, state, counts, head }) {
    this.#skew = Date.now() - Date.parse(at);
    this.connectionId = connectionId;
    this.state = state;
    this.counts = counts;
    this.#head = positionOf(head);
    return true;
  }

  #advance(name, data) {
    if (name === "started") {
      this.#startedAt = Date.parse(data.at);
      this.url = data.request.urls[0];
      if (this.state === "queued") this.state = "running";
    } else if (TERMINAL.has(name)) {
      this.state = name;
      this.ended = true;
      this.paused = false;
      this.elapsedMs = data.elapsedMs;
      this.reason = data.reason;
    }
  }
}

/** The place in the log that `<attempt>-<position>` names. */
export function positionOf(id) {
  return Number(id.slice(id.indexOf("-") + 1)) || 0;
}

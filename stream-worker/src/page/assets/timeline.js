// The list of events, newest first.
//
// However many events arrive, each filter remembers its last MOST records and the page shows no more rows than that; the
// totals count all of them. A frame of the screen adds all new rows at once, so that a long replay costs a row per row
// shown, not per event. Whatever was crawled becomes text, never markup.

import { failure, number, resetReason, sentence, size, skipReason, span } from "./words.js";

const MOST = 500;
/** More new rows in one frame than this are a replay: they are not worth an entrance. */
const CALM = 12;
const FILTERS = ["all", "failed", "skipped", "notice"];

export class Timeline {
  #list;
  #filter = "all";
  #records;
  #totals;
  /** Records of the shown filter that have no row yet. */
  #fresh = 0;
  #stale = false;

  constructor(list) {
    this.#list = list;
    this.clear();
  }

  clear() {
    this.#records = Object.fromEntries(FILTERS.map((filter) => [filter, []]));
    this.#totals = Object.fromEntries(FILTERS.map((filter) => [filter, 0]));
    this.#stale = true;
  }

  show(filter) {
    this.#filter = filter;
    this.#stale = true;
  }

  total(filter) {
    return this.#totals[filter];
  }

  /** How many records of the shown filter have no row any more. */
  get hidden() {
    return this.#totals[this.#filter] - Math.min(this.#records[this.#filter].length, MOST);
  }

  get isEmpty() {
    return this.#totals[this.#filter] === 0;
  }

  /** Remembers an event of the log, or a `reset`. */
  add(name, data, position) {
    if (name === "reset") this.#forgetFrom(data.from);
    const record = RECORDS[name](data);
    record.position = position;
    this.#keep("all", record);
    if (record.filter) this.#keep(record.filter, record);
  }

  #keep(filter, record) {
    const records = this.#records[filter];
    records.push(record);
    // Trimmed rarely, so that adding stays cheap.
    if (records.length >= 2 * MOST) records.splice(0, records.length - MOST);
    this.#totals[filter] += 1;
    if (filter === this.#filter) this.#fresh += 1;
  }

  /** The log goes on from `from`: what was shown from there on was taken back, or comes again. */
  #forgetFrom(from) {
    if (from <= 1) return this.clear();
    for (const filter of FILTERS) {
      const kept = this.#records[filter].filter((record) => record.position < from);
      this.#totals[filter] -= this.#records[filter].length - kept.length;
      this.#records[filter] = kept;
    }
    this.#stale = true;
  }

  /** Brings the rows up to date. */
  render() {
    const records = this.#records[this.#filter];
    const count = Math.min(this.#stale ? records.length : this.#fresh, MOST);
    const rows = records.slice(records.length - count).reverse().map(row);
    if (!this.#stale && count <= CALM) rows.forEach((item) => item.classList.add("new"));
    if (this.#stale) this.#list.replaceChildren(...rows);
    else this.#list.prepend(...rows);
    while (this.#list.children.length > MOST) this.#list.lastElementChild.remove();
    this.#stale = false;
    this.#fresh = 0;
  }
}

/** How each event is remembered. `filter` names the filter besides `all` that shows it. */
const RECORDS = {
  progress: ({ url, depth, referrer, result }) =>
    result.outcome === "fetched" ? fetched(url, depth, result) : failed(url, depth, referrer, result.error),
  skipped: ({ url, reason }) => ({ kind: "skipped", filter: "skipped", mark: "skip", url, text: skipReason(reason) }),
  notice: ({ code, text }) => ({ kind: "notice", filter: "notice", mark: "note", text: sentence(text), code }),
  started: ({ worker }) => ({ kind: "started", mark: "start", text: "The crawl began.", meta: [worker] }),
  resumed: ({ attempt, worker }) => ({
    kind: "resumed",
    filter: "notice",
    mark: "resume",
    text: `Attempt ${attempt} took over where the last one stopped. Nothing was lost.`,
    meta: [worker],
  }),
  reset: ({ reason, from }) => ({
    kind: "reset",
    filter: "notice",
    mark: "reset",
    text: `${resetReason(reason)}: the list goes on from event ${number(from)}.`,
  }),
  done: ({ elapsedMs }) => ({ kind: "done", mark: "end", text: "The crawl is done.", meta: [span(elapsedMs)] }),
  cancelled: ({ elapsedMs }) => ({ kind: "cancelled", mark: "end", text: "The crawl was cancelled.", meta: [span(elapsedMs)] }),
  failed: ({ elapsedMs, reason }) => ({ kind: "aborted", mark: "end", text: sentence(`the crawl failed: ${reason}`), meta: [span(elapsedMs)] }),
};

function fetched(url, depth, { status, bytes, elapsedMs, title, links, redirectedTo, metadata }) {
  const meta = [size(bytes), span(elapsedMs), `${number(links)} ${links === 1 ? "link" : "links"}`, `depth ${depth}`];
  const hint = [metadata?.description, metadata?.language].filter(Boolean).join(" · ");
  return { kind: "fetched", mark: String(status), url, title, redirectedTo, meta, hint };
}

function failed(url, depth, referrer, error) {
  return { kind: "failed", filter: "failed", mark: failure(error), url, text: sentence(error.message), referrer, meta: [`depth ${depth}`] };
}

function row(record) {
  const item = document.createElement("li");
  item.dataset.kind = record.kind;
  if (record.code) item.dataset.code = record.code;
  const body = element("div", "body");
  // What a page says of itself shows where the pointer rests.
  if (record.hint) body.title = record.hint;
  if (record.title || record.text) body.append(element("span", "text", record.title ?? record.text));
  if (record.url) body.append(link(record.url, "url"));
  if (record.redirectedTo) body.append(related("→ ", record.redirectedTo));
  if (record.referrer) body.append(related("found on ", record.referrer));
  const meta = element("span", "meta");
  meta.append(...(record.meta ?? []).map((text) => element("span", "", text)));
  item.append(element("span", "mark", record.mark), body, meta);
  return item;
}

function related(words, url) {
  const line = element("span", "related", words);
  line.append(link(url, ""));
  return line;
}

/** A link to what was crawled; anything but a web address stays text. */
function link(url, className) {
  if (!/^https?:\/\//i.test(url)) return element("span", className, url);
  const anchor = element("a", className, url);
  anchor.href = url;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  return anchor;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

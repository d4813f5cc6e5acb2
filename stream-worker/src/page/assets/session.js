// What this page watches, and with which rights.
//
// It lives in the URL's fragment, so that a reload finds it again and no server's log or Referer ever holds a token:
//   #channel=<id>&token=<watch token>&control=<control token>&base=<service, where it is not this one>

/** Where this page's own service is, without a slash at the end: the page may be served below a path. */
export const HERE = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** One channel on one service. `control` is empty for a mere watcher, `watch` where only a control token is known. */
export class Session {
  constructor({ channel, watch = "", control = "", base = HERE }) {
    this.channel = channel;
    this.watch = watch;
    this.control = control;
    this.base = base;
  }

  /** The session that a submission was answered with. */
  static fromAnswer({ channelId, eventsUrl, token }) {
    const url = new URL(eventsUrl);
    const base = eventsUrl.slice(0, eventsUrl.indexOf("/v1/channels/"));
    return new Session({ channel: channelId, watch: url.searchParams.get("token") ?? "", control: token, base });
  }

  /** The session that a fragment names, or null. */
  static fromFragment(fragment) {
    const fields = new URLSearchParams(fragment.replace(/^#/, ""));
    const channel = fields.get("channel");
    const tokens = [fields.get("token"), fields.get("control")].filter(Boolean);
    if (!channel || tokens.length === 0) return null;
    return new Session({
      channel,
      watch: tokens.find((token) => !mayControl(token)),
      control: tokens.find(mayControl),
      base: webBase(fields.get("base")) ?? HERE,
    });
  }

  /** The fragment that brings this session back. */
  get fragment() {
    return this.#fragment(this.control);
  }

  /** The fragment to share: it grants watching only. Null where no watch token is known. */
  get sharedFragment() {
    return this.watch ? this.#fragment("") : null;
  }

  #fragment(control) {
    const fields = new URLSearchParams({ channel: this.channel });
    if (this.watch) fields.set("token", this.watch);
    if (control) fields.set("control", control);
    if (this.base !== HERE) fields.set("base", this.base);
    return `#${fields}`;
  }

  /** The stream's URL; with a cursor, from the event after it. */
  eventsUrl(cursor) {
    const url = this.#url("/events");
    url.searchParams.set("token", this.#token);
    if (cursor) url.searchParams.set("lastEventId", cursor);
    return url.href;
  }

  /** Where everything fetched so far can be had in `format`. */
  resultsUrl(format) {
    const url = this.#url("/results");
    url.searchParams.set("format", format);
    url.searchParams.set("token", this.#token);
    return url.href;
  }

  /** Asks for the snapshot of the job. */
  status() {
    return fetch(this.#url(""), { headers: { Authorization: `Bearer ${this.#token}` }, cache: "no-store" });
  }

  /** Asks for `pause`, `resume` or `cancel`. */
  command(verb, body) {
    const headers = { Authorization: `Bearer ${this.control}` };
    if (body) headers["Content-Type"] = "application/json";
    return fetch(this.#url(`/${verb}`), { method: "POST", headers, body: body && JSON.stringify(body) });
  }

  get #token() {
    return this.watch || this.control;
  }

  #url(rest) {
    return new URL(`${this.base}/v1/channels/${encodeURIComponent(this.channel)}${rest}`);
  }
}

/** A token reads `v1.<key id>.<expiry>.<scope>.<mac>`. The server judges it; the page only needs to know what to offer. */
function mayControl(token) {
  return token.split(".")[3] === "c";
}

/** `text` as the base of a service, if it is one. */
function webBase(text) {
  return text && /^https?:\/\//.test(text) && URL.canParse(text) ? text.replace(/\/$/, "") : null;
}

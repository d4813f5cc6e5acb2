// What the service's codes and numbers mean to a person.

const SKIP_REASONS = {
  robots: "robots.txt forbids it",
  nofollow: "links to it say nofollow",
  metaRobots: "a page's robots rules forbid it",
  limit: "the page limit was reached",
  depth: "too many link hops away",
  duration: "the time limit was reached",
  trap: "looks like one of endlessly many",
  duplicate: "same page as another",
  scope: "leads out of the crawl’s scope",
  blockedAddress: "an address that may not be dialled",
  tooLarge: "its URL is too long",
};

const FAILURES = {
  timeout: "too slow",
  dns: "no address",
  tls: "TLS failed",
  connect: "no connection",
  tooLarge: "too large",
  truncated: "cut short",
  protocol: "not HTTP",
  redirects: "redirects",
};

const ENDINGS = {
  complete: "Every page within reach has been crawled.",
  limit: "The page limit was reached.",
  duration: "The time limit was reached.",
  requested: "It was cancelled on request.",
  unwatched: "It was cancelled because nobody watched it any more.",
};

const FAREWELLS = {
  drain: "The server is restarting. The stream goes on by itself in a moment.",
  slow: "This connection took events too slowly and was closed. It goes on by itself in a moment.",
  overload: "The server is busy. The stream goes on by itself as soon as there is room.",
};

const RESETS = {
  malformed: "The place in the stream was not readable",
  unknown: "The place in the stream is not known here",
  lostTail: "The server lost its latest events in a crash",
  trimmed: "What follows the last place seen is no longer kept",
};

export const skipReason = (reason) => SKIP_REASONS[reason] ?? reason;
export const ending = (reason) => ENDINGS[reason] ?? sentence(reason ?? "");
/** Why the server closes the stream; null where that is no news. */
export const farewell = (reason) => FAREWELLS[reason] ?? null;
export const resetReason = (reason) => RESETS[reason] ?? reason;

/** A failure as short as a status. */
export const failure = ({ code, status }) => (code === "status" && status ? String(status) : (FAILURES[code] ?? code));

/** A problem document, or whatever else a response is, in words. */
export async function explain(response) {
  const problem = await response.json().catch(() => null);
  if (response.status === 404) {
    return "Nothing is here for this link: it is not complete, or it has expired.";
  }
  if (response.status === 410) return "The record of this crawl is no longer kept.";
  return sentence(problem?.detail ?? problem?.title ?? `The service answered ${response.status}.`);
}

/** `text` with a capital first and an end. */
export function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) || first === "" ? first : `${first}.`;
}

const whole = new Intl.NumberFormat("en");
export const number = (value) => whole.format(value);

export function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${(bytes / 1_000).toPrecision(3)} kB`;
  return `${(bytes / 1_000_000).toPrecision(3)} MB`;
}

export function span(ms) {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** `h:mm:ss`, without hours where there are none. */
export function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3_600);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

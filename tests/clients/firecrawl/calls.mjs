// What the programs of this folder have in common: calls come in as lines of JSON, `[name, ...arguments]`, and each is
// answered with lines of JSON that carry its number: any number of `{call, <what>: …}` while it runs, then `{call, answer}` or
// `{call, error}`. Calls run side by side.
import { createInterface } from "node:readline";

export const say = (line) => console.log(JSON.stringify(line));

/** Answers calls with these functions until there are no more; each takes a `tell` before its arguments. */
export async function answerCalls(functions) {
  let next = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...given] = JSON.parse(line);
    const call = next++;
    functions[name]((what, value) => say({ call, [what]: value ?? null }), ...given).then(
      (answer) => say({ call, answer: answer ?? null }),
      (error) => say({ call, error: plain(error) }),
    );
  }
  process.exit(0);
}

/** A client's error: what it says, and the status that it has kept, under whatever name. */
const plain = (error) => ({
  message: String(error.message ?? error),
  status: error.status ?? error.statusCode ?? null,
  details: error.details ?? null,
});

/** A document in short: where from, and the fields that it has. */
export const page = (document) => ({
  url: document.metadata?.sourceURL ?? null,
  status: document.metadata?.statusCode ?? null,
  title: document.metadata?.title ?? null,
  has: Object.keys(document).filter((field) => document[field] != null).sort(),
  markdown: document.markdown ?? null,
  html: document.html ?? null,
  links: document.links ?? null,
});

/** A job as its status tells it. */
export const job = ({ id, status, total, completed, creditsUsed, expiresAt, next, data }) => ({
  id: id ?? null,
  status,
  total,
  completed,
  creditsUsed: creditsUsed ?? null,
  expiresAt: expiresAt ?? null,
  next: next ?? null,
  pages: (data ?? []).map(page),
});

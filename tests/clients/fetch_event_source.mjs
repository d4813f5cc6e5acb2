// Follows a stream with @microsoft/fetch-event-source and its defaults: it comes back after an error, and resolves when a body
// ends cleanly. It was made for browsers, whose `window` and `document` it looks for.
import { createRequire } from "node:module";

globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = createRequire(import.meta.url)("@microsoft/fetch-event-source");

await fetchEventSource(process.argv[2], {
  onmessage: ({ event, id }) => console.log("event", event, id),
  onerror: (error) => console.log("broken", error.message),
});
console.log("ended");

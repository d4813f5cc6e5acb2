// Follows a stream with npm's `eventsource`, which comes back by itself until it is closed.
import { EventSource } from "eventsource";

const TERMINAL = ["done", "cancelled", "failed"];
const stream = new EventSource(process.argv[2]);
for (const name of ["hello", "reset", "bye", "started", "progress", "skipped", "notice", "resumed", ...TERMINAL]) {
  stream.addEventListener(name, ({ lastEventId }) => {
    console.log("event", name, lastEventId);
    if (TERMINAL.includes(name)) {
      stream.close();
      console.log("ended");
    }
  });
}
stream.addEventListener("message", () => console.log("a nameless event"));
stream.addEventListener("error", () => console.log("broken"));

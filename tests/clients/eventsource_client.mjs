// Follows a stream with npm's `eventsource-client`, which comes back by itself until it is closed.
import { createEventSource } from "eventsource-client";

const TERMINAL = ["done", "cancelled", "failed"];
const stream = createEventSource({
  url: process.argv[2],
  onMessage: ({ event, id }) => {
    console.log("event", event, id);
    if (TERMINAL.includes(event)) {
      stream.close();
      console.log("ended");
    }
  },
  onScheduleReconnect: ({ delay }) => console.log("broken", delay),
});

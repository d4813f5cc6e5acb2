// Crawls and prints each page as it is fetched.
//
//     npm install eventsource
//     node crawl.mjs [server] [url]
import { EventSource } from "eventsource";

const [server = "http://127.0.0.1:8080", url = "https://example.com/"] = process.argv.slice(2);

const answer = await fetch(`${server}/v1/crawls`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ url, limit: 50 }),
});
const accepted = await answer.json();
if (!answer.ok) throw new Error(accepted.detail);

// It comes back by itself after a cut, and goes on where it was.
const stream = new EventSource(accepted.eventsUrl);
stream.addEventListener("progress", (event) => console.log(JSON.parse(event.data).url));
for (const end of ["done", "cancelled", "failed"]) {
  stream.addEventListener(end, (event) => {
    console.log(`${end}: ${event.data}`);
    stream.close();
  });
}
stream.addEventListener("error", (error) => {
  if (stream.readyState === EventSource.CLOSED) throw new Error(error.message);
});

// npm `firecrawl` 1.21, which asks below /v1 and is what npm installs on Node 20: `v1.mjs <API> [<key>]`.
import { CrawlWatcher, default as FirecrawlApp } from "firecrawl-v1";

import { answerCalls, job, page } from "./calls.mjs";

const [apiUrl, apiKey] = process.argv.slice(2);
// Without a key it would take an environment's; a self-hosted API needs none.
const client = new FirecrawlApp({ apiUrl, apiKey: apiKey ?? "" });

/** Some of its functions answer with an object in place of an error. */
function whole(answer) {
  if (answer.success === false) throw new Error(answer.error);
  return answer;
}

async function watch(tell, id) {
  const watcher = new CrawlWatcher(id, client);
  watcher.addEventListener("document", ({ detail }) => tell("document", page(detail)));
  const end = new Promise((resolve) => {
    watcher.addEventListener("done", ({ detail }) => resolve(detail));
    watcher.addEventListener("error", ({ detail }) => resolve(detail));
  });
  tell("watching");
  const { status, error } = await end;
  if (error) tell("broken", error);
  return { status };
}

await answerCalls({
  crawl: async (_tell, url, options) => job(whole(await client.crawlUrl(url, options))),
  start: async (_tell, url, options) => whole(await client.asyncCrawlUrl(url, options)),
  status: async (_tell, id) => job(whole(await client.checkCrawlStatus(id, true))),
  firstPage: async (_tell, id) => job(whole(await client.checkCrawlStatus(id))),
  nextPage: async (_tell, url) => job(whole(await client.checkCrawlStatus("any", false, url))),
  cancel: async (_tell, id) => (await client.cancelCrawl(id)).status === "cancelled",
  errors: async (_tell, id) => client.checkCrawlErrors(id),
  map: async (_tell, url, options) => whole(await client.mapUrl(url, options)).links,
  scrape: async (_tell, url, options) => page(whole(await client.scrapeUrl(url, options))),
  batch: async (_tell, urls, { idempotencyKey, ...options }) =>
    job(whole(await client.batchScrapeUrls(urls, options, 1, idempotencyKey))),
  startBatch: async (_tell, urls, { idempotencyKey, ...options }) =>
    whole(await client.asyncBatchScrapeUrls(urls, options, idempotencyKey)),
  search: async (_tell, query) => whole(await client.search(query)),
  watch,
});

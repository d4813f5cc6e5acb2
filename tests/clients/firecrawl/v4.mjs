// npm `firecrawl` 4, which asks below /v2: `v4.mjs <API> [<key>]`.
import { Firecrawl } from "firecrawl";

import { answerCalls, job, page } from "./calls.mjs";

const [apiUrl, apiKey] = process.argv.slice(2);
const client = new Firecrawl({ apiUrl, apiKey });

async function watch(tell, id, kind = "crawl") {
  const watcher = client.watcher(id, { kind, pollInterval: 1 });
  watcher.on("document", (document) => tell("document", page(document)));
  watcher.on("snapshot", (snapshot) => tell("snapshot", job(snapshot)));
  watcher.on("error", ({ error }) => tell("broken", error));
  let end = null;
  watcher.on("done", (done) => { end = done.status; });
  const watched = watcher.start();
  tell("watching");
  await watched;
  return { status: end };
}

await answerCalls({
  crawl: async (_tell, url, options) => job(await client.crawl(url, { ...options, pollInterval: 1 })),
  start: async (_tell, url, options) => client.startCrawl(url, options),
  status: async (_tell, id) => job(await client.getCrawlStatus(id)),
  firstPage: async (_tell, id) => job(await client.getCrawlStatus(id, { autoPaginate: false })),
  nextPage: async (_tell, url) => job(await (await fetch(url, { headers: authorization() })).json()),
  cancel: async (_tell, id) => client.cancelCrawl(id),
  errors: async (_tell, id) => client.getCrawlErrors(id),
  active: async () => (await client.getActiveCrawls()).crawls,
  preview: async (_tell, url, prompt) => client.crawlParamsPreview(url, prompt),
  map: async (_tell, url, options) => (await client.map(url, options)).links.map((link) => link.url),
  scrape: async (_tell, url, options) => page(await client.scrape(url, options)),
  batch: async (_tell, urls, options) => job(await client.batchScrape(urls, { ...options, pollInterval: 1 })),
  startBatch: async (_tell, urls, options) => client.startBatchScrape(urls, options),
  cancelBatch: async (_tell, id) => client.cancelBatchScrape(id),
  batchErrors: async (_tell, id) => client.getBatchScrapeErrors(id),
  search: async (_tell, query) => client.search(query),
  watch,
});

function authorization() {
  return apiKey ? { authorization: `Bearer ${apiKey}` } : {};
}

"""PyPI `firecrawl-py` 4 with its ordinary client: `sync.py <API> [<key>]`."""

import sys
import threading

from firecrawl import Firecrawl
from firecrawl.v2.types import Document, PaginationConfig
from firecrawl.v2.utils.normalize import normalize_document_input

from calls import active, batch_options, calls, crawl_options, errors, job, page, plain, say, snake, started

client = Firecrawl(api_url=sys.argv[1], api_key=sys.argv[2] if len(sys.argv) > 2 else None)


def watch(tell, id, kind="crawl"):
    watcher, over, end = client.watcher(id, kind=kind, poll_interval=1), threading.Event(), []

    def snapshot(status):
        tell("snapshot", job(status))
        if status.status in ("completed", "failed", "cancelled"):
            end.append(status.status)
            over.set()

    def failed(detail):
        tell("broken", detail.get("error"))
        end.append(detail["status"])
        over.set()

    watcher.add_event_listener("document", lambda event: tell("document", page(Document(**normalize_document_input(event["data"])))))
    watcher.add_event_listener("error", failed)
    watcher.add_listener(snapshot)
    watcher.start()
    tell("watching", None)
    over.wait()
    watcher.stop()
    return {"status": end[0]}


FUNCTIONS = {
    "crawl": lambda _, url, options: job(client.crawl(url, poll_interval=1, **crawl_options(options))),
    "start": lambda _, url, options: started(client.start_crawl(url, **crawl_options(options))),
    "status": lambda _, id: job(client.get_crawl_status(id)),
    "firstPage": lambda _, id: job(client.get_crawl_status(id, PaginationConfig(auto_paginate=False))),
    "nextPage": lambda _, url: job(client.get_crawl_status_page(url)),
    "cancel": lambda _, id: client.cancel_crawl(id),
    "errors": lambda _, id: errors(client.get_crawl_errors(id)),
    "active": lambda _: active(client.get_active_crawls()),
    "preview": lambda _, url, prompt: started(client.crawl_params_preview(url, prompt)),
    "map": lambda _, url, options: [link.url for link in client.map(url, **snake(options)).links],
    "scrape": lambda _, url, options: page(client.scrape(url, **snake(options))),
    "batch": lambda _, urls, options: job(client.batch_scrape(urls, poll_interval=1, **batch_options(options))),
    "startBatch": lambda _, urls, options: started(client.start_batch_scrape(urls, **batch_options(options))),
    "cancelBatch": lambda _, id: client.cancel_batch_scrape(id),
    "batchErrors": lambda _, id: errors(client.get_batch_scrape_errors(id)),
    "search": lambda _, query: started(client.search(query)),
    "watch": watch,
}


def run(call, name, given):
    try:
        say({"call": call, "answer": FUNCTIONS[name](lambda what, value: say({"call": call, what: value}), *given)})
    except Exception as error:
        say({"call": call, "error": plain(error)})


for call, name, given in calls():
    threading.Thread(target=run, args=(call, name, given), daemon=True).start()

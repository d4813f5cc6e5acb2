"""PyPI `firecrawl-py` 4 with its asynchronous client: `aio.py <API> [<key>]`."""

import asyncio
import sys

from firecrawl import AsyncFirecrawl
from firecrawl.v2.types import PaginationConfig

from calls import active, batch_options, calls, crawl_options, errors, job, page, plain, say, snake, started

client = AsyncFirecrawl(api_url=sys.argv[1], api_key=sys.argv[2] if len(sys.argv) > 2 else None)


async def watch(tell, id, kind="crawl"):
    tell("watching", None)
    end = None
    async for snapshot in client.watcher(id, kind=kind, poll_interval=1):
        tell("snapshot", job(snapshot))
        end = snapshot.status
    return {"status": end}


async def cancel(_, id):
    return await client.cancel_crawl(id)


async def links(_, url, options):
    return [link.url for link in (await client.map(url, **snake(options))).links]


async def following(_, url):
    return job(await client.get_crawl_status_page(url))


def then(plainly, call):
    """A function that makes its answer plain."""

    async def both(_, *given):
        return plainly(await call(*given))

    return both


FUNCTIONS = {
    "crawl": then(job, lambda url, options: client.crawl(url=url, poll_interval=1, **crawl_options(options))),
    "start": then(started, lambda url, options: client.start_crawl(url, **crawl_options(options))),
    "status": then(job, lambda id: client.get_crawl_status(id)),
    "firstPage": then(job, lambda id: client.get_crawl_status(id, PaginationConfig(auto_paginate=False))),
    "nextPage": following,
    "cancel": cancel,
    "errors": then(errors, lambda id: client.get_crawl_errors(id)),
    "active": then(active, lambda: client.get_active_crawls()),
    "preview": then(started, lambda url, prompt: client.crawl_params_preview(url, prompt)),
    "map": links,
    "scrape": then(page, lambda url, options: client.scrape(url, **snake(options))),
    "batch": then(job, lambda urls, options: client.batch_scrape(urls, poll_interval=1, **batch_options(options))),
    "startBatch": then(started, lambda urls, options: client.start_batch_scrape(urls, **batch_options(options))),
    "cancelBatch": then(bool, lambda id: client.cancel_batch_scrape(id)),
    "batchErrors": then(errors, lambda id: client.get_batch_scrape_errors(id)),
    "search": then(started, lambda query: client.search(query)),
    "watch": watch,
}


async def run(call, name, given):
    try:
        say({"call": call, "answer": await FUNCTIONS[name](lambda what, value: say({"call": call, what: value}), *given)})
    except Exception as error:
        say({"call": call, "error": plain(error)})


async def main():
    loop, tasks, lines = asyncio.get_running_loop(), set(), calls()
    while True:
        line = await loop.run_in_executor(None, next, lines, None)
        if line is None:
            return
        # The loop keeps no task that nobody else holds.
        tasks.add(asyncio.create_task(run(*line)))


asyncio.run(main())

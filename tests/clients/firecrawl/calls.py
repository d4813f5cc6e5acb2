"""What the programs of this folder have in common; the protocol is that of `calls.mjs`."""

import json
import re
import sys
import threading

from firecrawl.v2.types import ScrapeOptions, WebhookConfig

OUTPUT = threading.Lock()


def say(line):
    with OUTPUT:
        print(json.dumps(line, default=str), flush=True)


def calls():
    """Yields number, name and arguments of each call."""
    for number, line in enumerate(sys.stdin):
        name, *given = json.loads(line)
        yield number, name, given


def plain(error):
    """A client's error: what it says, and the status that it has kept."""
    return {"message": str(error), "status": getattr(error, "status_code", None), "details": None}


def snake(options):
    """Options as Python spells them."""
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower(): value for name, value in (options or {}).items()}


def crawl_options(options):
    options = snake(options)
    if "scrape_options" in options:
        options["scrape_options"] = ScrapeOptions(**snake(options["scrape_options"]))
    if isinstance(options.get("webhook"), dict):
        options["webhook"] = WebhookConfig(**options["webhook"])
    return options


def batch_options(options):
    """The JavaScript client takes a page's options under a name of their own, this one beside the rest."""
    options = snake(options)
    return options | snake(options.pop("options", None))


def page(document):
    """A document in short: where from, and the fields that it has."""
    metadata = document.metadata_dict
    fields = document.model_dump(exclude_none=True)
    return {
        "url": metadata.get("source_url"),
        "status": metadata.get("status_code"),
        "title": metadata.get("title"),
        "has": sorted("rawHtml" if field == "raw_html" else field for field in fields),
        "markdown": document.markdown,
        "html": document.html,
        "links": document.links,
    }


def job(status, id=None):
    """A job as its status tells it."""
    return {
        "id": id,
        "status": status.status,
        "total": status.total,
        "completed": status.completed,
        "creditsUsed": status.credits_used,
        "expiresAt": status.expires_at,
        "next": status.next,
        "pages": [page(document) for document in status.data],
    }


def started(answer):
    return answer.model_dump(exclude_none=True)


def errors(answer):
    # The asynchronous client has no type for those of a batch.
    if isinstance(answer, dict):
        return {"errors": answer["errors"], "robotsBlocked": answer["robotsBlocked"]}
    return {"errors": [error.model_dump() for error in answer.errors], "robotsBlocked": answer.robots_blocked}


def active(answer):
    return [crawl.model_dump() for crawl in answer.crawls]

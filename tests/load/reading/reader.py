"""Crawlcast as a reader: a worker on a fresh data directory crawls a site, and its results are read back."""

import contextlib
import json
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

DEADLINE = 900


def read(worker, site, pages, formats):
    """What the worker hands out for each page's path, and the CPU seconds of all of them."""
    with tempfile.TemporaryDirectory() as directory, running(worker, directory) as (process, base):
        before = cpu_of(process.pid)
        wanted = {
            "url": site.url + "/",
            "limit": len(pages) + 1,
            "maxDiscoveryDepth": 1,
            "maxConcurrency": 16,
            "maxConcurrencyPerHost": 16,
            "sitemap": "skip",
            "respectMetaRobots": False,
            "respectNofollow": False,
            "deduplicateContent": False,
            "trapExemptions": ["^/"],
            "formats": formats,
        }
        accepted = post(f"{base}/v1/crawls", wanted)
        with urllib.request.urlopen(accepted["eventsUrl"], timeout=DEADLINE) as stream:
            ended = any(line.replace(b" ", b"") == b"event:done\n" for line in stream)
        assert ended, "the crawl did not end with done"
        cpu = cpu_of(process.pid) - before
        channel = f"{base}/v1/channels/{accepted['channelId']}/results?format=ndjson&token={accepted['token']}"
        with urllib.request.urlopen(channel, timeout=DEADLINE) as lines:
            events = [json.loads(line) for line in lines]
    return {event["url"].removeprefix(site.url): event.get("result", {}) for event in events}, cpu


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        return json.load(urllib.request.urlopen(request, timeout=DEADLINE))
    except urllib.error.HTTPError as refused:
        raise SystemExit(refused.read().decode()) from None


@contextlib.contextmanager
def running(worker, directory):
    process = subprocess.Popen(
        [worker, "serve", "--listen", "127.0.0.1:0", "--allow-nets", "127.0.0.0/8"]
        + ["--log", "warn", "--data-dir", directory],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, process.stdout.readline().strip().removeprefix("listening on ")
    finally:
        process.terminate()
        process.wait()


def cpu_of(pid):
    """In seconds; of threads that have not ended."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

"""Crawls the same sites with several crawlers in turn and prints what each page cost.

Pages are counted by the site, which is a process of its own and keeps every page in memory. CPU is user and system time
of the crawler's processes, memory is its peak resident size. Crawlcast is a worker on a fresh data directory, with its
durable journal and one live watcher, who has to see the end.
"""

import argparse
import contextlib
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

SITES = [
    "500",
    "2000",
    "10000",
    "linked:10000",
    "hosts:1000",
    "/usr/share/doc/postgresql-doc-15/html",
    ".cache/openjdk-17-doc/usr/share/doc/openjdk-17-jre-headless/api",
]
DEADLINE = 600


@dataclass
class Cost:
    wall: float
    cpu: float
    rss: float
    pages: int = 0


class Site:
    """The site under crawl: a number of generated pages or hosts, or a directory."""

    def __init__(self, program, what):
        self.is_many = what.startswith("hosts:")
        self.process = subprocess.Popen(
            [program, "site", what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().strip().removeprefix("listening on ") + "/"
        self.pages = int(self.process.stdout.readline().removeprefix("pages "))

    def fetched(self):
        """Different pages that were fetched since this was last asked."""
        self.process.stdin.write("count\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def run_alone(command):
    """Runs a crawler that ends by itself."""
    with tempfile.TemporaryDirectory() as directory:
        began, peak = time.monotonic(), 0
        child = subprocess.Popen(
            command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        ended = os.pidfd_open(child.pid)
        # What wait4 says of memory includes that of this program, before it became the crawler.
        while not select.select([ended], [], [], 0.002)[0]:
            with contextlib.suppress(OSError, StopIteration):
                peak = max(peak, peak_of(child.pid))
        _pid, _status, used = os.wait4(child.pid, 0)
        os.close(ended)
        return Cost(time.monotonic() - began, used.ru_utime + used.ru_stime, peak)


def spider(options, site):
    return run_alone([options.spider, site.url])


def scrapy(options, site):
    peer = Path(__file__).with_name("scrapy_peer.py")
    return run_alone([options.scrapy, str(peer), site.url])


def wget2(_options, site):
    rejected = r"\.(css|png|svg|js)$"
    arguments = ["-q", "-r", "-l", "inf", "--no-parent", "--no-robots", "--max-threads=16", "--no-config"]
    if site.is_many:
        arguments.append("--span-hosts")
    return run_alone(["wget2", *arguments, "--filter-urls", f"--reject-regex={rejected}", "--delete-after", site.url])


def crawlcast(options, site):
    with (
        tempfile.TemporaryDirectory() as directory,
        worker(options, directory) as (process, base),
        recorded(options.perf, process),
    ):
        began, before = time.monotonic(), cpu_of(process.pid)
        wanted = {
            "url": site.url,
            "limit": 100_000,
            "maxDiscoveryDepth": 1000,
            "maxConcurrency": 16,
            "sitemap": "skip",
        }
        wanted |= {"scope": "any"} if site.is_many else {"maxConcurrencyPerHost": 16}
        request = urllib.request.Request(
            f"{base}/v1/crawls", json.dumps(wanted).encode(), {"content-type": "application/json"}
        )
        accepted = json.load(urllib.request.urlopen(request, timeout=DEADLINE))
        with urllib.request.urlopen(accepted["eventsUrl"], timeout=DEADLINE) as stream:
            ended = any(line.startswith(b"event: done") or line == b"event:done\n" for line in stream)
        assert ended, "the watcher did not see the end"
        return Cost(time.monotonic() - began, cpu_of(process.pid) - before, peak_of(process.pid))


@contextlib.contextmanager
def recorded(file, process):
    """Samples a process with `perf` into a file, if one is named."""
    if not file:
        yield
        return
    # The software clock: a virtual machine has no other.
    sampler = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "2000", "-p", str(process.pid), "-o", file])
    try:
        yield
    finally:
        sampler.terminate()
        sampler.wait()


@contextlib.contextmanager
def worker(options, directory):
    process = subprocess.Popen(
        [options.worker, "serve", "--listen", "127.0.0.1:0", "--allow-nets", "127.0.0.0/8"]
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
    """In nanoseconds, unlike `/proc/<pid>/stat`; of threads that have not ended."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def peak_of(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


CRAWLERS = {"Crawlcast": crawlcast, "spider": spider, "wget2": wget2, "Scrapy": scrapy}
# The others are set up to stay on one host.
OF_MANY_HOSTS = {"Crawlcast", "wget2"}


def measure(options, site):
    """The medians of each crawler on one site."""
    may_crawl = OF_MANY_HOSTS if site.is_many else CRAWLERS
    crawlers = {name: CRAWLERS[name] for name in options.crawlers if name in may_crawl}
    rounds = {name: [] for name in crawlers}
    for _ in range(options.rounds):
        for name, crawl in crawlers.items():
            site.fetched()
            cost = crawl(options, site)
            cost.pages = site.fetched()
            rounds[name].append(cost)
            print(f"  {name}: {cost}", file=sys.stderr)
    median = lambda costs, what: statistics.median(getattr(cost, what) for cost in costs)
    return {
        name: Cost(*(median(costs, what) for what in ("wall", "cpu", "rss", "pages")))
        for name, costs in rounds.items()
    }


def name_of(what, pages):
    if what.isdigit():
        return f"{what} pages of 14 KB, 20 links each"
    if what.startswith("hosts:"):
        return f"{what.removeprefix('hosts:')} hosts of 10 pages of 14 KB"
    if what.startswith("linked:"):
        return f"{pages} pages of 26 KB, 130 links each"
    return f"`{Path(what).parent.name}`, {pages} pages"


def rows(what, site, costs):
    ours = costs.get("Crawlcast", Cost(0, 0, 0))
    ours = ours.cpu / max(ours.pages, 1)
    name = name_of(what, site.pages)
    for crawler, cost in costs.items():
        per_page = cost.cpu / max(cost.pages, 1)
        yield (
            f"| {name} | {crawler} | {cost.pages:.0f} ({site.pages - cost.pages:.0f}) | {cost.wall:.2f} s "
            f"| {cost.cpu:.2f} s | {per_page * 1e3:.2f} ms | {per_page / ours if ours else 0:.1f} | {cost.rss:.0f} MiB |"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for program in ("--site", "--worker", "--spider", "--scrapy"):
        parser.add_argument(program, required=True, type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--crawlers", nargs="*", default=list(CRAWLERS), choices=list(CRAWLERS))
    parser.add_argument("--perf", type=os.path.abspath, help="file for a profile of Crawlcast's last crawl")
    parser.add_argument("--sites", nargs="*", default=SITES, help="as `load site` takes them")
    options = parser.parse_args()
    table = []
    for what in options.sites:
        print(what, file=sys.stderr)
        site = Site(options.site, what)
        table.extend(rows(what, site, measure(options, site)))
        site.close()
    print("\n| site | crawler | pages (missed) | wall | CPU | CPU per page | × ours | peak memory |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    print("\n".join(table))


if __name__ == "__main__":
    main()

"""The links of pages by two judges: a DOM of the same bytes by the HTML and URL standards, and Chromium's."""

import contextlib
import json
import re
import subprocess
import urllib.request
from collections import Counter

import ada_url
from selectolax.lexbor import LexborHTMLParser

LINKS = {"a": "href", "area": "href", "iframe": "src", "frame": "src"}
REFRESH = re.compile(r"^\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)", re.IGNORECASE)
SPACE = " \t\n\r\f"

# Chromium parses the response itself: it finds the encoding and the base. No script of the page runs.
IN_BROWSER = """
const [urls, done] = arguments;
const links = async (url) => new Promise((resolve) => {
  const request = new XMLHttpRequest();
  request.open("GET", url);
  request.responseType = "document";
  request.onload = () => resolve(Array.from(request.response.querySelectorAll("a[href], area[href], iframe[src], frame[src]"),
    (element) => element.href ?? element.src));
  request.onerror = () => resolve(null);
  request.send();
});
(async () => { const all = []; for (const url of urls) all.push(await links(url)); done(all); })();
"""


def page_links(urls):
    """Of these, those that lead to pages, without fragment."""
    found = set()
    for url in urls:
        url = url.partition("#")[0]
        with contextlib.suppress(ValueError):
            parsed = ada_url.URL(url)
            if parsed.protocol in ("http:", "https:") and not parsed.username and not parsed.password:
                found.add(parsed.href)
    return found


def in_dom(page, url):
    """By Lexbor, which parses by the HTML standard, with `<base>` and the refresh element; and how many references there are."""
    tree = LexborHTMLParser(page.source)
    base = next((node.attributes["href"] or "" for node in tree.css("base[href]")), None)
    if base is not None:
        with contextlib.suppress(ValueError):
            url = ada_url.join_url(url, base.strip(SPACE))
    written = []
    for node in tree.css(", ".join(f"{tag}[{attribute}]" for tag, attribute in LINKS.items())):
        # The selector also finds `xlink:href`, which is another attribute.
        if LINKS[node.tag] in node.attributes:
            written.append(node.attributes[LINKS[node.tag]] or "")
    for node in tree.css("meta[http-equiv]"):
        refresh = REFRESH.match(node.attributes.get("content") or "")
        if (node.attributes["http-equiv"] or "").lower() == "refresh" and refresh:
            written.append(refresh[1])
    resolved = []
    for reference in written:
        with contextlib.suppress(ValueError):
            resolved.append(ada_url.join_url(url, reference.strip(SPACE)))
    return page_links(resolved), len(set(written))


def in_chromium(site, pages):
    """By Chromium, for each page, and how many references there are; None where it could not read one."""
    with session() as run:
        run("url", {"url": site.url + "/"})
        run("timeouts", {"script": 600_000})
        urls = [site.url + page.path for page in pages]
        all_found = run("execute/async", {"script": IN_BROWSER, "args": [urls]})
    for found in all_found:
        # Within a drawing, `href` is no string.
        yield None if found is None else (page_links(url for url in found if isinstance(url, str)), len(found))


@contextlib.contextmanager
def session():
    """A browser that ChromeDriver has started on a free port; yields a function that runs one of its commands."""
    driver = subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        line = next(line for line in driver.stdout if "on port" in line and "successfully" in line)
        port = re.search(r"port (\d+)", line)[1]
        base = f"http://127.0.0.1:{port}"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        options = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}}
        identity = command(f"{base}/session", options)["sessionId"]
        try:
            yield lambda name, body: command(f"{base}/session/{identity}/{name}", body)
        finally:
            urllib.request.urlopen(urllib.request.Request(f"{base}/session/{identity}", method="DELETE"))
    finally:
        driver.terminate()
        driver.wait()


def command(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=900))["value"]


class Differences:
    """Links that one reader has and the other has not, by their reason."""

    def __init__(self):
        self.pages = 0
        self.links = 0
        self.reasons = Counter()
        self.found = []

    def compare(self, page, ours, theirs, references):
        self.pages += 1
        self.links += len(theirs)
        for kind, links in (("missing", theirs - ours), ("not in the DOM", ours - theirs)):
            for link in sorted(links):
                reason = explain(kind, link, references)
                self.reasons[reason or "unexplained"] += 1
                self.found.append((page, f"{kind}: {link}" + (f" ({reason})" if reason else "")))


def explain(kind, link, references):
    if kind == "missing" and len(link) > 8 * 1024:
        return "longer than 8 KiB, which nothing fetches"
    if kind == "missing" and references > 10_000:
        return "past the first 10,000 references of a page, counted with their fragments"
    return None

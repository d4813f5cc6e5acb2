"""The pages that are read: documentation of many generators and labelled pages, and a server for them."""

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
MAX_BYTES = 2 * 1024 * 1024
DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Generator:
    """The pages of one package, and where their main content stands: a label by hand for all of them."""

    package: str
    name: str
    main: str
    around: str

    @staticmethod
    def all():
        for line in (HERE / "packages.txt").read_text().splitlines():
            head, main, around = (part.strip() for part in line.split("|"))
            package, name = head.split(" ", 1)
            yield Generator(package, name.replace("-and-", ", ").replace("-", " "), main, around)


@dataclass(frozen=True, eq=False)
class Page:
    file: Path
    path: str
    generator: Generator | None = None
    labels: dict | None = None

    @property
    def html(self):
        return self.file.read_bytes()

    @property
    def source(self):
        """Its text as a browser decodes it; in these packages what is not declared is UTF-8 or Western."""
        html = self.html
        declared = DECLARED.search(html[:1024])
        charset = declared[1].decode().lower() if declared else "utf-8"
        charset = "cp1252" if charset in ("iso-8859-1", "latin-1", "us-ascii", "ascii") else charset
        return html.decode(charset, "replace").replace("\x00", "\ufffd").removeprefix("\ufeff")


def documentation(cache, wanted):
    """About as many pages as are wanted, spread evenly over the generators and over the pages of each."""
    found = {}
    for generator in Generator.all():
        root = cache / "packages" / generator.package
        files = (file for file in sorted(root.rglob("*.html")) if file.is_file() and not file.is_symlink())
        found[generator] = [file for file in files if 500 < file.stat().st_size <= MAX_BYTES]
    pages, left = [], wanted
    by_size = sorted(found, key=lambda generator: len(found[generator]))
    for place, generator in enumerate(by_size):
        files = found[generator]
        share = min(len(files), left // (len(by_size) - place))
        left -= share
        root = cache / "packages"
        for step in range(share):
            file = files[step * len(files) // share]
            pages.append(Page(file, "/" + quote(str(file.relative_to(root))), generator))
    return pages


def labelled_by_sentences(cache):
    """Trafilatura's own evaluation set: sentences that belong to the main text, and sentences that do not."""
    root = cache / "labelled" / "trafilatura-0.9.3" / "tests" / "cache"
    entries = json.loads((cache / "labelled" / "entries.json").read_text())
    files = ((root / entry["file"], entry) for entry in entries)
    return [Page(file, "/sentences/" + quote(file.name), labels=entry) for file, entry in files if file.is_file()]


def labelled_by_text(cache):
    """Readability's test pages, with the main text of each."""
    sources = sorted((cache / "labelled" / "readability").glob("*/source.html"))
    expected = lambda source: source.with_name("expected.html").read_text(errors="replace")
    path = lambda source: f"/readability/{quote(source.parent.name)}/source.html"
    return [Page(source, path(source), labels={"expected": expected(source)}) for source in sources]


class Site:
    """Serves pages, and a start page that links to all of them, on a free port."""

    def __init__(self, pages):
        files = {page.path: page.file for page in pages}
        start = "".join(f'<a href="{page.path}">x</a>\n' for page in pages)
        start = f"<!doctype html><title>Start</title>{start}".encode()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.partition("?")[0]
                body = start if path == "/" else files[path].read_bytes() if path in files else None
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.server.shutdown()

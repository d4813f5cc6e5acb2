"""Crawls and prints each page as it is fetched. Needs nothing but Python.

python3 crawl.py [server] [url]
"""

import http.client
import json
import sys
import time
import urllib.error
import urllib.request

ENDS = ("done", "cancelled", "failed")


def submit(server, crawl):
    request = urllib.request.Request(
        f"{server}/v1/crawls", json.dumps(crawl).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["eventsUrl"]


def events(events_url):
    """Every event once, as its name and its data, over as many connections as it takes."""
    cursor, pause = "", 1.0
    while True:
        request = urllib.request.Request(events_url, headers={"Last-Event-ID": cursor})
        try:
            # A stream without events has a heartbeat every 20 seconds.
            with urllib.request.urlopen(request, timeout=60) as stream:
                frame = {}
                for line in stream:
                    if line != b"\n":
                        field, _, value = line.decode().rstrip("\n").partition(":")
                        frame[field] = value
                        continue
                    cursor, pause = frame["id"], int(frame.get("retry", pause * 1000)) / 1000
                    yield frame["event"], json.loads(frame["data"])
                    if frame["event"] in ENDS:
                        return
                    frame = {}
        except urllib.error.HTTPError as error:
            if error.code < 500:  # else a proxy whose worker is restarting
                raise
        except (OSError, http.client.HTTPException):
            pass  # cut
        time.sleep(pause)


def main():
    server = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
    url = sys.argv[2] if len(sys.argv) > 2 else "https://example.com/"
    for name, data in events(submit(server, {"url": url, "limit": 50})):
        if name == "progress":
            print(data["url"], flush=True)
        elif name in ENDS:
            print(f"{name}: {data['counts']}", flush=True)


main()

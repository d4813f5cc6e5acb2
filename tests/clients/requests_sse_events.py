"""Follows a stream with `requests-sse`, which comes back by itself until it is closed."""

import sys

from requests_sse import EventSource

TERMINAL = {"done", "cancelled", "failed"}


def broken():
    print("broken", flush=True)


with EventSource(sys.argv[1], timeout=60, on_error=broken) as stream:
    for event in stream:
        print("event", event.type, event.last_event_id, flush=True)
        if event.type in TERMINAL:
            break
print("ended", flush=True)

"""Follows a stream with `httpx` and `httpx-sse`."""

import httpx
import httpx_sse

from follow import follow

http = httpx.Client(timeout=60)


def connection(url, cursor):
    with httpx_sse.connect_sse(http, "GET", url, headers={"Last-Event-ID": cursor}) as stream:
        stream.response.raise_for_status()
        if stream.response.status_code != 204:
            for event in stream.iter_sse():
                yield event.event, event.id


follow(connection, httpx.HTTPError)

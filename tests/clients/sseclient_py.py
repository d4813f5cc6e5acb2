"""Follows a stream with `sseclient-py` on top of `requests`."""

import requests
import sseclient

from follow import follow


def connection(url, cursor):
    with requests.get(url, headers={"Last-Event-ID": cursor}, stream=True, timeout=60) as answer:
        answer.raise_for_status()
        for event in sseclient.SSEClient(answer).events():
            yield event.event, event.id


follow(connection, requests.RequestException)

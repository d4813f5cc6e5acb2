"""Follows a stream with `requests` alone, reading lines as its documentation does for streams."""

import requests

from follow import follow


def connection(url, cursor):
    with requests.get(url, headers={"Last-Event-ID": cursor}, stream=True, timeout=60) as answer:
        answer.raise_for_status()
        frame = {}
        for line in answer.iter_lines(chunk_size=None, decode_unicode=False):
            field, _, value = line.decode().partition(":")
            if line:
                frame[field] = value
            elif "data" in frame:
                yield frame["event"], frame["id"]
                frame = {}


follow(connection, requests.RequestException)

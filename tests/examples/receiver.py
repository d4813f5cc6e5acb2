"""Receives a webhook's posts, refuses what is not genuine, and prints every event once. Needs nothing but Python.

WEBHOOK_SECRET='at least 16 characters' python3 receiver.py [port]
"""

import base64
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WEBHOOK_SECRET"]
TOLERANCE = 300  # seconds between the two clocks; older posts may be copies
last = {}  # channel → position of its last event; a real receiver keeps it where it keeps the events


def is_genuine(headers, body, secret):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(secret.encode(), signed, "sha256")
    return hmac.compare_digest((headers["webhook-signature"] or "").encode(), b"v1," + base64.b64encode(digest))


def is_recent(headers):
    return abs(time.time() - int(headers["webhook-timestamp"])) < TOLERANCE


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        genuine = is_genuine(self.headers, body, SECRET) and is_recent(self.headers)
        if genuine:
            self.take(json.loads(body))
        # Only after the events are kept: what is not answered with a 2xx is posted again.
        self.send_response(204 if genuine else 401)
        self.end_headers()

    def take(self, post):
        channel = post["channelId"]
        for event in post["events"]:
            # In order, and at least once: what is not behind the last one has been here before.
            position = int(event["id"].split("-")[1])
            if position > last.get(channel, 0):
                last[channel] = position
                print(channel, event["id"], event["event"], json.dumps(event["data"]), flush=True)


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}/hook", flush=True)
    server.serve_forever()


main()

"""The loop that a program needs whose library does not come back by itself.

Prints `event <name> <id>` for each event, `broken <error>` when a body breaks off, and `ended` when a body ends cleanly. It comes
back with its cursor after either, until a body has ended cleanly after a terminal event.
"""

import sys
import time

TERMINAL = {"done", "cancelled", "failed"}
PAUSE = 0.2  # seconds; a program in the field would take the stream's `retry`


def follow(connection, broken):
    """`connection(url, cursor)` yields name and ID of each event on one connection, and raises a `broken` where it is cut."""
    url, cursor, is_over = sys.argv[1], "", False
    while True:
        try:
            for name, cursor in connection(url, cursor):
                print("event", name, cursor, flush=True)
                is_over = is_over or name in TERMINAL
            print("ended", flush=True)
            if is_over:
                return
        except broken as error:
            print("broken", type(error).__name__, flush=True)
        time.sleep(PAUSE)

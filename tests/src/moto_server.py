"""moto's server with a clock that its owner turns: each line on stdin is so many seconds, and is echoed once they have passed.

The server ends with its stdin, so that none outlives a test that was killed.
"""

import os
import sys
import threading

import moto.sqs.models as sqs
from moto.server import main

ahead = 0.0
unix_time, unix_time_millis = sqs.unix_time, sqs.unix_time_millis
sqs.unix_time = lambda *of: unix_time(*of) + ahead
sqs.unix_time_millis = lambda *of: unix_time_millis(*of) + ahead * 1000


def turn():
    global ahead
    for line in sys.stdin:
        ahead += float(line)
        print(line, end="", flush=True)
    os._exit(0)


threading.Thread(target=turn, daemon=True).start()
main(sys.argv[1:])

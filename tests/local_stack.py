"""Runs SQS, the function, the worker and nginx side by side, says where each is, and stops them all on Ctrl-C.

The environment is passed on: every CRAWLCAST_ variable that is set here and is not about addresses reaches both parts.
"""

import base64
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

PATIENCE = 60  # seconds; everything is built before
STOPPING = 40  # seconds; a worker drains for 25 at most
REGION = "eu-central-1"
FUNCTION = "lambda-submit"
UNNAMED = "_"  # cargo-lambda's name for the function of requests that name none

# Readable once a signal has come.
asked_to_stop, wake = socket.socketpair()
wake.setblocking(False)


def main():
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    with tempfile.TemporaryDirectory(prefix="crawlcast-") as directory:
        stack = Stack(directory)
        try:
            stack.start()
            stack.tell()
            while not stopped(0.2):
                stack.check()
        except Stopped:
            pass
        finally:
            stack.stop()


def stopped(within):
    """Waits for a signal, so many seconds at most; one that has come stays."""
    return bool(select.select([asked_to_stop], [], [], within)[0])


class Stopped(Exception):
    """Ctrl-C came before all was up."""


class Stack:
    def __init__(self, directory):
        self.directory = directory
        self.processes = []  # (name, process), in the order of their start
        moto, self.lambda_port, worker, nginx = free_ports(4)
        self.sqs = f"http://127.0.0.1:{moto}"
        self.function = f"http://127.0.0.1:{self.lambda_port}"
        self.worker = f"http://127.0.0.1:{worker}"
        self.public = f"http://127.0.0.1:{nginx}"
        self.environment = {
            **os.environ,
            "AWS_ENDPOINT_URL_SQS": self.sqs,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CRAWLCAST_LISTEN": f"127.0.0.1:{worker}",
            "CRAWLCAST_PUBLIC_URL": self.public,
            "CRAWLCAST_DATA_DIR": os.path.join(directory, "data"),
            "CRAWLCAST_TOKEN_KEYS": "local:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        }

    def start(self):
        tools = os.path.dirname(sys.executable)
        port = self.sqs.rsplit(":", 1)[1]
        self.run("moto", [f"{tools}/moto_server", "-H", "127.0.0.1", "-p", port])
        self.wait_for("moto", self.sqs + "/moto-api/")
        self.environment["CRAWLCAST_QUEUE_URL"] = self.make_queues()
        self.run("worker", ["target/debug/crawlcast", "serve", "--demo"])
        self.wait_for("worker", self.worker + "/healthz")
        self.run("nginx", ["/usr/sbin/nginx", "-e", "stderr", "-p", self.directory, "-c", self.nginx_conf()])
        self.wait_for("nginx", self.public + "/healthz")
        self.run_function(f"{tools}/cargo-lambda")

    def run_function(self, cargo_lambda):
        """cargo-lambda's server, and the function that was built before: left to itself, it would compile its own with cargo."""
        # The function answers preflights itself, as behind API Gateway.
        watch = [cargo_lambda, "lambda", "watch", "--only-lambda-apis", "--disable-cors"]
        self.run("function's server", watch + ["-A", "127.0.0.1", "-P", str(self.lambda_port)])
        self.wait_until("function's server listens", self.lambda_listens)
        # One instance for requests that name no function, and one for those that do.
        for name in (UNNAMED, FUNCTION):
            runtime = {
                "AWS_LAMBDA_RUNTIME_API": f"{self.function}/.rt/{name}",
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_LAMBDA_FUNCTION_VERSION": "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            }
            self.run(f"function {name}", [f"target/debug/{FUNCTION}"], **runtime)
        self.wait_for("function", self.function + "/v1/crawls", method="OPTIONS")
        self.wait_for("function", f"{self.function}/lambda-url/{FUNCTION}/v1/crawls", method="OPTIONS")

    def make_queues(self):
        sqs = boto3.client(
            "sqs",
            endpoint_url=self.sqs,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        dead = sqs.create_queue(QueueName="crawlcast-dead-letters")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 20})
        return sqs.create_queue(QueueName="crawlcast", Attributes={"RedrivePolicy": redrive})["QueueUrl"]

    def nginx_conf(self):
        """nginx with its defaults, buffering included: the worker's own header is what keeps streams flowing."""
        path = os.path.join(self.directory, "nginx.conf")
        temporary = " ".join(
            f"{part}_temp_path {self.directory}/{part};" for part in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        listen = self.public.removeprefix("http://")
        user = "user root;" if os.geteuid() == 0 else ""
        with open(path, "w") as conf:
            conf.write(
                f"daemon off; {user} pid {self.directory}/nginx.pid; error_log stderr warn; events {{}}\n"
                f"http {{ access_log off; {temporary}\n"
                f"server {{ listen {listen}; location / {{ proxy_pass {self.worker}; }} }} }}\n"
            )
        return path

    def run(self, name, command, **variables):
        log = open(self.log(name), "wb")
        # A session of its own: Ctrl-C is for this program, which stops the parts in order.
        process = subprocess.Popen(
            command,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.processes.append((name, process))

    def log(self, name):
        return os.path.join(self.directory, name + ".log")

    def check(self):
        for name, process in self.processes:
            if process.poll() is not None:
                with open(self.log(name), errors="replace") as log:
                    sys.exit(f"{log.read()[-4000:]}\nthe {name} has ended with {process.returncode}")

    def lambda_listens(self):
        socket.create_connection(("127.0.0.1", self.lambda_port), PATIENCE).close()
        return True

    def wait_for(self, name, url, method="GET"):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def answers():
            with direct.open(urllib.request.Request(url, method=method), timeout=PATIENCE) as answer:
                return answer.status < 300

        self.wait_until(f"{name} answers at {url}", answers)

    def wait_until(self, what, is_so):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if stopped(0.1):
                raise Stopped
            self.check()
            try:
                if is_so():
                    return
            except OSError:
                pass
        sys.exit(f"waited {PATIENCE} s in vain: the {what}")

    def tell(self):
        with open(self.log("worker")) as log:
            demo = next(line.split()[-1] for line in log if line.startswith("demo site on"))
        body = json.dumps({"url": demo})
        print(
            f"submit     {self.function}/v1/crawls\n"
            f"watch      {self.public}/\n"
            f"queue      {self.environment['CRAWLCAST_QUEUE_URL']}\n"
            f"demo site  {demo}\n\n"
            f"curl -s {self.function}/v1/crawls -H 'content-type: application/json' -d '{body}'\n\n"
            "ready; Ctrl-C stops everything",
            flush=True,
        )

    def stop(self):
        for name, process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOPPING)
                except subprocess.TimeoutExpired:
                    print(f"the {name} does not stop; killing it", file=sys.stderr)
            # What it has started goes with it.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


main()

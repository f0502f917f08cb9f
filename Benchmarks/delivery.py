#!/usr/bin/env python3
"""Delivers texts through a provider that fails, drops the line after it has taken a message, and throttles; then through
one that only takes its time, beside what wrk gets out of the same provider.

Called by scripts/bench-delivery, which builds what it needs. Its own Redis, its own ports; real processes throughout.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from measure import Child, Redis, answers, free_port, wait_until
from wrk import script, wrk

FAULTS = [
    {"provider": "twilio", "fault": "status=503", "probability": 0.20},
    {"provider": "twilio", "fault": "drop", "probability": 0.05},
    {"provider": "twilio", "fault": "status=429,code=20429,retry-after=1", "probability": 0.10},
]
ACCOUNT = "AC" + "0" * 32


class Fleet:
    def __init__(self, binaries, redis, **more):
        self.simulator, self.ingress, self.redis = free_port(), free_port(), redis
        self.program = os.path.join(binaries, "posthaste")
        self.environment = {
            **os.environ, "REDIS_URL": f"unix://{redis.socket}", "LOG_LEVEL": "error", "API_PORT": str(self.ingress),
            "RATE_LIMIT_ENABLED": "false",
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "token",
            "TWILIO_BASE_URL": f"http://127.0.0.1:{self.simulator}", **more}
        self.processes = []

    def __enter__(self):
        self.redis.cli("flushdb")  # of the run's own server
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.stop()

    def start(self, *words):
        process = Child([self.program, *words], env=self.environment, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def call(self, url, document=None, method=None):
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def control(self, path, document=None, method=None):
        return self.call(f"http://127.0.0.1:{self.simulator}/_simulator/{path}", document, method)

    def begin(self, *flags):
        self.start("simulate", "--port", str(self.simulator), *flags)
        self.start("ingress")
        wait_until("the ingress is ready", lambda: answers(f"http://127.0.0.1:{self.ingress}/ready"))
        wait_until("the simulator answers", lambda: answers(f"http://127.0.0.1:{self.simulator}/_simulator/counts"))

    def send(self, number):
        text = {"from": "+15551234567", "to": f"+1555{1000000 + number}", "type": "sms", "body": f"text {number}"}
        return self.call(f"http://127.0.0.1:{self.ingress}/api/v1/messages/send", text)["id"]

    def message(self, id):
        return self.call(f"http://127.0.0.1:{self.ingress}/api/v1/messages/{id}")


def trial(binaries, redis, count):
    with Fleet(binaries, redis) as fleet, ThreadPoolExecutor(16) as pool:
        fleet.begin()
        for fault in FAULTS:
            fleet.control("faults", fault)
        for _ in range(2):
            fleet.start("worker")
        begin = time.monotonic()
        left = ids = list(pool.map(fleet.send, range(count)))
        settled = {}
        while left and time.monotonic() - begin < 600:
            for message in list(pool.map(fleet.message, left)):
                if message["status"] not in ("pending", "sending", "retrying"):
                    settled[message["id"]] = message
            left = [id for id in left if id not in settled]
        seconds = time.monotonic() - begin
        statuses = {}
        for message in settled.values():
            statuses[message["status"]] = statuses.get(message["status"], 0) + 1
        attempts = sum(message["attempts"] for message in settled.values())
        found = sum(bool((message.get("result") or {}).get("found")) for message in settled.values())
        return {"messages": count, "statuses": statuses, "unsettled": len(left), "seconds": round(seconds, 1),
                "attempts_per_message": round(attempts / max(len(settled), 1), 3), "found_not_resent": found,
                "duplicates": len(fleet.control("duplicates?limit=100000")), "provider": fleet.control("counts")["twilio"]}


def throughput(binaries, redis, count, concurrency, latency):
    with Fleet(binaries, redis, WORKER_CONCURRENCY=str(concurrency)) as fleet, ThreadPoolExecutor(16) as pool:
        fleet.begin("--latency", str(latency))
        provider = ceiling(fleet.simulator, concurrency)
        fleet.control("received", method="DELETE")
        list(pool.map(fleet.send, range(count)))
        begin = time.monotonic()
        worker = fleet.start("worker")
        left = lambda: int(redis.cli("xlen", "message_queue:sms")) + int(redis.cli("zcard", "message_queue:sms:retry"))
        wait_until("all are sent", lambda: left() == 0, 300)
        seconds = time.monotonic() - begin
        return {"messages": count, "concurrency": concurrency, "latency_ms": latency,
                "per_second": round(count / seconds), "provider_per_second": round(provider),
                "ratio": round(count / seconds / provider, 2), "worker_us": round(worker.cpu() / count * 1e6),
                "duplicates": len(fleet.control("duplicates?limit=100000"))}


def ceiling(port, connections):
    """What the provider takes a second from as many connections."""
    form = script("To=%2B15550000000&From=%2B15551234567&Body=wrk", {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp0b2tlbg=="})
    url = f"http://127.0.0.1:{port}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    return wrk(url, 6, form, connections)["per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries", help="where the release build is")
    parser.add_argument("--messages", type=int, default=1000, help="through the provider that fails")
    parser.add_argument("--bulk", type=int, default=20_000, help="through the one that takes its time")
    parser.add_argument("--concurrency", type=int, default=1000)
    parser.add_argument("--latency", type=int, default=50, help="of that one, in milliseconds")
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="posthaste-bench-")
    redis = Redis(directory)
    try:
        print(json.dumps({"trial": trial(options.binaries, redis, options.messages)}), flush=True)
        print(json.dumps({"throughput": throughput(
            options.binaries, redis, options.bulk, options.concurrency, options.latency)}), flush=True)
    finally:
        redis.stop()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()

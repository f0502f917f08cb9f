#!/usr/bin/env python3
"""What logs and traces cost a worker: the same messages delivered without, and with each of them, in turn.

    python3 Benchmarks/telemetry.py <folder of the binaries> [--rounds 3] [--messages 10000]

All of one run is on one machine and one private Redis, so that a ratio holds where a figure alone would not. Prints
messages a second and the worker's processor time for a message, and both as a share of what they are without.
"""

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from delivery import Fleet
from measure import Redis, wait_until


class Collector(BaseHTTPRequestHandler):
    """Takes everything, and looks at nothing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def variants(url):
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": url}
    return {
        "neither": {},
        "logs: text": {"LOG_LEVEL": "info", "LOG_FORMAT": "text"},
        "logs: json": {"LOG_LEVEL": "info", "LOG_FORMAT": "json"},
        "traces: none sampled": {**traced, "OTEL_TRACES_SAMPLER_ARG": "0"},
        "traces: 1 %": {**traced, "OTEL_TRACES_SAMPLER_ARG": "0.01"},
        "traces: all": traced,
        "json and all traces": {**traced, "LOG_LEVEL": "info", "LOG_FORMAT": "json"},
    }


def deliver(binaries, redis, count, settings):
    with Fleet(binaries, redis, WORKER_CONCURRENCY="200", **settings) as fleet:
        fleet.begin()
        for start in range(0, count, 500):
            fleet.call(f"http://127.0.0.1:{fleet.ingress}/api/v1/messages/batch", {"messages": [
                {"from": "+15551234567", "to": f"+1555{1000000 + number}", "type": "sms", "body": f"text {number}"}
                for number in range(start, start + 500)]})
        begin = time.monotonic()
        worker = fleet.start("worker")
        wait_until("all are sent", lambda: int(redis.cli("xlen", "message_queue:sms")) == 0, 300)
        seconds = time.monotonic() - begin
        return count / seconds, worker.cpu() / count * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries", help="where the release build is")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=10_000)
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    directory = tempfile.mkdtemp(prefix="posthaste-bench-")
    redis = Redis(directory)
    try:
        found = {}
        for _ in range(options.rounds):
            for name, settings in variants(f"http://127.0.0.1:{server.server_address[1]}").items():
                found.setdefault(name, []).append(deliver(options.binaries, redis, options.messages, settings))
    finally:
        redis.stop()
        shutil.rmtree(directory)
    middle = {name: [statistics.median(values) for values in zip(*runs)] for name, runs in found.items()}
    rate, spent = middle["neither"]
    print(f"{'':<22}{'messages/s':>12}{'to neither':>12}{'µs each':>10}{'to neither':>12}")
    for name, (each, time_each) in middle.items():
        print(f"{name:<22}{each:>12,.0f}{each / rate:>12.2f}{time_each:>10.0f}{time_each / spent:>12.2f}")


if __name__ == "__main__":
    main()

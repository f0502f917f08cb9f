#!/usr/bin/env python3
"""What each part of the ingress costs: sends with it and without it, beside a bare route of the same framework.

    python3 Benchmarks/ingress.py <folder of the binaries> [--rounds 3] [--seconds 6]

Called by scripts/bench-ingress. All of one run is on one machine, one private Redis (append-only file, everysec) and in
turn, so that a ratio holds where a figure alone would not.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

from measure import Redis, answers, free_port, wait_until

SEND = {"from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "Your code is 123456"}
MANY = {"RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_REQUESTS": "1000000000", "RATE_LIMIT_PERIOD": "60"}
OFF = {"RATE_LIMIT_ENABLED": "false", "ACCESS_LOG": "off"}
BATCH = 100
# name, settings, whether keys are asked for, whether each request has an idempotency key, messages of a request
VARIANTS = [
    ("bare route", None, False, False, 1),
    ("validation", OFF, False, False, 1),
    ("+ access log", {"RATE_LIMIT_ENABLED": "false"}, False, False, 1),
    ("+ API key", OFF, True, False, 1),
    ("+ rate limit", {**MANY, "ACCESS_LOG": "off"}, False, False, 1),
    ("+ idempotency", OFF, False, True, 1),
    ("all of it", MANY, True, True, 1),
    (f"batch of {BATCH}", MANY, True, False, BATCH),
]


def script(path, key, idempotent, messages):
    """wrk's: a POST of the same message, each with an idempotency key of its own where that is measured."""
    body = SEND if messages == 1 else {"messages": [SEND] * messages}
    lines = ['wrk.method = "POST"', 'wrk.headers["Content-Type"] = "application/json"',
             f"wrk.body = [==[{json.dumps(body)}]==]"]
    if key:
        lines.append(f'wrk.headers["Authorization"] = "Bearer {key}"')
    if idempotent:
        lines.append("local n, seed = 0, tostring(os.time()) .. tostring({}):sub(8)\n"
                     "request = function() n = n + 1; "
                     'wrk.headers["Idempotency-Key"] = seed .. n; return wrk.format() end')
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


class Bench:
    def __init__(self, binaries, redis, directory, seconds):
        self.binaries, self.redis, self.directory, self.seconds = binaries, redis, directory, seconds
        made = subprocess.run([self.binary("posthaste"), "keys", "new", "bench", "--scopes", "send,read"],
                              capture_output=True, text=True).stdout
        self.key = re.search(r"ph_\w+", made)[0]
        self.entry = re.search(r"bench:sha256:\S+", made)[0]

    def binary(self, name):
        return os.path.join(self.binaries, name)

    def run(self, settings, keys, idempotent, messages):
        self.redis.cli("flushdb")  # of the run's own server
        port, lua = free_port(), os.path.join(self.directory, "wrk.lua")
        script(lua, self.key if keys else None, idempotent, messages)
        environment = {**os.environ, **(settings or {}), "REDIS_URL": f"unix://{self.redis.socket}",
                       "API_PORT": str(port), "LOG_LEVEL": "error"}
        if keys:
            environment["API_KEYS"] = self.entry
        words = [self.binary("bare-route"), str(port)] if settings is None else [self.binary("posthaste"), "ingress"]
        server = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            health = "/" if settings is None else "/ready"
            wait_until("the server answers", lambda: answers(f"http://127.0.0.1:{port}{health}"))
            path = "batch" if messages > 1 else "send"
            cpu = self.redis.cpu()
            out = subprocess.run(
                ["wrk", "-t1", "-c64", f"-d{self.seconds}s", "--latency", "-s", lua,
                 f"http://127.0.0.1:{port}/api/v1/messages/{path}"], capture_output=True, text=True).stdout
            cpu = self.redis.cpu() - cpu
        finally:
            server.terminate()
            server.wait()
        if "Non-2xx" in out:
            sys.exit(f"bench: not every request was accepted\n{out}")
        p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
        requests = int(re.search(r"(\d+) requests in", out)[1])
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
        return rate, float(p99) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit], cpu / requests / messages * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        redis = Redis(directory)
        try:
            bench = Bench(options.binaries, redis, directory, options.seconds)
            runs = {variant[0]: [] for variant in VARIANTS}
            for _ in range(options.rounds):
                for name, *how in VARIANTS:
                    runs[name].append(bench.run(*how))
        finally:
            redis.stop()
    middle = {name: [statistics.median(values) for values in zip(*found)] for name, found in runs.items()}
    base = middle["bare route"][0]
    print(f"{'':<16}{'requests/s':>12}{'messages/s':>12}{'to bare':>9}{'p99 ms':>9}{'Redis µs':>10}")
    for name, *_, messages in VARIANTS:
        rate, p99, cpu = middle[name]
        print(f"{name:<16}{rate:>12,.0f}{rate * messages:>12,.0f}{rate / base:>9.2f}{p99:>9.1f}{cpu:>10.1f}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures the runtime beside the least that Redis needs for a job, and the ingress beside a bare route.

All of one run is on one machine, one private Redis (append-only file, everysec) and in turn, so that a ratio holds where
a figure alone would not. Called by scripts/bench, which builds what it needs.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from measure import PAYLOAD_BYTES, Redis, answers, free_port, wait_until
from runtime_bench import Runtime

SEND = {"from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "Your code is 123456"}


class Bench:
    def __init__(self, binaries, redis, jobs):
        self.binaries, self.redis, self.jobs = binaries, redis, jobs
        self.environment = {**os.environ, "REDIS_URL": f"unix://{redis.socket}", "LOG_LEVEL": "error",
                            "RATE_LIMIT_ENABLED": "false"}

    def binary(self, name):
        return os.path.join(self.binaries, name)

    def cycle(self, consume, produce):
        """One consumer, one producer beside it; what the jobs cost from the first enqueue to the last settlement."""
        consumer = subprocess.Popen(consume, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        consumer.stdout.readline()
        redis, begin = self.redis.cpu(), time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        producer = subprocess.Popen(produce, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        producer.wait()
        produced = resource.getrusage(resource.RUSAGE_CHILDREN)
        consumer.wait()
        seconds = time.monotonic() - begin
        consumed = resource.getrusage(resource.RUSAGE_CHILDREN)
        if producer.returncode or consumer.returncode:
            sys.exit("bench: a process of the cycle failed")
        each = lambda seconds: seconds / self.jobs * 1e6
        spent = lambda now, then: now.ru_utime + now.ru_stime - then.ru_utime - then.ru_stime
        return {"per_second": self.jobs / seconds, "redis_us": each(self.redis.cpu() - redis),
                "producer_us": each(spent(produced, before)), "worker_us": each(spent(consumed, produced))}

    def raw(self):
        self.redis.cli("unlink", "bench:raw")
        common = [self.redis.socket, "bench:raw", str(self.jobs)]
        return self.cycle([self.binary("raw-cycle"), "consume", *common],
                          [self.binary("raw-cycle"), "produce", *common, str(PAYLOAD_BYTES)])

    def runtime(self, *flags):
        self.redis.cli("flushdb")  # of the run's own server
        common = [f"unix://{self.redis.socket}", "bench:runtime", str(self.jobs), *flags]
        return self.cycle([self.binary("runtime-cycle"), "consume", *common],
                          [self.binary("runtime-cycle"), "produce", *common, "--bytes", str(PAYLOAD_BYTES)])

    def served(self, command, port, path):
        """What wrk measures of a server with 64 connections."""
        self.redis.cli("flushdb")
        server = subprocess.Popen(command, env={**self.environment, "API_PORT": str(port)},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until("the server answers", lambda: answers(f"http://127.0.0.1:{port}{path}"))
            with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
                script.write('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                             f"wrk.body = [==[{json.dumps(SEND)}]==]\n")
                script.flush()
                out = subprocess.run(
                    ["wrk", "-t1", "-c64", "-d6s", "--latency", "-s", script.name,
                     f"http://127.0.0.1:{port}/api/v1/messages/send"], capture_output=True, text=True).stdout
        finally:
            server.terminate()
            server.wait()
        if "Non-2xx" in out:
            sys.exit(f"bench: not every request was accepted\n{out}")
        latency = lambda percent: re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", out)
        milliseconds = lambda match: float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000}[match[2]]
        return {"per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
                "p50_ms": milliseconds(latency(50)), "p99_ms": milliseconds(latency(99))}

    def ingress(self):
        return self.served([self.binary("posthaste"), "ingress"], free_port(), "/ready")

    def bare(self):
        port = free_port()
        return self.served([self.binary("bare-route"), str(port)], port, "/")

    def resident(self):
        """A worker's memory, idle and with a thousand messages in its hands."""
        self.redis.cli("flushdb")
        simulator, ingress = free_port(), free_port()
        environment = {
            **self.environment, "API_PORT": str(ingress), "WORKER_CONCURRENCY": "1000",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "token",
            "TWILIO_BASE_URL": f"http://127.0.0.1:{simulator}"}
        start = lambda *words: subprocess.Popen(
            [self.binary("posthaste"), *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # The provider takes longer than the posting of all of them does, and less than the worker's time-out.
        processes = [start("simulate", "--port", str(simulator), "--latency", "8000"), start("ingress")]
        try:
            wait_until("the ingress is ready", lambda: answers(f"http://127.0.0.1:{ingress}/ready"))
            with ThreadPoolExecutor(16) as pool:
                list(pool.map(lambda n: self.post(ingress, n), range(1000)))
            worker = start("worker")
            processes.append(worker)
            idle = lambda: self.redis.cli("hget", self.redis.cli("keys", "worker:*").split("\n")[0], "pid")
            wait_until("the worker is up", lambda: idle() == str(worker.pid))
            pending = lambda: self.redis.cli("xpending", "message_queue:sms", "workers").split("\n")[0]
            wait_until("a thousand are in flight", lambda: pending() == "1000")
            full = memory(worker.pid)
            wait_until("all are settled", lambda: pending() == "0")
            return {"in_flight_mb": full, "after_mb": memory(worker.pid)}
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()

    def idle(self):
        self.redis.cli("flushdb")
        worker = subprocess.Popen(
            [self.binary("posthaste"), "worker"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**self.environment, "WEBHOOK_SECRET": "whsec_" + "A" * 32})
        try:
            wait_until("the worker is up", lambda: self.redis.cli("keys", "worker:*") != "")
            return memory(worker.pid)
        finally:
            worker.terminate()
            worker.wait()

    @staticmethod
    def post(port, number):
        body = json.dumps({**SEND, "body": f"message {number}"}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/messages/send", body,
                                         {"Content-Type": "application/json"})
        if urllib.request.urlopen(request, timeout=30).status != 202:
            sys.exit("bench: a message was not accepted")


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


def medians(rounds):
    return {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}


def machine():
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*:\s*(.*)", info.read())
    return f"{os.cpu_count()} cores, {model[1] if model else platform.machine()}"


def show_cycles(cycles, raw):
    print(f"\n{'cycle':<22}{'jobs/s':>10}{'ratio':>8}{'Redis µs':>10}{'worker µs':>11}{'producer µs':>13}")
    for name, rounds in cycles.items():
        for label, row in [*((f"{name} {i + 1}", r) for i, r in enumerate(rounds)), (f"{name} median", medians(rounds))]:
            ratio = row["per_second"] / medians(raw)["per_second"] if "median" in label else None
            print(f"{label:<22}{row['per_second']:>10,.0f}{f'{ratio:.2f}' if ratio else '':>8}{row['redis_us']:>10.1f}"
                  f"{row['worker_us']:>11.1f}{row['producer_us']:>13.1f}")


def show_servers(servers):
    bare = medians(servers["bare route"])["per_second"]
    print(f"\n{'HTTP, 64 connections':<22}{'requests/s':>12}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for name, rounds in servers.items():
        for label, row in [*((f"{name} {i + 1}", r) for i, r in enumerate(rounds)), (f"{name} median", medians(rounds))]:
            ratio = f"{row['per_second'] / bare:.2f}" if "median" in label else ""
            print(f"{label:<22}{row['per_second']:>12,.0f}{ratio:>8}{row['p50_ms']:>9.2f}{row['p99_ms']:>9.2f}")


def show_runtime(found):
    print("\nenqueue to start, one by one:")
    for row in found["latency"]:
        print(f"  {row['rate']:>8,.0f} jobs/s ({row['share']:.0%} of the cycle's): p50 {row['p50_us'] / 1000:.2f} ms, "
              f"p99 {row['p99_us'] / 1000:.2f} ms, p99.9 {row['p999_us'] / 1000:.2f} ms")
    print("cost of a job by what waits behind it:")
    for row in found["backlog"]:
        print(f"  {row['waiting']:>10,}: {row['redis_us']:.1f} µs of Redis, {row['per_second']:,.0f} jobs/s")
    print("until another worker has done what one had in its hands:")
    for row in found["recovery"]:
        print(f"  {row['signal']}: {row['seconds']:.2f} s with a lease of {row['lease_ms'] / 1000:.0f} s")
    row = found["memory"]
    print(f"Redis's memory after {row['jobs']:,} jobs with one stuck among them: "
          f"{row['after_bytes'] / row['before_bytes'] - 1:+.1%}")


def measure_cycles(bench, rounds):
    cycles = {"raw": [], "untracked": [], "tracked": [], "tracked, events": []}
    for number in range(rounds):
        print(f"cycles, round {number + 1} of {rounds} …", flush=True)
        cycles["raw"].append(bench.raw())
        cycles["untracked"].append(bench.runtime())
        cycles["tracked"].append(bench.runtime("--tracked"))
        cycles["tracked, events"].append(bench.runtime("--tracked", "--events"))
    show_cycles(cycles, cycles["raw"])
    return cycles


def measure_runtime(binaries, redis, peak):
    print("\nlatency, backlog, recovery, memory …", flush=True)
    runtime = Runtime(binaries, redis)
    found = {
        "latency": [{**runtime.latency(share * peak), "share": share} for share in (0.1, 0.5, 0.9)],
        "backlog": [runtime.backlog(waiting) for waiting in (1_000, 100_000, 1_000_000)],
        "recovery": [runtime.recovery(signal.SIGKILL), runtime.recovery(signal.SIGTERM)],
        "memory": runtime.memory(),
    }
    show_runtime(found)
    return found


def measure_servers(bench, rounds):
    servers = {"bare route": [], "ingress": []}
    for number in range(rounds):
        print(f"HTTP, round {number + 1} of {rounds} …", flush=True)
        servers["bare route"].append(bench.bare())
        servers["ingress"].append(bench.ingress())
    show_servers(servers)
    resident = {"idle_mb": bench.idle(), **bench.resident()}
    print(f"\nworker's resident memory: {resident['idle_mb']:.0f} MB idle, "
          f"{resident['in_flight_mb']:.0f} MB with 1,000 in flight, {resident['after_mb']:.0f} MB after")
    return servers, resident


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", help="where the release build is")
    parser.add_argument("--jobs", type=int, default=300_000, help="jobs of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="the figures as JSON, last")
    options = parser.parse_args()

    directory = tempfile.mkdtemp(prefix="posthaste-bench-")
    redis = Redis(directory)
    try:
        bench = Bench(options.binaries, redis, options.jobs)
        print(f"{machine()}; {options.jobs:,} jobs of {PAYLOAD_BYTES} bytes, batches of 100, a round")
        cycles = measure_cycles(bench, options.rounds)
        peak = medians(cycles["untracked"])["per_second"]
        runtime = measure_runtime(options.binaries, redis, peak)
        servers, resident = measure_servers(bench, options.rounds)
        if options.json:
            print(json.dumps({"machine": machine(), "cycles": cycles, "runtime": runtime, "servers": servers,
                              "memory": resident}))
    finally:
        redis.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The peers side by side: what other job processors on Redis do with the same job, each with its best settings.

Every peer is a small program in `peers/`, with the same commands (`peers/peer.py` says which), on the run's private Redis,
over its unix socket. scripts/bench-peers installs them.

A drain: the backlog is there before the worker is. Its first job is held until the worker is up (both are, with two);
from then until the last job is done is what counts. Redis's and the workers' CPU are of the same span.
"""

import mmap
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "peers")
VENVS = os.path.join(os.path.dirname(HERE), ".run")

RATE = 500
# The cells of a tally, eight bytes each: `peers/peer.py` has them, too.
HELD, GO, DONE, FIRST, LAST, WAITS, ROWS = 0, 1, 2, 3, 4, 5, 8

# For docs/BENCHMARKS.md: in what a peer's figure is not the same thing as ours, or not as another peer's.
NOT_COMPARABLE = [
]


@dataclass(frozen=True)
class Peer:
    name: str
    program: str
    module: str
    # Jobs a second, about: how many jobs take how many seconds.
    drains: int
    enqueues: int
    settings: str
    bulk: str = ""
    single: str = "64 tasks"
    latency: str = ""
    venv: str = "bench"

    @property
    def interpreter(self):
        if self.program.endswith(".rb"):
            return ["ruby", "--yjit", "--yjit-exec-mem-size=32"]
        return [os.path.join(VENVS, self.venv, "bin", "python"), "-X", "utf8", "-W", "ignore"]

    def command(self, *words):
        return [*self.interpreter, os.path.join(PROGRAMS, self.program), *map(str, words)]

    def installed(self):
        probe = ["ruby", "-e", "require 'sidekiq'; require 'hiredis'"] if self.program.endswith(".rb") else \
            [*self.interpreter, "-c", f"import {self.module}"]
        try:
            return subprocess.run(probe, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            return False


PEERS = [
    Peer("Sidekiq 6.4", "sidekiq_peer.rb", "sidekiq", 5_700, 6_000, "10 threads"),
    Peer("BullMQ (Python port)", "bullmq_peer.py", "bullmq", 1_500, 2_500, "50 at a time"),
    Peer("taskiq (streams)", "taskiq_peer.py", "taskiq_redis", 2_600, 2_600, ""),
    Peer("streaq", "streaq_peer.py", "streaq", 1_060, 2_700, ""),
    Peer("arq", "arq_peer.py", "arq", 500, 1_500, "", venv="bench-arq"),
    Peer("dramatiq", "dramatiq_peer.py", "dramatiq", 4_400, 5_400, ""),
    Peer("Celery", "celery_peer.py", "celery", 840, 1_800, ""),
]


class PeerFailed(Exception):
    pass


class Processes:
    """A peer's processes of one measurement; whatever happens, none is left."""

    def __init__(self, peer, redis):
        self.peer, self.redis, self.running = peer, redis, []
        self.directory = tempfile.mkdtemp(prefix="peer-", dir=os.path.dirname(redis.socket))
        self.errors = open(os.path.join(self.directory, "errors"), "w+b")

    def start(self, command, *words):
        process = subprocess.Popen(
            self.peer.command(command, self.redis.socket, *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, text=True, start_new_session=True, cwd=self.directory)
        self.running.append(process)
        return process

    def worker(self, rows=0):
        path = os.path.join(self.directory, f"tally-{len(self.running)}")
        with open(path, "wb") as file:
            file.truncate((ROWS + rows) * 8)
        return Worker(self.start("work", path), path)

    def until(self, condition, bound=60):
        """Looks until it is so, and at whether all processes are well."""
        deadline = time.monotonic() + bound
        while not condition():
            if time.monotonic() > deadline:
                raise PeerFailed("did not end in time")
            self.check()
            time.sleep(0.002)  # allowed: pause between two looks

    def check(self):
        if any(process.poll() for process in self.running):
            self.errors.seek(0)
            said = self.errors.read().decode(errors="replace").strip().split("\n")
            raise PeerFailed(f"failed: {said[-1]}")

    def seconds(self, command, jobs):
        """What a producer prints."""
        process = self.start(command, jobs)
        self.until(lambda: process.poll() is not None)
        return float(process.stdout.read())

    def stop(self):
        for process in self.running:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            process.stdin.close()
            process.stdout.close()
        self.errors.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Worker:
    def __init__(self, process, path):
        self.process = process
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    def cell(self, index):
        return struct.unpack_from("q", self.memory, index * 8)[0]

    def go(self):
        struct.pack_into("q", self.memory, GO * 8, 1)

    def cpu(self):
        """Seconds, of all its threads."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024

    def waits_ms(self):
        return sorted(self.cell(ROWS + row) / 1e6 for row in range(self.cell(WAITS)))


@contextmanager
def processes(peer, redis):
    """On an empty Redis; it is the run's own."""
    redis.cli("flushall")
    group = Processes(peer, redis)
    try:
        yield group
    finally:
        group.stop()


def line(group, peer, note, **figures):
    empty = dict.fromkeys(("per_second", "redis_us", "worker_us", "rss_mb", "p50_ms", "p99_ms", "p999_ms"))
    return {"group": group, "name": peer.name, "note": note, "reference": False, **empty, **figures}


def enqueue(peer, redis, group, command, jobs, note):
    cpu = redis.cpu()
    seconds = group.seconds(command, jobs)
    return line("enqueue", peer, note, per_second=jobs / seconds, redis_us=(redis.cpu() - cpu) / jobs * 1e6)


def drain(peer, redis, group, jobs, count):
    workers = [group.worker() for _ in range(count)]
    group.until(lambda: all(worker.cell(HELD) for worker in workers))
    redis_cpu, workers_cpu = redis.cpu(), sum(worker.cpu() for worker in workers)
    for worker in workers:
        worker.go()
    group.until(lambda: sum(worker.cell(DONE) for worker in workers) >= jobs)
    redis_cpu, workers_cpu = redis.cpu() - redis_cpu, sum(worker.cpu() for worker in workers) - workers_cpu
    begin, end = min(worker.cell(FIRST) for worker in workers), max(worker.cell(LAST) for worker in workers)
    return line("jobs" if count == 1 else "two workers", peer, peer.settings, per_second=jobs / (end - begin) * 1e9,
                redis_us=redis_cpu / jobs * 1e6, worker_us=workers_cpu / jobs * 1e6,
                rss_mb=max(worker.peak_mb() for worker in workers))


def backlog(peer, redis, jobs, count=1):
    """A backlog enqueued in bulk, then drained."""
    with processes(peer, redis) as group:
        enqueued = enqueue(peer, redis, group, "bulk", jobs, peer.bulk)
        drained = drain(peer, redis, group, jobs, count)
    return [enqueued, drained] if count == 1 else drained


def one_by_one(peer, redis, jobs):
    with processes(peer, redis) as group:
        return enqueue(peer, redis, group, "single", jobs, peer.single)


def latency(peer, redis, jobs):
    with processes(peer, redis) as group:
        worker = group.worker(rows=jobs)
        producer = group.start("paced", jobs, RATE)
        producer.stdout.readline()
        group.until(lambda: worker.cell(HELD))
        worker.go()
        group.until(lambda: worker.cell(DONE) == 1)
        producer.stdin.write("go\n")
        producer.stdin.flush()
        group.until(lambda: worker.cell(WAITS) >= jobs)
        waits = worker.waits_ms()
    at = lambda share: waits[int((len(waits) - 1) * share)]
    return line("latency", peer, peer.latency, p50_ms=at(0.5), p99_ms=at(0.99), p999_ms=at(0.999))

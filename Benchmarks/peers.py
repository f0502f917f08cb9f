#!/usr/bin/env python3
"""The peers side by side: what other job processors on Redis do with the same job, each with its best settings.

Every peer is a small program in `peers/` with the same commands (`peers/peer.py` says which), on the run's own Redis,
over its unix socket. scripts/bench-peers installs them; what is not installed is left out.

A drain: the backlog is there before the workers are. Each one's first job is held until all of them are up, so that no
start-up counts; from then until the last job's handler ends is what does. Its settlement is not waited for.
"""

import functools
import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass

from measure import family, line, once, peak_mb

HERE = os.path.dirname(os.path.abspath(__file__))
VENVS = os.path.join(os.path.dirname(HERE), ".run")

RATE = 500
# The cells of a tally, eight bytes each, as `peers/peer.py` has them.
HELD, GO, DONE, FIRST, LAST, WAITS, ROWS = 0, 1, 2, 3, 4, 5, 8

NOT_COMPARABLE = [
    "Sidekiq's open source edition takes a job off its list with BRPOP and acknowledges nothing: at most once. A "
    "worker that is killed loses the jobs in its hands; fetching that does not is in the paid editions.",
    "BullMQ is its authors' port to Python, as PyPI carries no Node. The original is faster: it takes the next job in "
    "the script that settles the last, which the port does not.",
    "Celery acknowledges a job before its handler runs, as is its default. With late acknowledgement a job of a "
    "killed worker is back after the visibility timeout, an hour unless set. It tries a job again only where told to.",
    "dramatiq takes 1,000 messages into a worker's memory ahead, before its clock starts; its default is two a "
    "thread. "
    "Those of a killed worker are back when another one's maintenance, by chance, finds its heartbeat gone. Of its "
    "middleware only that for retries is on.",
    "taskiq acknowledges entries and never deletes them: its stream grows unless trimmed, which trims what waits, too. "
    "It is an older version: that is faster, with redis-py 6, than the newest is, which wants redis-py 8.",
    "arq polls: once a millisecond here, where its default is half a second. That is what its latency is bought with.",
    "No peer keeps results or logs, and none but BullMQ, by its lock's token, fences a settlement. A worker of each "
    "is one process on one core, threads or not. Its start-up is in no figure, nor is the settlement of the last jobs.",
]


@dataclass(frozen=True)
class Peer:
    name: str
    program: str
    # Jobs a second, about: so many jobs take so many seconds.
    drains: int
    enqueues: int
    bulks: int | None
    settings: str
    single: str = "64 tasks"
    paced: str = ""
    venv: str = "bench-peers"

    def command(self, *words):
        python = [os.path.join(VENVS, self.venv, "bin", "python"), "-B", "-W", "ignore"]
        # Of the memory that compiled code may take it touches all.
        ruby = ["ruby", "--yjit", "--yjit-exec-mem-size=32"]
        program = os.path.join(HERE, "peers", self.program)
        return [*(ruby if program.endswith(".rb") else python), program, *map(str, words)]

    def installed(self):
        if self.program.endswith(".rb"):
            probe = ["ruby", "--yjit", "-e", "require 'hiredis'; gem 'sidekiq', '~> 6.4'"]
            return bool(shutil.which("ruby")) and subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0
        # Only a whole environment has it.
        return os.path.exists(os.path.join(VENVS, self.venv, "requirements.txt"))


PEERS = [
    Peer("Sidekiq 6.4 (OSS, at most once)", "sidekiq_peer.rb", 10_000, 6_500, 60_000,
         "10 threads, YJIT, hiredis", "64 threads"),
    Peer("BullMQ, Python port", "bullmq_peer.py", 2_000, 4_500, 11_000, "10 at a time, uvloop, hiredis"),
    Peer("taskiq, streams", "taskiq_peer.py", 2_200, 3_000, None,
         "100 at a time, reads 100, uvloop, hiredis, orjson"),
    Peer("streaq", "streaq_peer.py", 900, 4_000, 7_000, "32 at a time, uvloop, pickle"),
    Peer("arq", "arq_peer.py", 1_300, 3_500, None, "25 at a time, uvloop, hiredis, msgpack",
         paced="polls every 1 ms (default 500)", venv="bench-arq"),
    Peer("dramatiq", "dramatiq_peer.py", 4_000, 5_500, None, "8 threads, prefetch 1,000, hiredis, orjson",
         "one thread: more are no faster"),
    Peer("Celery (acknowledges early)", "celery_peer.py", 900, 1_700, None,
         "solo pool, prefetch 128, hiredis", "one thread"),
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

    def until(self, what, condition, bound=120):
        """Looks until it is so, and at whether all processes are well."""
        deadline = time.monotonic() + bound
        while not condition():
            self.check()
            if time.monotonic() > deadline:
                raise PeerFailed(f"never came true: {what}")
            time.sleep(0.005)  # allowed: pause between two looks

    def check(self):
        if any(process.poll() for process in self.running):
            self.errors.seek(0)
            said = self.errors.read().decode(errors="replace").strip().split("\n")
            raise PeerFailed(f"a process failed: {said[-1]}")

    def seconds(self, command, jobs):
        """What a producer prints."""
        process = self.start(command, jobs)
        self.until("all are enqueued", lambda: process.poll() is not None)
        self.check()
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

    def waits_ms(self):
        return sorted(self.cell(ROWS + row) / 1e6 for row in range(self.cell(WAITS)))


@contextmanager
def processes(peer, redis):
    """On an empty Redis; it is the run's own."""
    redis.clear()
    group = Processes(peer, redis)
    try:
        yield group
    finally:
        group.stop()


def enqueue(peer, redis, title, command, jobs, note):
    with processes(peer, redis) as group:
        cpu = redis.cpu()
        seconds = group.seconds(command, jobs)
        return line(title, peer.name, note, per_second=jobs / seconds, redis_us=(redis.cpu() - cpu) / jobs * 1e6)


def drain(peer, redis, title, jobs, count):
    with processes(peer, redis) as group:
        group.seconds("bulk", jobs)
        workers = [group.worker() for _ in range(count)]
        group.until("the workers are up", lambda: all(worker.cell(HELD) for worker in workers))
        spent = lambda: sum(sum(family(worker.process.pid).values()) for worker in workers)
        redis_before, before = redis.cpu(), spent()
        for worker in workers:
            worker.go()
        group.until("all are done", lambda: sum(worker.cell(DONE) for worker in workers) >= jobs)
        redis_spent, worker_spent = redis.cpu() - redis_before, spent() - before
        seconds = (max(worker.cell(LAST) for worker in workers) - min(worker.cell(FIRST) for worker in workers)) / 1e9
        return line(title, peer.name, peer.settings, per_second=jobs / seconds, redis_us=redis_spent / jobs * 1e6,
                    worker_us=worker_spent / jobs * 1e6, rss_mb=max(peak_mb(worker.process.pid) for worker in workers))


def latency(peer, redis, title, jobs):
    """From the moment a job is due to be enqueued until its handler begins."""
    with processes(peer, redis) as group:
        worker = group.worker(rows=jobs)
        producer = group.start("paced", jobs, RATE)
        # The first job, which waits for no moment, warms both.
        group.until("the worker is up", lambda: worker.cell(HELD))
        worker.go()
        group.until("the first job is done", lambda: worker.cell(DONE) == 1)
        producer.stdin.write("go\n")
        producer.stdin.flush()
        group.until("all are done", lambda: worker.cell(WAITS) >= jobs)
        waits = worker.waits_ms()
    at = lambda share: waits[int((len(waits) - 1) * share)]
    return line(title, peer.name, ", ".join(filter(None, [f"{RATE}/s", peer.paced or peer.settings])),
                p50_ms=at(0.5), p99_ms=at(0.99), p999_ms=at(0.999))


def steps(peer, scale):
    """(group, measurement, its arguments)."""
    seconds = scale.jobs(3.5, 1)
    yield "jobs", drain, int(peer.drains * seconds), 1
    if not scale.quick:
        yield "two workers", drain, int(peer.drains * seconds * 1.5), 2
    if peer.bulks:
        yield "enqueue", enqueue, "bulk", int(peer.bulks * scale.jobs(2, 0.5)), "bulk, 1,000 a call"
    yield "enqueue one by one", enqueue, "single", int(peer.enqueues * scale.jobs(2, 0.5)), peer.single
    yield "latency", latency, RATE * scale.jobs(5, 1)


def left_out():
    """Those that scripts/bench-peers has not installed."""
    return [peer.name for peer in PEERS if not peer.installed()]


def lines(_binaries, redis, scale):
    for peer in filter(Peer.installed, PEERS):
        for group, measurement, *arguments in steps(peer, scale):
            step = functools.partial(measurement, peer, redis, group, *arguments)
            # What takes long, and says least of how fast a peer is.
            yield f"{group}: {peer.name}", once(step) if group in ("two workers", "latency") else step

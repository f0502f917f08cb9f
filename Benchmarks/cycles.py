"""The runtime beside the least that Redis needs for a job: how many it does in a second, what a job costs, how soon it
starts. No-op jobs of 250 bytes; both sides read, or enqueue, a hundred at a time.
"""

import json
import os
import re
import signal

from measure import PAYLOAD_BYTES, Child, line, wait_until

QUEUE = "bench:runtime"
FLAVOURS = {"untracked": [], "tracked": ["--tracked"], "tracked, events": ["--tracked", "--events"]}


class Raw:
    """The ceiling: hiredis alone."""

    name, note, reference = "raw Redis (hiredis)", "XADD → XREADGROUP → XACK+XDEL; no fence, no retry", True
    # Full and quick.
    jobs = 300_000, 100_000

    def __init__(self, binaries, redis):
        self.binary, self.socket = os.path.join(binaries, "raw-cycle"), redis.socket

    def produce(self, jobs):
        return [self.binary, "produce", self.socket, QUEUE, str(jobs), str(PAYLOAD_BYTES)]

    def consume(self, jobs):
        return [self.binary, "consume", self.socket, QUEUE, str(jobs)]

    def drain(self):
        return [self.binary, "drain", self.socket, QUEUE]


class Posthaste:
    """The runtime; its jobs are fenced, leased and tried again."""

    reference, jobs = False, (300_000, 50_000)
    # More than there are; then it ends when it is told to.
    ENDLESS = 1 << 40

    def __init__(self, binaries, redis, flavour):
        self.binary, self.url = os.path.join(binaries, "runtime-cycle"), f"unix://{redis.socket}"
        self.name, self.note, self.flags = f"Posthaste, {flavour}", "500 slots", FLAVOURS[flavour]

    def command(self, mode, jobs, *flags):
        return [self.binary, mode, self.url, QUEUE, str(jobs), *self.flags, *flags]

    def produce(self, jobs, *flags):
        return self.command("produce", jobs, "--bytes", str(PAYLOAD_BYTES), *flags)

    def consume(self, jobs, *flags):
        return self.command("consume", jobs, *flags)

    def drain(self):
        return self.consume(self.ENDLESS)


def report(child):
    """What a program says at its end: a line of JSON."""
    return json.loads(child.wait().strip().split("\n")[-1])


def latency(said):
    return {f"{name}_ms": said[f"{name}_us"] / 1000 for name in ("p50", "p99", "p999") if f"{name}_us" in said}


class Cycles:
    def __init__(self, binaries, redis, scale):
        self.redis, self.scale = redis, scale
        self.raw = Raw(binaries, redis)
        self.runtimes = [Posthaste(binaries, redis, flavour) for flavour in FLAVOURS]

    def waiting(self):
        return int(self.redis.cli("xlen", QUEUE) or 0)

    def is_empty(self, at_work):
        for worker in at_work:
            worker.look()
        return self.waiting() == 0

    def started(self, command):
        """A worker that reads already."""
        worker = Child(command)
        worker.said.readline()
        wait_until("the worker reads", lambda: "xreadgroup" in self.redis.cli("client", "list"))
        return worker

    def figures(self, workers, said, redis_cpu, **more):
        """From the first job's start to the last one's settlement."""
        jobs = sum(each["jobs"] for each in said)
        begun = [each["first_ns"] for each in said if each["first_ns"]]
        seconds = (max(each["last_ns"] for each in said) - min(begun)) / 1e9
        return {"per_second": jobs / seconds, "redis_us": redis_cpu / jobs * 1e6,
                "worker_us": sum(worker.cpu() for worker in workers) / jobs * 1e6,
                "rss_mb": max(worker.rss_mb for worker in workers), **more}

    def backlog(self, program, jobs):
        """Nothing but so many jobs that wait."""
        self.redis.clear()
        with Child(program.produce(jobs)) as producer:
            producer.wait()

    def cycle(self, program):
        """A producer beside a worker; Redis's part is that of both."""
        jobs = self.scale.jobs(*program.jobs)
        self.redis.clear()
        with self.started(program.consume(jobs)) as worker:
            cpu = self.redis.cpu()
            with Child(program.produce(jobs)) as producer:
                said = report(worker)
                producer.wait()
            figures = self.figures([worker], [said], self.redis.cpu() - cpu)
        return line("cycle", program.name, program.note, program.reference, **figures)

    def drain(self, program, group, workers):
        """A backlog, and then so many worker processes."""
        self.backlog(program, self.scale.jobs(*program.jobs))
        cpu = self.redis.cpu()
        at_work = [Child(program.drain()) for _ in range(workers)]
        try:
            # Seldom, since a look takes time from those who work.
            wait_until("all are done", lambda: self.is_empty(at_work), bound=300, pause=0.2)
            for worker in at_work:
                worker.signal(signal.SIGTERM)
            said = [report(worker) for worker in at_work]
            figures = self.figures(at_work, said, self.redis.cpu() - cpu)
        finally:
            for worker in at_work:
                worker.stop()
        return line(group, program.name, program.note, program.reference, **figures)

    def enqueue(self, program, group, name, note, *flags, jobs=None, reference=False):
        """What a producer gets into the queue alone."""
        jobs = jobs or self.scale.jobs(*program.jobs)
        self.redis.clear()
        cpu = self.redis.cpu()
        with Child(program.produce(jobs, *flags)) as producer:
            said = report(producer)
            return line(group, name, note, reference, **latency(said),
                        **self.figures([producer], [said], self.redis.cpu() - cpu))

    def redis_benchmark(self, jobs):
        """The same entries from 64 connections, each waiting for its answer."""
        self.redis.clear()
        cpu = self.redis.cpu()
        entry = ["id", "0192f3a1-7c00-7000-8000-000000000000", "kind", "noop", "attempt", "1", "at", "1700000000000",
                 "payload", "x" * PAYLOAD_BYTES, "meta", "{}"]
        with Child(["redis-benchmark", "-s", self.redis.socket, "-c", "64", "-n", str(jobs), "--csv",
                    "XADD", QUEUE, "*", *entry]) as client:
            rates = re.findall(r'"([\d.]+)"', client.wait().strip().split("\n")[-1])
            per_second, _, _, p50, _, p99, _ = map(float, rates[-7:])
            return line("enqueue one by one", "redis-benchmark XADD", "64 connections", True, per_second=per_second,
                        redis_us=(self.redis.cpu() - cpu) / jobs * 1e6, worker_us=client.cpu() / jobs * 1e6,
                        rss_mb=client.rss_mb, p50_ms=p50, p99_ms=p99)

    def latency(self, name, rate):
        """From the moment a job is due to be enqueued until its handler begins; jobs are enqueued one by one."""
        jobs = int(rate * self.scale.jobs(10, 4))
        runtime = self.runtimes[0]
        self.redis.clear()
        # One more warms both, and counts for nothing.
        with self.started(runtime.consume(jobs + 1)) as worker, Child(
                runtime.produce(jobs, "--rate", str(rate))) as client:
            said, late = report(worker), latency(report(client))
        return line("latency", name, f"{rate:,.0f}/s, 500 slots; the producer is {late['p99_ms']:.2f} ms late (p99)",
                    **latency(said), rss_mb=worker.rss_mb)

    def half(self):
        """Half of what goes through a worker when jobs are enqueued as they are for a latency, one by one: from 64 tasks
        that each wait for Redis."""
        jobs, runtime = self.scale.jobs(200_000, 50_000), self.runtimes[0]
        self.redis.clear()
        with self.started(runtime.consume(jobs)) as worker, Child(runtime.produce(jobs, "--tasks", "64")) as producer:
            said = report(worker)
            producer.wait()
        return said["jobs"] / (said["last_ns"] - said["first_ns"]) * 1e9 / 2

    def behind(self, waiting):
        """What a job costs while so many wait behind it."""
        jobs, runtime = self.scale.jobs(100_000, 25_000), self.runtimes[0]
        self.backlog(runtime, waiting + jobs)
        cpu = self.redis.cpu()
        with Child(runtime.consume(jobs)) as worker:
            said = report(worker)
            return line("backlog", f"{waiting:,} wait behind", f"untracked; the {jobs:,} measured, too, at first", waiting == 1000,
                        **self.figures([worker], [said], self.redis.cpu() - cpu))


def enqueues(cycles):
    few = cycles.scale.jobs(100_000, 20_000)
    yield "enqueue: pipelined XADD", lambda: cycles.enqueue(
        cycles.raw, "enqueue", "pipelined XADD", "hiredis, batches of 100", reference=True)
    for runtime in cycles.runtimes:
        yield f"enqueue: {runtime.name}", lambda runtime=runtime: cycles.enqueue(
            runtime, "enqueue", runtime.name, "batches of 100")
    yield "enqueue one by one: redis-benchmark", lambda: cycles.redis_benchmark(few)
    for runtime in cycles.runtimes:
        yield f"enqueue one by one: {runtime.name}", lambda runtime=runtime: cycles.enqueue(
            runtime, "enqueue one by one", runtime.name, "64 tasks", "--tasks", "64", jobs=few)


def lines(binaries, redis, scale):
    cycles = Cycles(binaries, redis, scale)
    programs = [cycles.raw, *cycles.runtimes]
    for program in programs:
        yield f"cycle: {program.name}", lambda program=program: cycles.cycle(program)
    for group, workers in (("jobs", 1), ("two workers", 2)):
        for program in programs:
            yield f"{group}: {program.name}", lambda program=program, group=group, workers=workers: cycles.drain(
                program, group, workers)
    yield from enqueues(cycles)
    yield "latency: Posthaste", lambda: cycles.latency("Posthaste", 500)
    yield "latency: Posthaste at half of its maximum", lambda: cycles.latency(
        "Posthaste at half of its maximum", cycles.half())
    for waiting in (1_000, 100_000) if scale.quick else (1_000, 100_000, 1_000_000):
        yield f"backlog: {waiting:,}", lambda waiting=waiting: cycles.behind(waiting)

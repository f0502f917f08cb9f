"""The group "end to end": HTTP, queue, worker, provider, ledger; all of it on one machine, and everything verified.

The provider is the simulator, which answers after 0 or after 50 milliseconds; the ledger a Postgres that waits for its
disk. Metrics, events and the ledger are on, as they are by default; logs of deliveries are not.
"""

import atexit
import functools
import os
import shutil
import socket
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager

from delivery import Fleet
from measure import family, line, peak_mb, wait_until
from postgres import DURABLE, Postgres
from wrk import CONNECTIONS, SEND, post, to_recipients, wrk

LEDGER, TRIAL = "ledger", "trial"
BATCH = 1000
# Of each channel of a worker: with the default, 100, one worker could not get 2,000 a second out of the slower provider.
SLOTS = 200
# A second, where latency is measured: a part of what goes through, so that messages do not queue up.
RATE = 500
# Between two requests of a connection: as long, in the middle, as makes all of them so many a second.
STEADY = f"delay = function() return math.random(0, {2000 * CONNECTIONS // RATE}) end\n"
# Of all rows, and of those that the provider took, from the acceptance until it had taken them.
OUTCOME = """
SELECT count(*), count(*) FILTER (WHERE status = 'sent' AND attempts = 1),
  percentile_disc(ARRAY[0.5, 0.99, 0.999]) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM sent_at - accepted_at))
FROM messages WHERE sender = '{}'
"""


class Depths:
    """What of the queue and of the events is left; a look costs no process."""

    ASKED = ("XLEN message_queue:sms", "ZCARD message_queue:sms:retry", "XLEN message_events")

    def __init__(self, redis):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(redis.socket)

    def left(self):
        return sum(self.ask(self.ASKED))

    def waiting(self):
        return self.ask(self.ASKED[:1])[0]

    def ask(self, commands):
        self.socket.sendall("".join(f"{command}\r\n" for command in commands).encode())
        answer = b""
        while answer.count(b"\n") < len(commands):
            answer += self.socket.recv(4096)
        return [int(line[1:]) for line in answer.split()]


class Course:
    """Ingress, provider and ledger; the workers come when they are wanted."""

    def __init__(self, fleet, postgres):
        self.fleet, self.redis, self.postgres = fleet, fleet.redis, postgres
        self.simulator, self.ingress = fleet.processes
        self.workers, self.depths = [], Depths(fleet.redis)
        self.url = f"http://127.0.0.1:{fleet.ingress}/api/v1/messages/"

    def backlog(self, messages, workers):
        """Messages that were there before the workers came: what delivery and ledger do when nothing else is done."""
        message = self.message("+15559990001")
        for start in range(0, messages, BATCH):
            self.fleet.call(self.url + "batch", {"messages": [
                {**message, "to": f"+1555{number:07}"} for number in range(start, start + BATCH)]})
        self.workers = [self.fleet.start("worker") for _ in range(workers)]
        wait_until("a worker delivers", self.delivers)
        with self.measured(message, messages - self.depths.waiting()) as found:
            pass
        # The ingress had done its part before, and how long they waited for the workers says nothing.
        return {**found, "ingress_us": None, "p50_ms": None, "p99_ms": None, "p999_ms": None}

    def singles(self, sender, seconds, more=""):
        """Messages that come one by one, beside the workers."""
        message = self.message(sender)
        with self.measured(message) as found:
            taken = wrk(self.url + "send", seconds, post(message, more=to_recipients(message) + more))["requests"]
        # Those that wrk did not wait for were taken, too.
        if not taken <= found["messages"] <= taken + CONNECTIONS:
            sys.exit("bench: end to end: not as many were accepted as were answered")
        return found

    def message(self, sender):
        """The provider's count of messages begins with those of each sender anew."""
        self.fleet.control("counts", method="DELETE")
        return {**SEND, "from": sender}

    def delivers(self):
        # The first line is the number of those that workers have in hand, or says that there are no workers yet.
        first = self.redis.cli("xpending", "message_queue:sms", "workers").split("\n")[0]
        return first.isdigit() and int(first) > 0

    @contextmanager
    def measured(self, message, done=0):
        """The figures from now on until every row of the ledger is final; so many messages were delivered before."""
        found, before, begin = {}, self.costs(), time.monotonic()
        yield found
        wait_until("all are in the ledger", lambda: self.depths.left() == 0, 120)
        seconds, after = time.monotonic() - begin, self.costs()
        found |= self.verified(message["from"])
        found["messages"] -= done
        found["per_second"] = found["messages"] / seconds
        found |= {name: (after[name] - before[name]) / found["messages"] * 1e6 for name in after}
        found["rss_mb"] = max(peak_mb(worker.pid) for worker in self.workers)

    def costs(self):
        """Seconds of processor so far."""
        return {"redis_us": self.redis.cpu(), "worker_us": sum(worker.cpu() for worker in self.workers),
                "ingress_us": self.ingress.cpu(), "postgres_us": sum(family(self.postgres.process.pid).values()),
                "simulator_us": self.simulator.cpu()}

    def verified(self, sender):
        """How many there were, once it is sure that each was sent, and once; and how long they took to be."""
        rows, sent, times = self.postgres.psql(OUTCOME.format(sender), TRIAL).split("|")
        provider = self.fleet.control("counts")["twilio"]
        if not int(rows) == int(sent) == provider["accepted"] == provider["requests"]:
            sys.exit(f"bench: end to end: {rows} rows, {sent} of them sent at once; the provider: {provider}")
        times = [float(each) for each in times.strip("{}").split(",")]
        return {"messages": int(rows), **dict(zip(("p50_ms", "p99_ms", "p999_ms"), times))}


@functools.cache
def prepared(posthaste):
    """A directory with a Postgres that has the ledger's tables, and none of its rows; until the run ends."""
    directory = tempfile.mkdtemp(prefix="posthaste-bench-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    os.chmod(directory, 0o755)
    postgres = Postgres(os.path.join(directory, "postgres"), DURABLE)
    try:
        postgres.migrated(posthaste, LEDGER)
    finally:
        postgres.stop()
    return postgres.directory


@contextmanager
def course(binaries, redis, latency):
    directory = prepared(os.path.join(binaries, "posthaste"))
    with ExitStack() as stack:
        postgres = Postgres(directory, DURABLE)
        stack.callback(postgres.stop)
        postgres.psql(f"DROP DATABASE IF EXISTS {TRIAL}")
        postgres.psql(f"CREATE DATABASE {TRIAL} TEMPLATE {LEDGER}")
        redis.clear()
        fleet = stack.enter_context(
            Fleet(binaries, redis, WORKER_CONCURRENCY=str(SLOTS), DATABASE_URL=postgres.url(TRIAL)))
        fleet.begin("--latency", str(latency))
        yield Course(fleet, postgres)


def measure(binaries, redis, scale, latency, workers):
    with course(binaries, redis, latency) as run:
        shapes = {"backlog": run.backlog(scale.jobs(40_000, 5_000), workers),
                  "singles": run.singles("+15559990002", scale.jobs(6, 1))}
        if workers == 1:
            shapes["steady"] = run.singles("+15559990003", scale.jobs(6, 1), STEADY)
    return [line("end to end", f"{shape}; {title(latency, workers)}", f"{SLOTS} slots a worker", **found)
            for shape, found in shapes.items()]


def title(latency, workers):
    return f"provider {latency} ms, {'one worker' if workers == 1 else f'{workers} workers'}"


def lines(binaries, redis, scale):
    for latency in (0, 50):
        for workers in (1,) if scale.quick and latency else (1, 2):
            yield f"end to end: {title(latency, workers)}", lambda latency=latency, workers=workers: measure(
                binaries, redis, scale, latency, workers)

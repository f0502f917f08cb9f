"""What a worker leaves behind and takes: how soon another one takes over, whether Redis's memory comes back, how much
of its own it needs."""

import json
import os
import signal
import time
import urllib.request

from cycles import QUEUE, Cycles, report
from measure import Child, answers, free_port, line, once, wait_until

SEND = {"from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "Your code is 123456"}
IN_FLIGHT = 1000


class Workers(Cycles):
    def __init__(self, binaries, redis, scale):
        super().__init__(binaries, redis, scale)
        self.runtime, self.program = self.runtimes[0], os.path.join(binaries, "posthaste")

    def pending(self):
        return int((self.redis.cli("xpending", QUEUE, "workers").split("\n")[0] or "0") if self.waiting() else 0)

    def produce(self, jobs):
        with Child(self.runtime.produce(jobs)) as producer:
            producer.wait()

    def recovery(self, how, jobs=50):
        """Seconds from a worker's end with jobs in its hands until another has done them all."""
        lease = self.scale.jobs(4000, 2000)
        flags = ["--lease", str(lease)]
        self.redis.clear()
        with self.started(self.runtime.consume(jobs, *flags, "--hold", "600", "--drain", "0")) as holder:
            self.produce(jobs)
            wait_until("the worker holds all", lambda: self.pending() == jobs)
            with self.started(self.runtime.consume(jobs, *flags)) as other:
                # A moment into a lease like any other; not the best one for the figure.
                begin = clock_ns()
                holder.signal(how)
                done = report(other)["last_ns"]
        return line("recovery", signal.Signals(how).name, f"{jobs} in its hands, a lease of {lease / 1000:.0f} s",
                    seconds=(done - begin) / 1e9)

    def redis_memory(self):
        """Redis's data before and after so many jobs, one of which is stuck all the while."""
        jobs = self.scale.jobs(1_000_000, 100_000)
        used = lambda: int(self.redis.info("memory", "used_memory_dataset")) / 1e6
        self.redis.clear()
        with self.started(self.runtime.consume(1, "--hold", "86400", "--slots", "1")) as stuck:
            self.produce(1)
            wait_until("one is stuck", lambda: self.pending() == 1)
            self.through(10_000)
            before = used()
            self.through(jobs)
            wait_until("only one is left", lambda: self.waiting() == 1)
            after = used()
            stuck.signal(signal.SIGKILL)
        return [line("memory", "Redis, a job stuck", "10,000 others done", reference=True, redis_mb=before),
                line("memory", "Redis, it is stuck still", f"{jobs:,} more done", redis_mb=after)]

    def through(self, jobs):
        with self.started(self.runtime.consume(jobs)) as worker:
            self.produce(jobs)
            worker.wait()

    def environment(self, **more):
        return {**os.environ, "REDIS_URL": f"unix://{self.redis.socket}", "LOG_LEVEL": "error",
                "RATE_LIMIT_ENABLED": "false", **more}

    def idle(self):
        self.redis.clear()
        with Child([self.program, "worker"], env=self.environment(WEBHOOK_SECRET="whsec_" + "A" * 32)) as worker:
            wait_until("the worker is up", lambda: self.redis.cli("keys", "worker:*") != "")
            worker.look()
            return line("memory", "worker, idle", rss_mb=worker.rss_mb)

    def in_flight(self):
        """A worker with a thousand messages in its hands."""
        self.redis.clear()
        simulator, ingress = free_port(), free_port()
        environment = self.environment(
            API_PORT=str(ingress), WORKER_CONCURRENCY=str(IN_FLIGHT), TWILIO_ACCOUNT_SID="AC" + "0" * 32,
            TWILIO_AUTH_TOKEN="token", TWILIO_BASE_URL=f"http://127.0.0.1:{simulator}")
        start = lambda *words: Child([self.program, *words], env=environment)
        # The provider takes longer than the worker's taking of all of them does, and less than its time-out.
        with start("simulate", "--port", str(simulator), "--latency", "4000"), start("ingress"):
            wait_until("the ingress is ready", lambda: answers(f"http://127.0.0.1:{ingress}/ready"))
            for _ in range(0, IN_FLIGHT, 500):
                post(ingress, 500)
            with start("worker") as worker:
                pending = lambda: self.redis.cli("xpending", "message_queue:sms", "workers").split("\n")[0]
                wait_until("a thousand are in flight", lambda: pending() == str(IN_FLIGHT))
                wait_until("all are settled", lambda: pending() == "0")
                worker.look()
                return line("memory", f"worker, {IN_FLIGHT:,} in flight", "HTTP to the provider", rss_mb=worker.rss_mb)


def clock_ns():
    """The clock of the programs' reports."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def post(port, messages):
    body = json.dumps({"messages": [SEND] * messages}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/messages/batch", body,
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        if answer.status // 100 != 2:
            raise OSError("the messages were not accepted")


def lines(binaries, redis, scale):
    workers = Workers(binaries, redis, scale)
    for how in (signal.SIGKILL, signal.SIGTERM):
        yield f"recovery: {how.name}", lambda how=how: workers.recovery(how)
    yield "memory: worker, idle", once(lambda: workers.idle())
    yield "memory: worker with a thousand in flight", once(lambda: workers.in_flight())
    yield "memory: Redis, after many jobs", once(lambda: workers.redis_memory())

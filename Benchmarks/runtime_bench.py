"""What the runtime does beyond its throughput: how soon a job starts, what a backlog costs, how soon another worker takes
over, and whether Redis's memory comes back."""

import os
import signal
import subprocess
import sys
import time

from measure import PAYLOAD_BYTES, wait_until

QUEUE = "bench:runtime"


class Runtime:
    def __init__(self, binaries, redis):
        self.binary, self.redis = os.path.join(binaries, "runtime-cycle"), redis
        self.url = f"unix://{redis.socket}"

    def consume(self, jobs, *flags):
        """A worker that reads; it ends when it has done so many jobs."""
        worker = subprocess.Popen([self.binary, "consume", self.url, QUEUE, str(jobs), *flags],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        worker.stdout.readline()
        wait_until("the worker reads", lambda: "xreadgroup" in self.redis.cli("client", "list"))
        return worker

    def produce(self, jobs, *flags):
        done = subprocess.run([self.binary, "produce", self.url, QUEUE, str(jobs), "--bytes", str(PAYLOAD_BYTES), *flags],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode:
            sys.exit("bench: the producer failed")

    def waiting(self):
        return int(self.redis.cli("xlen", QUEUE) or 0)

    def pending(self):
        return int((self.redis.cli("xpending", QUEUE, "workers").split("\n")[0] or "0") if self.waiting() else 0)

    def latency(self, rate, seconds=10):
        """Microseconds from the moment a job was to be enqueued until its handler began."""
        self.redis.cli("flushdb")
        jobs = int(rate * seconds)
        worker = self.consume(jobs)
        self.produce(jobs, "--rate", str(rate))
        p50, p99, p999 = worker.stdout.read().split()
        worker.wait()
        return {"rate": rate, "p50_us": int(p50), "p99_us": int(p99), "p999_us": int(p999)}

    def backlog(self, waiting, jobs=50_000):
        """What a job costs while so many wait behind it."""
        self.redis.cli("flushdb")
        self.produce(waiting + jobs)
        cpu, begin = self.redis.cpu(), time.monotonic()
        worker = self.consume(jobs)
        worker.wait()
        seconds = time.monotonic() - begin
        return {"waiting": waiting, "per_second": jobs / seconds, "redis_us": (self.redis.cpu() - cpu) / jobs * 1e6}

    def recovery(self, how, lease_ms=4000, jobs=50):
        """Seconds from a worker's end with jobs in its hands until another has done them all."""
        self.redis.cli("flushdb")
        holder = self.consume(jobs, "--hold", "600", "--lease", str(lease_ms), "--drain", "0")
        self.produce(jobs)
        wait_until("the worker holds all", lambda: self.pending() == jobs)
        other = self.consume(jobs, "--lease", str(lease_ms))
        # A moment into a lease like any other; not the best one for the figure.
        begin = time.monotonic()
        holder.send_signal(how)
        other.wait()
        seconds = time.monotonic() - begin
        holder.wait()
        return {"signal": signal.Signals(how).name, "lease_ms": lease_ms, "seconds": seconds}

    def memory(self, jobs=1_000_000):
        """Redis's memory before and after so many jobs, one of which is stuck all the while."""
        self.redis.cli("flushdb")
        used = lambda: int(self.redis.info("memory", "used_memory_dataset"))
        stuck = self.consume(1, "--hold", "86400", "--slots", "1")
        self.produce(1)
        wait_until("one is stuck", lambda: self.pending() == 1)
        worker = self.consume(10_000)
        self.produce(10_000)
        worker.wait()
        before = used()
        worker = self.consume(jobs)
        self.produce(jobs)
        worker.wait()
        wait_until("only one is left", lambda: self.waiting() == 1)
        result = {"jobs": jobs, "before_bytes": before, "after_bytes": used()}
        stuck.kill()
        stuck.wait()
        return result

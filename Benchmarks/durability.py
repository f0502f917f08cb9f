#!/usr/bin/env python3
"""What it costs that more than Redis has a message before its client is told: redis, replicated and ledger, in turn.

Called by scripts/bench-ledger. One private Redis and one replica, both with an append-only file, and a Postgres that waits
for its disk. Figures of one run only are to be compared.
"""

import os
import statistics
import subprocess
import sys
import tempfile

from measure import Redis, answers, free_port, wait_until
from postgres import DURABLE, Postgres
from wrk import SEND, post, wrk

LEVELS = ("redis", "replicated", "ledger")


def measure(binary, redis, level, database, seconds=10):
    redis.cli("flushdb")  # of the run's own server
    port = free_port()
    environment = {**os.environ, "REDIS_URL": f"unix://{redis.socket}", "API_PORT": str(port), "LOG_LEVEL": "error",
                   "RATE_LIMIT_ENABLED": "false", "ACCESS_LOG": "off",
                   "ENQUEUE_DURABILITY": level, "DATABASE_URL": database}
    server = subprocess.Popen([binary, "ingress"], env=environment)
    try:
        wait_until("the ingress is ready", lambda: answers(f"http://127.0.0.1:{port}/ready"))
        found = wrk(f"http://127.0.0.1:{port}/api/v1/messages/send", seconds, post(SEND))
    finally:
        server.terminate()
        server.wait()
    return found["per_second"], found["p99_ms"]


def main():
    binary = os.path.join(sys.argv[1], "posthaste")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as other:
        os.chmod(other, 0o755)
        postgres = Postgres(os.path.join(other, "postgres"), DURABLE)
        database = postgres.url(postgres.migrated(binary, "ledger"))
        primary, port = Redis(directory), free_port()
        # A replica needs a port to find its primary by.
        primary.cli("config", "set", "port", str(port))
        replica = Redis(other)
        replica.cli("replicaof", "127.0.0.1", str(port))
        wait_until("the replica is in step", lambda: "master_link_status:up" in replica.cli("info", "replication"))
        try:
            runs = {level: [] for level in LEVELS}
            for _ in range(rounds):
                for level in LEVELS:
                    runs[level].append(measure(binary, primary, level, database))
        finally:
            replica.stop()
            primary.stop()
            postgres.stop()
    middle = {level: [statistics.median(values) for values in zip(*runs[level])] for level in LEVELS}
    base = middle["redis"]
    print(f"{'level':<12}{'requests/s':>12}{'ratio':>8}{'p99 ms':>9}{'ratio':>8}")
    for level, (rate, p99) in middle.items():
        print(f"{level:<12}{rate:>12.0f}{rate / base[0]:>8.2f}{p99:>9.1f}{p99 / base[1]:>8.2f}")


if __name__ == "__main__":
    main()

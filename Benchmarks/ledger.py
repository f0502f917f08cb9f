#!/usr/bin/env python3
"""Keeps the events of many messages in the ledger, with one projector and with two, beside the same rows written by raw
multi-row inserts; how old events get at a steady rate; and how fast a backlog is caught up with.

Called by scripts/bench-ledger, which builds what it needs. Its own Redis and its own Postgres, whose settings are the
defaults but for the sizes of its caches.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

from measure import Redis
from postgres import DURABLE, Postgres

PARTS = ["messages", "attempts", "conversations"]


class Run:
    def __init__(self, binaries, redis, postgres):
        self.program = os.path.join(binaries, "ledger-cycle")
        self.posthaste = os.path.join(binaries, "posthaste")
        self.redis, self.postgres = redis, postgres

    def database(self, name):
        return self.postgres.migrated(self.posthaste, name)

    def words(self, *words):
        return [self.program, *words, "--redis", f"unix://{self.redis.socket}"]

    def fill(self, messages):
        subprocess.run(self.words("fill", "--messages", str(messages)), check=True)

    def project(self, database, projectors):
        """Seconds until nothing was left."""
        words = self.words("project") + ["--postgres", self.postgres.url(database)]
        start = time.monotonic()
        processes = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(projectors)]
        answers = [process.communicate()[0] for process in processes]
        if any(process.returncode for process in processes):
            sys.exit("bench: a projector failed")
        return min(time.monotonic() - start, max(float(answer) for answer in answers))

    def rows(self, database):
        return sum(int(self.postgres.psql(f"SELECT count(*) FROM {table}", database)) for table in PARTS)

    def raw(self, source, target):
        """Seconds to write the rows of one database into another, a thousand to a statement."""
        dump = os.path.join(self.postgres.directory, "rows.sql")
        with open(dump, "w") as file:
            subprocess.run(
                [self.postgres.program("pg_dump"), "--data-only", "--inserts", "--rows-per-insert=1000",
                 "--exclude-table=schema_migrations", self.postgres.url(source)], stdout=file, check=True)
        weeks = self.postgres.psql("SELECT array_agg(starts_at) FROM ledger_parts WHERE parent = 'messages'", source)
        self.postgres.psql(f"SELECT ensure_weeks('{weeks}')", target)
        start = time.monotonic()
        subprocess.run([self.postgres.program("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-f", dump,
                        self.postgres.url(target)], check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        os.remove(dump)
        return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--backlog", type=int, default=1_200_000, help="ten minutes of 2,000 a second")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="posthaste-bench-")
    os.chmod(directory, 0o755)
    redis, postgres = Redis(directory), Postgres(os.path.join(directory, "postgres"), DURABLE)
    try:
        measure(Run(options.binaries, redis, postgres), options)
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)


def measure(run, options):
    print(f"{options.messages:,} messages: two events each, one row each of messages and attempts, and conversations")
    for number in range(options.rounds):
        rates = {}
        for projectors in (1, 2):
            run.fill(options.messages)
            name = run.database(f"projected_{number}_{projectors}")
            seconds = run.project(name, projectors)
            rates[projectors] = run.rows(name) / seconds
        rows = run.rows(name)
        raw = rows / run.raw(name, run.database(f"raw_{number}"))
        print(f"  raw {raw:,.0f} rows/s · one projector {rates[1]:,.0f} ({rates[1] / raw:.2f})"
              f" · two {rates[2]:,.0f} ({rates[2] / raw:.2f})", flush=True)
        for database in (f"projected_{number}_1", f"projected_{number}_2", f"raw_{number}"):
            run.postgres.psql(f"DROP DATABASE {database}")
    lag = subprocess.run(
        run.words("lag") + ["--postgres", run.postgres.url(run.database("lag"))], capture_output=True, text=True,
        check=True).stdout.split()
    print(f"lag at 2,000 messages/s: p50 {lag[0]} ms · p99 {lag[1]} ms · most {lag[2]} ms", flush=True)
    run.fill(options.backlog)
    seconds = run.project(run.database("backlog"), 1)
    print(f"{options.backlog:,} messages waiting: kept in {seconds:.0f} s by one projector,"
          f" {options.backlog / seconds:,.0f} messages/s, {2 * options.backlog / seconds:,.0f} events/s")


main()

#!/usr/bin/env python3
"""Fills a ledger with millions of messages and times each read of the HTTP API.

Called by scripts/bench-ledger-queries, which builds what it needs. Its own Postgres and Redis; a real ingress. The times
are the server's own for the statements of a request (auto_explain), and the client's for the whole request.
"""

import argparse
import os
import subprocess
import sys
import time

from postgres import Postgres

HERE = os.path.dirname(os.path.abspath(__file__))
DAY = 86_400_000
# A Monday.
START = 1_780_272_000_000


def timed(what, body):
    begin = time.monotonic()
    body()
    print(f"{what}: {time.monotonic() - begin:.0f} s", flush=True)


def fill(postgres, count, weeks):
    """Rows first and indexes then, in two sessions, one for each half."""
    for name in sorted(os.listdir(os.path.join(HERE, "..", "migrations"))):
        with open(os.path.join(HERE, "..", "migrations", name), encoding="utf-8") as file:
            postgres.psql(file.read())
    moments = ",".join(str(START + week * 7 * DAY) for week in range(weeks + 1))
    postgres.psql(f"SELECT ensure_weeks(ARRAY[{moments}]::bigint[])")
    indexes = postgres.psql(
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'messages' AND indexname <> 'messages_pkey'").splitlines()
    for index in indexes:
        postgres.psql(f"DROP INDEX {index.split()[2]}")
    timed("rows", lambda: rows(postgres, count, weeks))
    timed("conversations", lambda: postgres.psql(
        "INSERT INTO conversations SELECT conversation, (array_agg(channel))[1], min(least(sender, recipient)), "
        "max(greatest(sender, recipient)), (array_agg(id ORDER BY id))[1], (array_agg(id ORDER BY id DESC))[1] "
        "FROM messages GROUP BY conversation"))
    timed("indexes", lambda: postgres.psql(
        ";".join(index.replace(" ON ONLY ", " ON ") for index in indexes)))
    timed("analysis", lambda: postgres.psql("VACUUM ANALYZE"))


def rows(postgres, count, weeks):
    with open(os.path.join(HERE, "ledger_rows.sql"), encoding="utf-8") as file:
        sql = file.read()
    step = max(1, min(500_000, count // 2))
    pieces = [(first, min(first + step, count) - 1) for first in range(0, count, step)]

    def begin(piece):
        session = subprocess.Popen(
            [*postgres.psql_command(), "-v", f"first={piece[0]}", "-v", f"last={piece[1]}", "-v", f"count={count}",
             "-v", f"weeks={weeks}", "-v", f"start={START}"], stdin=subprocess.PIPE, text=True)
        session.stdin.write(sql)
        session.stdin.close()
        return session

    running = []
    for piece in pieces:
        running.append(begin(piece))
        if len(running) == 2 and running.pop(0).wait() != 0:
            sys.exit("bench: the rows could not be made")
    if any(session.wait() != 0 for session in running):
        sys.exit("bench: the rows could not be made")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--directory", required=True)
    arguments.add_argument("--messages", type=int, default=10_000_000)
    arguments.add_argument("--weeks", type=int, default=10)
    options = arguments.parse_args()
    postgres = Postgres(options.directory)
    try:
        fill(postgres, options.messages, options.weeks)
    finally:
        postgres.stop()


if __name__ == "__main__":
    main()

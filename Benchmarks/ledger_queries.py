#!/usr/bin/env python3
"""Fills a ledger with millions of messages and times each read of the HTTP API.

Called by scripts/bench-ledger-queries, which builds what it needs. Its own Postgres and Redis; a real ingress. Times
are milliseconds: `first` and `median` (of 20) are Postgres's own for parsing, planning and running the statements of a
request, `request` is the client's for all of it. `pages` are those that were read, of 8 KB; `filtered` the most rows
that one scan read and threw away.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from measure import Redis, answers, free_port, wait_until
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


class Ingress:
    def __init__(self, program, postgres, redis):
        self.port = free_port()
        self.process = subprocess.Popen(
            [program, "ingress"], env={
                **os.environ, "REDIS_URL": f"unix://{redis.socket}", "DATABASE_URL": postgres.url(),
                "API_PORT": str(self.port), "LOG_LEVEL": "error", "RATE_LIMIT_ENABLED": "false"})
        wait_until("the ingress answers", lambda: answers(f"http://127.0.0.1:{self.port}/health"))

    def get(self, path):
        begin = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=60) as answer:
            body = json.load(answer)
        return body, (time.monotonic() - begin) * 1000

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Log:
    """What the server logs of its statements, since the last look."""

    def __init__(self, postgres):
        self.postgres, self.offset = postgres, os.path.getsize(postgres.log)

    def news(self):
        with open(self.postgres.log, encoding="utf-8") as file:
            file.seek(self.offset)
            text = file.read()
            self.offset = file.tell()
        return text

    def milliseconds(self):
        """Of parsing, planning and running, together."""
        durations = re.findall(r"duration: ([\d.]+) ms  (?:parse|bind|execute) ", self.news())
        return sum(float(each) for each in durations)

    def plan(self):
        """The indexes that were read, the most rows that a condition threw away in one of them, and the pages."""
        text = self.news()
        indexes = set()
        for part, index in re.findall(r"using (\w+?)_\d{4}_\d\d_\d\d_(\w+) on", text):
            indexes.add(f"{part} {index.removesuffix('_idx').replace('_', ',')}")
        indexes |= set(re.findall(r"using (conversations_\w+) on", text))
        removed = max([int(each) for each in re.findall(r"Rows Removed by Filter: (\d+)", text)] or [0])
        # Of the first node of each plan: what is below it is in it.
        pages = sum(
            sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", line))
            for line in re.findall(r"Query Text:.*?Buffers: shared ([^\n]*)", text, re.S))
        scans = ", SEQ SCAN" if re.search(r"Seq Scan on [^\n]*actual[^\n]* rows=[1-9]", text) else ""
        return " + ".join(sorted(indexes)) + scans, removed, pages


def reads(postgres):
    """The paths to ask for, and what they are."""
    def ask(sql):
        return postgres.psql(sql)

    middle = ask(
        "SELECT id FROM messages WHERE id > first_id((SELECT (min(starts_at) + max(ends_at)) / 2 FROM ledger_parts "
        "WHERE parent = 'messages')) AND status = 'delivered' ORDER BY id LIMIT 1")
    sender, recipient, conversation = ask(
        f"SELECT sender, recipient, conversation FROM messages WHERE id = '{middle}'").split("|")
    since = "since=2026-07-01T00:00:00Z&until=2026-07-02T00:00:00Z"
    return [
        ("a message with its timeline", f"messages/{middle}"),
        ("all, newest first", "messages"),
        ("all, 100 of them", "messages?limit=100"),
        ("all, from the middle on", f"messages?cursor={middle}"),
        ("status delivered", "messages?status=delivered"),
        ("status failed", "messages?status=failed"),
        ("status unknown (32 rows, in the oldest weeks)", "messages?status=unknown"),
        ("three statuses", "messages?status=failed,expired,unknown"),
        ("type mms", "messages?type=mms"),
        ("type sms, status failed", "messages?type=sms&status=failed"),
        ("direction inbound", "messages?direction=inbound"),
        ("direction outbound", "messages?direction=outbound"),
        ("one day", f"messages?{since}"),
        ("one day, status failed", f"messages?{since}&status=failed"),
        ("from a sender of average size", f"messages?from={sender}"),
        ("from the largest sender", "messages?from=%2B15550000000"),
        ("from one that sent 100,000 weeks ago", "messages?from=%2B15550009999"),
        ("from it, status unknown (few or none)", "messages?from=%2B15550009999&status=unknown"),
        ("from it, type webhook (none)", "messages?from=%2B15550009999&type=webhook&status=failed"),
        ("to a recipient", f"messages?to={recipient}"),
        ("from and to", f"messages?from={sender}&to={recipient}"),
        ("to a recipient, one day, delivered", f"messages?to={recipient}&{since}&status=delivered"),
        ("of a conversation", f"messages?conversation={conversation}"),
        ("conversations, latest first", "conversations"),
        ("conversations by type", "conversations?type=mms"),
        ("conversations of a recipient", f"conversations?participant={recipient}"),
        ("conversations of the largest sender", "conversations?participant=%2B15550000000"),
        ("the conversation of two", f"conversations?participant={sender},{recipient}"),
        ("a conversation's messages", f"conversations/{conversation}/messages"),
        ("counts of a day", f"messages/counts?{since}"),
        ("counts of a day, type sms", f"messages/counts?{since}&type=sms"),
        ("counts of all", "messages/counts?since=1970-01-01T00:00:00Z"),
    ]


def measure(postgres, program, directory):
    paths = reads(postgres)
    # Nothing is in its memory, though the machine may have the files in its own.
    postgres.stop()
    postgres.start()
    redis = Redis(directory)
    ingress = Ingress(program, postgres, redis)
    try:
        postgres.psql("ALTER SYSTEM SET log_min_duration_statement = 0")
        postgres.psql("SELECT pg_reload_conf()")
        log, times = Log(postgres), {}
        ingress.get("conversations?participant=nobody")
        for name, path in paths:
            runs = []
            for _ in range(21):
                log.news()
                body, whole = ingress.get(path)
                runs.append((log.milliseconds(), whole))
            times[name] = (runs, next((len(body[key]) for key in ("messages", "conversations") if key in body), 1))
        postgres.psql("ALTER SYSTEM SET log_min_duration_statement = -1")
        for setting in ("log_min_duration = 0", "log_analyze = on", "log_buffers = on"):
            postgres.psql(f"ALTER SYSTEM SET auto_explain.{setting}")
        postgres.psql("SELECT pg_reload_conf()")
        print(f"{'read':<48}{'rows':>5}{'first':>9}{'median':>9}{'request':>9}{'pages':>8}{'filtered':>9}  index")
        for name, path in paths:
            runs, rows = times[name]
            log.news()
            ingress.get(path)
            index, removed, pages = log.plan()
            median, whole = (statistics.median(run[column] for run in runs[1:]) for column in (0, 1))
            print(f"{name:<48}{rows:>5}{runs[0][0]:>9.2f}{median:>9.2f}{whole:>9.2f}{pages:>8}{removed:>9}  {index}")
    finally:
        postgres.psql("ALTER SYSTEM RESET ALL")
        ingress.stop()
        redis.stop()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binaries")
    arguments.add_argument("--messages", type=int, default=10_000_000)
    arguments.add_argument("--weeks", type=int, default=10)
    arguments.add_argument("--directory", help="of a database to be kept; one that is there is used as it is")
    options = arguments.parse_args()
    directory = options.directory or tempfile.mkdtemp(prefix="posthaste-bench-")
    is_new = not os.path.isdir(os.path.join(directory, "data"))
    postgres = Postgres(directory)
    try:
        if is_new:
            fill(postgres, options.messages, options.weeks)
        with tempfile.TemporaryDirectory() as scratch:
            measure(postgres, os.path.join(options.binaries, "posthaste"), scratch)
    finally:
        postgres.stop()
        if not options.directory:
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()

"""What the demo asks and shows: from `posthaste pending --json`, the ingress and the simulator."""

import argparse
import json
import sys
import urllib.request
from collections import Counter
from datetime import datetime

SETTLED = {"delivered", "undelivered", "failed", "canceled", "expired", "suppressed", "unknown"}


def is_delivered(message):
    """The simulator's Twilio and SendGrid tell of an arrival by a signed callback. The others do not, nor does Twilio of
    the message that it is asked for."""
    result = message.get("result") or {}
    calls_back = result.get("provider") in ("twilio", "sendgrid") and not result.get("found")
    return message["status"] == "delivered" or message["status"] == "sent" and not calls_back


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def rows(path):
    """A file of tab-separated values."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def pid_of(consumer):
    """Consumers are called <host>-<pid>-<random>; the host may have dashes of its own."""
    return consumer.rsplit("-", 2)[1]


def held_by_pid(queues):
    held = Counter()
    for queue in queues:
        for consumer in queue["consumers"]:
            if consumer["name"].count("-") >= 2:
                held[pid_of(consumer["name"])] += consumer["pending"]
    return held


def waiting(_):
    print(sum(queue["depth"] for queue in json.load(sys.stdin)))


def busiest(options):
    held = held_by_pid(json.load(sys.stdin))
    workers = [(held[pid], pid, name) for pid, name in rows(options.workers) if held[pid] > 0]
    if not workers:
        sys.exit(1)
    print(*max(workers))


def held(options):
    print(held_by_pid(json.load(sys.stdin))[options.pid])


def messages(options):
    """What the ingress says of each message, in the order in which they were posted, with its reference."""
    for id, channel, reference in rows(options.messages):
        yield reference, channel, get(f"{options.api}/api/v1/messages/{id}")


def progress(options):
    """One line; exit status 3 while anything is on its way."""
    all = list(messages(options))
    counts = Counter(message["status"] for _, _, message in all)
    print(" · ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    if any(message["status"] not in SETTLED and not is_delivered(message) for _, _, message in all):
        sys.exit(3)


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def timeline(message):
    """accepted +0 ms → sending +120 ms → sent +480 ms"""
    events = [event for event in message["timeline"] if "at" in event]
    begin = moment(events[0]["at"])
    return " → ".join(
        f"{event['event']} +{(moment(event['at']) - begin).total_seconds() * 1000:.0f} ms" for event in events
    )


def last(message, field):
    """What the newest event that has the field says."""
    return next((event[field] for event in reversed(message["timeline"]) if field in event), None)


def provider(message):
    """Who took it, and whether that was found out by asking."""
    result = message.get("result") or {}
    return result.get("provider", "") + (", asked" if result.get("found") else "")


def print_table(header, lines):
    table = [header, *[[str(cell) for cell in line] for line in lines]]
    widths = [max(map(len, column)) for column in zip(*table)]
    for line in table:
        cells = (cell.rjust(width) if cell.isdigit() else cell.ljust(width) for cell, width in zip(line, widths))
        print(" ", "  ".join(cells).rstrip())


def table(options):
    workers = dict(rows(options.workers))
    lines = []
    for _, channel, message in messages(options):
        consumer = last(message, "worker")
        lines.append([
            "…" + message["id"][-8:], channel, message["status"], message["attempts"],
            last(message, "deliveries") or "", workers.get(pid_of(consumer), consumer) if consumer else "",
            provider(message), timeline(message),
        ])
    header = ["MESSAGE", "CHANNEL", "STATUS", "ATTEMPTS", "DELIVERIES", "SENT BY", "PROVIDER", "TIMELINE"]
    print_table(header, lines)


def received(options):
    """Holds what the ingress says of each message against what the simulator got of it."""
    sent = list(messages(options))
    accepted = get(f"{options.simulator}/_simulator/received?outcome=accepted&limit=10000")["messages"]
    times = {reference: sum(reference in arrival["body"] for arrival in accepted) for reference, _, _ in sent}
    counts = get(f"{options.simulator}/_simulator/counts")
    lines = []
    for name in ("twilio", "vonage", "sendgrid", "webhook"):
        of_provider = [times[ref] for ref, _, message in sent if (message.get("result") or {}).get("provider") == name]
        lines.append([
            name, len(of_provider), counts[name]["requests"], counts[name]["accepted"],
            sum(n == 0 for n in of_provider), sum(n > 1 for n in of_provider),
        ])
    print_table(["PROVIDER", "MESSAGES", "REQUESTS", "ACCEPTED", "MISSING", "MORE THAN ONCE"], lines)
    print()
    judge(sent, times, accepted, dict(rows(options.killed)))


def judge(sent, times, accepted, killed):
    wrong = []
    for reference, channel, message in sent:
        if not is_delivered(message):
            wrong.append(f"{reference} ({channel}, {message['id']}) is {message['status']}: {message.get('error')}")
        elif times[reference] == 0:
            wrong.append(f"{reference} ({channel}, {message['id']}) is sent, and its provider does not have it")
        elif times[reference] > 1 and channel != "webhook":
            wrong.append(f"{reference} ({channel}, {message['id']}) was sent {times[reference]} times")
    for arrival in accepted:
        if arrival["provider"] == "webhook" and not arrival.get("verified"):
            wrong.append(f"a webhook's signature does not hold: {arrival['body']}")
    if wrong:
        print("\n".join(f"  ✗ {what}" for what in wrong))
        sys.exit(1)
    print(f"  ✓ All {len(sent)} messages are delivered, and the providers have every one.")
    again = sum(last(message, "deliveries") > 1 for _, _, message in sent)
    twice = sum(count > 1 for count in times.values())
    for name, held in killed.items():
        print(f"  · {name} died with {held} in flight; {again} were delivered to another worker.")
    if twice:
        print(f"  · {twice} of those, webhooks, reached the endpoint twice: it had them when the worker died, before the")
        print("    worker could say so. It knows them by their webhook-id; everything else was asked for, not sent again.")


def main():
    looks = {look.__name__: look for look in (waiting, busiest, held, progress, table, received)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("look", choices=looks)
    for name in ("api", "simulator", "messages", "workers", "killed", "pid"):
        parser.add_argument(f"--{name}")
    options = parser.parse_args()
    looks[options.look](options)


main()

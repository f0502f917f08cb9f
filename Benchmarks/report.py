"""What a run found, for people and for machines: tables, and JSON."""

import json
import os
import platform
import re
import subprocess
import sys
from datetime import datetime, timezone

from aims import reached
from measure import PAYLOAD_BYTES
from progress import spoken


def plain(digits):
    return lambda value: f"{value:,.{digits}f}"


def figure(value):
    """With as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def share(value):
    """A ratio; a small one has more digits, so that it is not nothing."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


# Key, heading, how it is written.
COLUMNS = [
    ("per_second", "per second", plain(0)), ("ratio", "ratio", share), ("redis_us", "Redis µs", plain(1)),
    ("worker_us", "worker µs", plain(1)),
    ("ingress_us", "ingress µs", plain(0)), ("postgres_us", "Postgres µs", plain(0)),
    ("simulator_us", "provider µs", plain(0)), ("rss_mb", "RSS MB", plain(0)), ("redis_mb", "data MB", plain(1)),
    ("seconds", "seconds", plain(2)), ("p50_ms", "p50 ms", figure), ("p99_ms", "p99 ms", figure),
    ("p999_ms", "p99.9 ms", figure),
]
# Whose CPU and memory it is, where it is not a worker's.
PROCESSES = {"enqueue": "client", "http": "server"}
# What a group's ratio is of, where it is not what is done in a second.
RATIOS = {"backlog": ("redis_us", "Redis µs ratio"), "memory": ("redis_mb", "data ratio")}


def by_group(lines):
    groups = {}
    for line in lines:
        groups.setdefault(line["group"], []).append(line)
    return groups


def with_ratios(lines):
    """A group's lines; each has its ratio to the reference, where there is one and both were measured."""
    measured, _ = RATIOS.get(lines[0]["group"], ("per_second", "ratio"))
    base = next((line.get(measured) for line in lines if line.get("reference")), None)
    ratio = lambda line: line[measured] / base if base and line.get(measured) is not None else None
    return [{**line, "ratio": ratio(line)} for line in lines]


def table(group, lines, bold=lambda text: text, faint=lambda text: text):
    """A group: a name in each row, then the columns that somebody was measured in, then the note."""
    lines = with_ratios(lines)
    columns = [column for column in COLUMNS if any(line.get(column[0]) is not None for line in lines)]
    process = next((name for start, name in PROCESSES.items() if group.startswith(start)), "worker")
    _, ratio = RATIOS.get(group, ("per_second", "ratio"))
    titles = [ratio if key == "ratio" else title.replace("worker", process) for key, title, _ in columns]
    cells = [[write(line[key]) if line.get(key) is not None else "" for key, _, write in columns] for line in lines]
    names = max(len(text) for text in [group, *(line["name"] for line in lines)])
    widths = [max(map(len, column)) for column in zip(titles, *cells)]
    row = lambda cells: "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths))
    rows = [bold(f"{group:<{names}}{row(titles)}")]
    for line, each in zip(lines, cells):
        note = f"   {faint(line['note'])}" if line.get("note") else ""
        rows.append(f"{line['name']:<{names}}{row(each)}{note}".rstrip())
    return "\n".join(rows)


def tables(lines, out=sys.stdout):
    """All groups. A ratio is to the group's reference."""
    is_colored = out.isatty() and "NO_COLOR" not in os.environ
    style = lambda code: (lambda text: f"\x1b[{code}m{text}\x1b[0m") if is_colored else (lambda text: text)
    return [table(group, of_group, style(1), style(2)) for group, of_group in by_group(lines).items()]


def aims(lines):
    """What was to be reached, and what of it was."""
    rows = [(aim["aim"], aim["bound"], figure(aim["found"]), "" if aim["reached"] else "missed")
            for aim in reached(lines)]
    if not rows:
        return ""
    widths = [max(len(row[place]) for row in [("aim", "wanted", "found"), *rows]) for place in range(3)]
    return "\n".join(f"{what:<{widths[0]}}  {bound:>{widths[1]}}  {found:>{widths[2]}}  {missed}".rstrip()
                     for what, bound, found, missed in [("aim", "wanted", "found", ""), *rows])


def about(redis, options):
    """Where, when and how it was measured."""
    return {
        "machine": machine(), "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "versions": {"redis": redis.info("server", "redis_version"), "posthaste": commit(),
                     "python": platform.python_version()},
        "settings": {"quick": options.quick, "rounds": options.rounds, "groups": options.only or "all",
                     "payload_bytes": PAYLOAD_BYTES, "redis": "appendonly yes, appendfsync everysec, no rewrite"},
    }


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = re.search(r"model name\s*:\s*(.*)", info.read())
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": model[1] if model else platform.machine(), "cores": os.cpu_count(), "memory_gib": round(gigabytes),
            "system": f"{platform.system()} {platform.release()}"}


def commit():
    """The sources' version: a commit, `-dirty` where there is more than that."""
    found = subprocess.run(["git", "-C", os.path.dirname(os.path.abspath(__file__)), "describe", "--always", "--dirty",
                            "--exclude", "*"], capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def heading(about):
    """The same in two lines."""
    machine, versions, settings = about["machine"], about["versions"], about["settings"]
    took = f", {spoken(about['seconds'])}" if "seconds" in about else ""
    rounds = "one round" if settings["rounds"] == 1 else f"medians of {settings['rounds']} rounds"
    return (f"{machine['cores']} cores, {machine['cpu']}, {machine['memory_gib']} GiB; "
            f"Redis {versions['redis']}, AOF everysec; Posthaste {versions['posthaste']}\n"
            f"{about['date'][:10]}; {rounds}{', quick' if settings['quick'] else ''}{took}; "
            f"jobs of {settings['payload_bytes']} bytes; CPU in µs a job")


def json_text(lines, about, failures):
    document = {**about, "lines": [line for group in by_group(lines).values() for line in with_ratios(group)],
                "aims": reached(lines),
                "not_measured": failures}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

#!/usr/bin/env python3
"""Measures the runtime, its peers, the ingress and the whole, side by side.

All of one run is on one machine, one private Redis (append-only file, everysec) and in turn, so that a ratio holds
where a figure alone would not; each figure is the median of the rounds. Called by scripts/bench, which builds what it
needs.
"""

import argparse
import itertools
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time

import chart
import cycles
import end_to_end
import http_lines
import measure
import peers
import report
import worker_lines
from measure import FIGURES, Redis, Scale
from progress import Progress

# In the order of the report.
PARTS = [cycles, peers, http_lines, end_to_end, worker_lines]


def left_out():
    """What is not installed is no failure of a run, but it is told."""
    return [*peers.left_out(), *http_lines.left_out()]


def plan(parts, binaries, redis, scale):
    """All there is to measure, a group's together: so its lines are close in time."""
    steps = [step for part in parts for step in part.lines(binaries, redis, scale)]
    groups = list(dict.fromkeys(group(title) for title, _ in steps))
    return sorted(steps, key=lambda step: groups.index(group(step[0])))


def group(title):
    return title.split(":")[0]


def chosen(steps, only):
    """The steps of the groups asked for: those that begin with one of these words."""
    groups = list(dict.fromkeys(group(title) for title, _ in steps))
    unknown = [word for word in only if not any(name.startswith(word) for name in groups)]
    if unknown:
        sys.exit(f"bench: no group {', '.join(unknown)}; there are: {', '.join(groups)}")
    return [step for step in steps if any(group(step[0]).startswith(word) for word in only or [""])]


def in_rounds(steps, rounds):
    """A group's steps in turn, as often as there are rounds; then the next group."""
    for _, of_group in itertools.groupby(steps, key=lambda step: group(step[0])):
        of_group = list(of_group)
        for number in range(rounds):
            for title, measurement in of_group:
                if number == 0 or not getattr(measurement, "once", False):
                    yield title, measurement


class Run:
    """What was measured so far, and what could not be."""

    def __init__(self):
        self.rounds, self.failures = {}, []

    def measure(self, title, measurement):
        before = set(measure.family(os.getpid()))
        try:
            found = measurement()
        except (Exception, SystemExit) as failure:
            # The rest of the run is worth having without it.
            self.failures.append({"title": title, "why": str(failure) or type(failure).__name__})
            measure.end(list(set(measure.family(os.getpid())) - before))
            return
        for line in found if isinstance(found, list) else [found]:
            self.rounds.setdefault((line["group"], line["name"]), []).append(line)

    def lines(self):
        """The medians, a group's lines together."""
        merged = [median(rounds) for rounds in self.rounds.values()]
        groups = list(dict.fromkeys(line["group"] for line in merged))
        return sorted(merged, key=lambda line: groups.index(line["group"]))


def median(rounds):
    line = {**rounds[-1], "rounds": [{name: each.get(name) for name in FIGURES} for each in rounds]}
    for name in FIGURES:
        values = [each[name] for each in rounds if each.get(name) is not None]
        line[name] = statistics.median(values) if values else None
    return line


def walk(steps, run, progress):
    try:
        for number, (title, measurement) in enumerate(steps):
            progress.begin(number, title)
            run.measure(title, measurement)
            progress.end(number)
    finally:
        progress.close()


def show(run, about, options):
    lines = run.lines()
    print(report.heading(about), *report.tables(lines), report.aims(lines), sep="\n\n")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.write(report.json_text(lines, about, run.failures))
    if options.svg and lines:
        with open(options.svg, "w", encoding="utf-8") as file:
            file.write(chart.svg(lines, about))
    for failure in run.failures:
        print(f"not measured: {failure['title']}: {failure['why']}", file=sys.stderr)
    return 1 if any(failure["title"] not in left_out() for failure in run.failures) else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries", type=os.path.abspath, help="where the release build is")
    parser.add_argument("--quick", action="store_true", help="less of everything, one round: under three minutes")
    parser.add_argument("--only", nargs="+", default=[], metavar="GROUP", help="these groups alone")
    parser.add_argument("--rounds", type=int, help="each figure is the median of so many (3; 1 with --quick)")
    parser.add_argument("--json", type=os.path.abspath, metavar="FILE", help="writes the figures there, for machines")
    parser.add_argument("--svg", type=os.path.abspath, metavar="FILE", help="writes a chart there")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = arguments()
    for how in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, interrupt)
    measure.adopt_orphans()
    directory = tempfile.mkdtemp(prefix="posthaste-bench-")
    measure.forget_settings(directory)
    try:
        redis, scale = Redis(directory), Scale(options.quick)
        steps = chosen(plan(PARTS, options.binaries, redis, scale), options.only)
        steps = list(in_rounds(steps, options.rounds))
        run, about = Run(), {**report.about(redis, options), "not_comparable": peers.NOT_COMPARABLE}
        run.failures += [{"title": name, "why": "not installed: scripts/bench-peers"} for name in left_out()]
        begin = time.monotonic()
        is_cut_off = False
        try:
            walk(steps, run, Progress([title for title, _ in steps], options.quick))
        except KeyboardInterrupt:
            is_cut_off = True  # What was measured is worth having.
        about["seconds"] = round(time.monotonic() - begin)
        return show(run, about, options) or (130 if is_cut_off else 0)
    except KeyboardInterrupt:
        return 130
    finally:
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(how, signal.SIG_IGN)
        measure.end([pid for pid in measure.family(os.getpid()) if pid != os.getpid()])
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

"""What the project has set out to reach, beside what a run found. A ratio is of two figures of the same run."""


class Found:
    """The lines of a run by group and name; a figure that was not measured is None, and so is what is made of it."""

    def __init__(self, lines):
        self.lines = {(line["group"], line["name"]): line for line in lines}

    def figure(self, group, name, key="per_second"):
        return self.lines.get((group, name), {}).get(key)

    def ratio(self, one, other):
        one, other = self.figure(*one), self.figure(*other)
        return one / other if one and other else None

    def best_peer(self):
        rates = [line["per_second"] for (group, name), line in self.lines.items()
                 if group == "jobs" and not name.startswith(("Posthaste", "raw"))]
        return max(filter(None, rates), default=None)

    def times_best_peer(self):
        own, best = self.figure("jobs", "Posthaste, untracked"), self.best_peer()
        return own / best if own and best else None

    def best(self, group, start=""):
        """The most that a line of a group does whose name begins so."""
        rates = [line["per_second"] for (of, name), line in self.lines.items() if of == group and name.startswith(start)]
        return max(filter(None, rates), default=None)

    def times_fastapi(self):
        own, best = self.figure("http", CHECKED), self.best("http", "FastAPI")
        return own / best if own and best else None


def of_raw(group, name, raw="raw Redis (hiredis)"):
    return lambda found: found.ratio((group, name), (group, raw))


def figure(group, name, key):
    return lambda found: found.figure(group, name, key)


HALF = "Posthaste at half of its maximum"
CHECKED, BARE = "ingress, validation only", "bare Hummingbird route"
LEAST, MOST = "≥", "≤"
AIMS = [
    ("untracked cycle, of the raw one", LEAST, 0.6, of_raw("cycle", "Posthaste, untracked")),
    ("untracked drain, of the best peer's", LEAST, 6, Found.times_best_peer),
    ("Redis µs of an untracked cycle", MOST, 10, figure("cycle", "Posthaste, untracked", "redis_us")),
    ("cycle with events, of the raw one", LEAST, 0.3, of_raw("cycle", "Posthaste, tracked, events")),
    ("Redis µs of a cycle with events", MOST, 28, figure("cycle", "Posthaste, tracked, events", "redis_us")),
    ("bulk enqueue, of pipelined XADD", LEAST, 0.5, of_raw("enqueue", "Posthaste, untracked", "pipelined XADD")),
    ("enqueue one by one, of redis-benchmark", LEAST, 0.5,
     of_raw("enqueue one by one", "Posthaste, untracked", "redis-benchmark XADD")),
    ("start at 500/s, p50 ms", MOST, 0.5, figure("latency", "Posthaste", "p50_ms")),
    ("start at 500/s, p99 ms", MOST, 2, figure("latency", "Posthaste", "p99_ms")),
    ("start at half of the maximum, p99 ms", MOST, 10, figure("latency", HALF, "p99_ms")),
    ("ingress, of FastAPI at its best", LEAST, 6, Found.times_fastapi),
    ("ingress, of the bare route", LEAST, 0.6, lambda found: found.ratio(("http", CHECKED), ("http", BARE))),
    ("ingress, p99 ms at 64 connections", MOST, 10, figure("http", CHECKED, "p99_ms")),
    ("end to end, messages a second", LEAST, 4000, lambda found: found.best("end to end", "singles")),
    ("two workers' drain, of one's", LEAST, 1,
     lambda found: found.ratio(("two workers", "Posthaste, untracked"), ("jobs", "Posthaste, untracked"))),
    ("Redis µs before a million, of before a thousand", MOST, 1.1,
     lambda found: found.ratio(("backlog", "1,000,000 wait behind", "redis_us"),
                               ("backlog", "1,000 wait behind", "redis_us"))),
    ("RSS of a worker with 1,000 in flight, MB", MOST, 80, figure("memory", "worker, 1,000 in flight", "rss_mb")),
]


def reached(lines):
    """Each aim that something was measured of: what, the bound, what was found, and whether that is within."""
    found = Found(lines)
    values = [(what, sign, bound, value(found)) for what, sign, bound, value in AIMS]
    return [{"aim": what, "bound": f"{sign} {bound:g}", "found": value,
             "reached": value >= bound if sign == LEAST else value <= bound}
            for what, sign, bound, value in values if value is not None]

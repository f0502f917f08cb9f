#!/usr/bin/env python3
"""What each part of the ingress costs: sends with it and without it, beside a bare route of the same framework.

    python3 Benchmarks/ingress.py <folder of the binaries> [--rounds 3] [--seconds 6]

Called by scripts/bench-ingress. All of one run is on one machine, one private Redis (append-only file, everysec) and in
turn, so that a ratio holds where a figure alone would not.
"""

import argparse
import statistics
import tempfile

from http_lines import BATCH, MANY, OFF, Servers
from measure import Redis

BARE = "bare route"


def variants(servers):
    return {
        BARE: servers.bare,
        "validation": lambda: servers.ingress(OFF),
        "+ access log": lambda: servers.ingress({"RATE_LIMIT_ENABLED": "false"}),
        "+ API key": lambda: servers.ingress(OFF, keys=True),
        "+ rate limit": lambda: servers.ingress({**MANY, "ACCESS_LOG": "off"}),
        "+ idempotency": lambda: servers.ingress(OFF, idempotent=True),
        "all of it": lambda: servers.ingress(MANY, keys=True, idempotent=True),
        f"batch of {BATCH}": lambda: servers.ingress(MANY, keys=True, messages=BATCH),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        redis = Redis(directory)
        try:
            measured = variants(Servers(options.binaries, redis, options.seconds))
            runs = {name: [] for name in measured}
            for _ in range(options.rounds):
                for name, measure in measured.items():
                    runs[name].append(measure())
        finally:
            redis.stop()
    show({name: medians(found) for name, found in runs.items()})


def medians(runs):
    return {key: statistics.median(run[key] for run in runs) for key, value in runs[0].items() if value is not None}


def show(rows):
    print(f"{'':<16}{'messages/s':>12}{'to bare':>9}{'p99 ms':>9}{'server µs':>11}{'Redis µs':>10}")
    for name, row in rows.items():
        redis = f"{row['redis_us']:.1f}" if "redis_us" in row else ""
        print(f"{name:<16}{row['per_second']:>12,.0f}{row['per_second'] / rows[BARE]['per_second']:>9.2f}"
              f"{row['p99_ms']:>9.1f}{row['worker_us']:>11.1f}{redis:>10}")


if __name__ == "__main__":
    main()

"""What the peers' programs in Python share: their commands, the tally of a worker, the pace of a producer.

    NAME_peer.py bulk SOCKET JOBS           enqueue so many by the best means; prints the seconds from first to last
    NAME_peer.py single SOCKET JOBS         enqueue so many one by one, 64 at a time; prints the seconds
    NAME_peer.py paced SOCKET JOBS RATE     enqueue one, wait for a line, then so many at the rate, each with its moment
    NAME_peer.py work SOCKET TALLY          a worker, until it is killed

A payload is 250 bytes as JSON: a text of one letter, or the moment it was to be enqueued at, filled up with spaces.
"""

import asyncio
import gc
import mmap
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

PAYLOAD = "x" * 248
ENQUEUERS = 64
CHUNK = 1000

# The tally's cells, eight bytes each; how long jobs have waited, in nanoseconds, is behind them.
HELD, GO, DONE, FIRST, LAST, WAITS, ROWS = 0, 1, 2, 3, 4, 5, 8


class Tally:
    """What a worker has done, in memory shared with whoever measures."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self._cells = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")
        self._lock = threading.Lock()

    def job(self, payload):
        """A job's whole work: it is counted. The first is held until told to go, so that no start-up is measured."""
        cells = self._cells
        now = time.monotonic_ns()
        with self._lock:
            if not cells[FIRST]:
                now = self._hold()
            elif payload[0] != "x":
                cells[ROWS + cells[WAITS]] = now - int(payload)
                cells[WAITS] += 1
            cells[LAST] = now
            cells[DONE] += 1

    def _hold(self):
        self._cells[HELD] = 1
        while not self._cells[GO]:
            time.sleep(0.001)  # allowed: pause between two looks
        gc.collect()
        self._cells[FIRST] = time.monotonic_ns()
        return self._cells[FIRST]


def chunks(jobs):
    for start in range(0, jobs, CHUNK):
        yield [PAYLOAD] * min(CHUNK, jobs - start)


def begin_at():
    """Tells that the first job is enqueued, and waits to be told to go on."""
    print("one", flush=True)
    sys.stdin.readline()
    return time.monotonic_ns()


def stamped(moment):
    return str(moment).ljust(len(PAYLOAD))


def run_async(open_producer, work):
    """A peer on asyncio. `open_producer(socket)` gives its `(one, bulk)`; bulk may be None where it has none."""
    import uvloop

    command, socket, *rest = sys.argv[1:]
    working = command == "work"
    uvloop.run(work(socket, Tally(*rest)) if working else _enqueue_async(command, open_producer, socket, *rest))


async def _enqueue_async(command, open_producer, socket, jobs, rate=None):
    jobs = int(jobs)
    one, bulk = await open_producer(socket)
    if command == "paced":
        return await _pace_async(one, jobs, float(rate))
    begin = time.monotonic()
    if command == "bulk" and bulk:
        for payloads in chunks(jobs):
            await bulk(payloads)
    else:
        await _from_tasks(one, jobs)
    print(time.monotonic() - begin)


async def _from_tasks(one, jobs):
    left = iter(range(jobs))

    async def enqueuer():
        for _ in left:
            await one(PAYLOAD)

    await asyncio.gather(*(enqueuer() for _ in range(ENQUEUERS)))


async def _pace_async(one, jobs, rate):
    await one(PAYLOAD)
    begin = begin_at()
    enqueues = []
    for number in range(jobs):
        due = begin + int(number / rate * 1e9)
        # The loop's timers are of whole milliseconds, and may be early: the last one is waited for turn by turn.
        while (wait := due - time.monotonic_ns()) > 0:
            await asyncio.sleep(max(0, wait / 1e9 - 0.002))  # allowed: the producer's pace
        enqueues.append(asyncio.create_task(one(stamped(due))))
    await asyncio.gather(*enqueues)


def run_sync(open_producer, work, threads):
    """A peer that blocks. `threads` is from how many it enqueues one by one, where 64 are not the fastest."""
    command, socket, *rest = sys.argv[1:]
    if command == "work":
        return work(socket, Tally(rest[0]))
    jobs = int(rest[0])
    one, bulk = open_producer(socket)
    if command == "paced":
        return _pace_sync(one, jobs, float(rest[1]))
    begin = time.monotonic()
    if command == "bulk" and bulk:
        for payloads in chunks(jobs):
            bulk(payloads)
    else:
        with ThreadPoolExecutor(threads) as pool:
            share = lambda number: [one(PAYLOAD) for _ in range(number, jobs, threads)]
            list(pool.map(share, range(threads)))
    print(time.monotonic() - begin)


def _pace_sync(one, jobs, rate):
    one(PAYLOAD)
    begin = begin_at()
    for number in range(jobs):
        due = begin + int(number / rate * 1e9)
        wait = due - time.monotonic_ns()
        if wait > 0:
            time.sleep(wait / 1e9)  # allowed: the producer's pace
        one(stamped(due))

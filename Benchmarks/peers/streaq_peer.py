"""streaq."""

import logging
import os

# Before it is imported: without checks at run time.
os.environ["COREDIS_OPTIMIZED"] = "true"

import peer
from streaq import Worker


def worker(socket, act=None):
    streams = Worker(redis_url=f"unix://{socket}", queue_name="bench", concurrency=32, handle_signals=False)

    # Without a time-out and a result; nothing is logged of it.
    @streams.task(timeout=None, ttl=0, silent=True)
    async def noop(payload):
        act(payload)

    return streams, noop


async def open_producer(socket):
    streams, noop = worker(socket)
    await streams.__aenter__()

    async def one(payload):
        await noop.enqueue(payload)

    async def bulk(payloads):
        await streams.enqueue_many([noop.enqueue(payload) for payload in payloads])

    return one, bulk


async def work(socket, tally):
    logging.disable(logging.CRITICAL)
    streams, _ = worker(socket, tally.job)
    await streams.run_async()


peer.run_async(open_producer, work)

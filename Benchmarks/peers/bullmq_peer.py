"""BullMQ's port to Python (its authors' own; the Node original is faster, and is not on PyPI)."""

import asyncio

import peer
from bullmq import Queue, Worker

OPTIONS = {"removeOnComplete": True}


async def open_producer(socket):
    queue = Queue("bench", {"connection": f"unix://{socket}"})

    async def one(payload):
        await queue.add("noop", payload, OPTIONS)

    async def bulk(payloads):
        await queue.addBulk([{"name": "noop", "data": payload, "opts": OPTIONS} for payload in payloads])

    return one, bulk


async def work(socket, tally):
    async def noop(job, _token):
        tally.job(job.data)

    Worker("bench", noop, {"connection": f"unix://{socket}", "concurrency": 10})
    await asyncio.Event().wait()


peer.run_async(open_producer, work)

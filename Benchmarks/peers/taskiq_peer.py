"""taskiq with the streams broker of taskiq-redis."""

import asyncio
import logging

import peer
from taskiq.api import run_receiver_task
from taskiq.serializers import ORJSONSerializer
from taskiq_redis import RedisStreamBroker

CONCURRENCY = 100


def broker(socket, act=None):
    # "0": the backlog was there before the group was.
    streams = RedisStreamBroker(
        f"unix://{socket}", consumer_id="0", xread_count=100, max_connection_pool_size=CONCURRENCY + 10
    ).with_serializer(ORJSONSerializer())

    async def noop(payload):
        act(payload)

    return streams, streams.register_task(noop, task_name="noop")


async def open_producer(socket):
    streams, noop = broker(socket)
    await streams.startup()
    return noop.kiq, None


async def work(socket, tally):
    logging.disable(logging.CRITICAL)
    streams, _ = broker(socket, tally.job)
    await run_receiver_task(streams, run_startup=True, validate_params=False, max_async_tasks=CONCURRENCY)


peer.run_async(open_producer, work)

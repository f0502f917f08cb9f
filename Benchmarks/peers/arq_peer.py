"""arq."""

import logging

import msgpack
import peer
from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func

SERIALIZER = {"job_serializer": msgpack.packb, "job_deserializer": lambda data: msgpack.unpackb(data, raw=False)}


async def open_producer(socket):
    pool = await create_pool(RedisSettings(unix_socket_path=socket), **SERIALIZER)

    async def one(payload):
        await pool.enqueue_job("noop", payload)

    return one, None


async def work(socket, tally):
    logging.disable(logging.CRITICAL)

    async def noop(_context, payload):
        tally.job(payload)

    worker = Worker(
        [func(noop, name="noop", keep_result=0)], redis_settings=RedisSettings(unix_socket_path=socket), max_jobs=25,
        poll_delay=0.001, log_results=False, handle_signals=False, **SERIALIZER)
    await worker.async_run()


peer.run_async(open_producer, work)

"""dramatiq with its Redis broker."""

import logging
import os
import threading

# Before it is imported: how many messages it takes into its memory ahead.
os.environ["dramatiq_queue_prefetch"] = "1000"

import dramatiq
import orjson
import peer
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries


class OrjsonEncoder(dramatiq.Encoder):
    def encode(self, data):
        return orjson.dumps(data)

    def decode(self, data):
        return orjson.loads(data)


def actor(socket, act=None):
    broker = RedisBroker(url=f"unix://{socket}", middleware=[Retries()])
    dramatiq.set_broker(broker)
    dramatiq.set_encoder(OrjsonEncoder())
    return broker, dramatiq.actor(act or (lambda payload: None), actor_name="noop", broker=broker)


def open_producer(socket):
    _, noop = actor(socket)
    return noop.send, None


def work(socket, tally):
    logging.disable(logging.CRITICAL)
    broker, _ = actor(socket, tally.job)
    dramatiq.Worker(broker, worker_threads=8).start()
    threading.Event().wait()


peer.run_sync(open_producer, work, threads=1)

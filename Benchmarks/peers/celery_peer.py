"""Celery with Redis as its broker."""

import logging

import peer
from celery import Celery


def application(socket, act=None):
    def noop(payload):
        act(payload)

    app = Celery("bench", broker=f"redis+socket://{socket}", set_as_current=False)
    app.conf.update(
        task_ignore_result=True, worker_prefetch_multiplier=128, worker_enable_remote_control=False,
        worker_hijack_root_logger=False)
    return app, app.task(noop, name="noop")


def open_producer(socket):
    app, noop = application(socket)
    connection = app.connection_for_write()
    producer = app.amqp.Producer(connection.default_channel)

    def one(payload):
        noop.apply_async((payload,), producer=producer)

    return one, None


def work(socket, tally):
    logging.disable(logging.CRITICAL)
    app, _ = application(socket, tally.job)
    app.worker_main([
        "worker", "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=critical"])


peer.run_sync(open_producer, work, threads=1)

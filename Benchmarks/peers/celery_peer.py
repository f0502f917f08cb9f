"""Celery with Redis as its broker."""

import logging
import os

import peer
from celery import Celery


def application(socket, act=None):
    def noop(payload):
        act(payload)

    app = Celery("bench", broker=f"redis+socket://{socket}", backend=None, set_as_current=False)
    app.conf.update(
        task_ignore_result=True, task_store_errors_even_if_ignored=False, worker_send_task_events=False,
        task_send_sent_event=False, event_queue_expires=60, worker_prefetch_multiplier=int(os.environ.get("PREFETCH", 128)), task_acks_late=False,
        worker_hijack_root_logger=False, worker_enable_remote_control=False, broker_connection_retry_on_startup=True,
        task_serializer=os.environ.get("SERIALIZER", "json"), accept_content=["json", "msgpack"],
        broker_pool_limit=peer.ENQUEUERS, task_create_missing_queues=True)
    return app, app.task(noop, name="noop", ignore_result=True)


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
        "worker", f"--pool={os.environ.get('POOL', 'solo')}", f"--concurrency={os.environ.get('CONCURRENCY', 1)}", "--without-gossip", "--without-mingle",
        "--without-heartbeat", "--loglevel=critical"])


peer.run_sync(open_producer, work, threads=1)

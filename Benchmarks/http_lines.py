"""The group "http": what a send costs at the ingress, beside a bare route of the same framework and beside a service in
the shape of the one that the ingress replaces."""

import os
import re
import subprocess

from measure import Child, answers, free_port, line, wait_until
from wrk import IDEMPOTENT, SEND, post, wrk

HERE = os.path.dirname(os.path.abspath(__file__))
# Where scripts/bench-peers installs what is pinned in peers/requirements-http.txt.
VENV = os.path.join(os.path.dirname(HERE), ".run", "bench")
PYTHON = os.path.join(VENV, "bin", "python")
# Only a whole environment has it.
INSTALLED = os.path.join(VENV, "requirements.txt")
MANY = {"RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_REQUESTS": "1000000000", "RATE_LIMIT_PERIOD": "60"}
OFF = {"RATE_LIMIT_ENABLED": "false", "ACCESS_LOG": "off"}
BATCH = 100


class Servers:
    """Starts a server, lets wrk at it, and ends it."""

    def __init__(self, binaries, redis, seconds):
        self.binaries, self.redis, self.seconds = binaries, redis, seconds
        self.url = f"unix://{redis.socket}"
        self.keyed = None

    def binary(self, name):
        return os.path.join(self.binaries, name)

    def key(self):
        """An API key, and its entry in the ingress's settings."""
        if not self.keyed:
            made = subprocess.run([self.binary("posthaste"), "keys", "new", "bench", "--scopes", "send,read"],
                                  capture_output=True, text=True, check=True).stdout
            self.keyed = re.search(r"ph_\w+", made)[0], re.search(r"bench:sha256:\S+", made)[0]
        return self.keyed

    def bare(self):
        port = free_port()
        found = self.served([self.binary("bare-route"), str(port)], {}, port, "/", "send", post(SEND))
        return {**found, "redis_us": None}

    def ingress(self, settings, keys=False, idempotent=False, messages=1):
        port, headers = free_port(), {}
        environment = {"REDIS_URL": self.url, "API_PORT": str(port), "LOG_LEVEL": "error", **settings}
        if keys:
            key, environment["API_KEYS"] = self.key()
            headers["Authorization"] = f"Bearer {key}"
        document = SEND if messages == 1 else {"messages": [SEND] * messages}
        return self.served([self.binary("posthaste"), "ingress"], environment, port, "/ready",
                           "send" if messages == 1 else "batch", post(document, headers, IDEMPOTENT * idempotent),
                           messages)

    def fastapi(self, workers):
        port = free_port()
        words = [PYTHON, "-m", "uvicorn", "fastapi_service:app", "--app-dir", os.path.join(HERE, "peers"),
                 "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "critical",
                 "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
        return self.served(words, {"REDIS_URL": self.url}, port, "/ready", "send", post(SEND))

    def served(self, words, environment, port, ready, path, script, messages=1):
        """The figures of a line, for each message."""
        self.redis.clear()
        with Child(words, env={**os.environ, **environment}, stdout=subprocess.DEVNULL) as server:
            wait_until("the server answers", lambda: answers(f"http://127.0.0.1:{port}{ready}"))
            url = f"http://127.0.0.1:{port}/api/v1/messages/{path}"
            wrk(url, 1, script)  # connections, pools and caches are there
            redis, cpu = self.redis.cpu(), server.cpu()
            found = wrk(url, self.seconds, script)
            each = lambda seconds: seconds / found["requests"] / messages * 1e6
            server.look()
            return {"per_second": found["per_second"] * messages, "redis_us": each(self.redis.cpu() - redis),
                    "worker_us": each(server.cpu() - cpu), "rss_mb": server.rss_mb,
                    **{name: found[name] for name in ("p50_ms", "p99_ms", "p999_ms")}}


def left_out():
    return [] if os.path.exists(INSTALLED) else ["FastAPI"]


def variants(servers):
    """Name, note, and what measures it."""
    everything = "API key, rate limit, idempotency key, access log"
    fastapi = [
        ("FastAPI, one worker", "uvloop, httptools, hiredis; XADD, no log", lambda: servers.fastapi(1)),
        ("FastAPI, two workers", "uvloop, httptools, hiredis; XADD, no log", lambda: servers.fastapi(2)),
    ]
    return [
        ("bare Hummingbird route", "decodes the same JSON, answers; no Redis", servers.bare),
        ("ingress, validation only", "no key, no limit, no log", lambda: servers.ingress(OFF)),
        ("ingress, all of it", everything, lambda: servers.ingress(MANY, keys=True, idempotent=True)),
        (f"ingress, batches of {BATCH}", "messages; API key, rate limit, access log",
         lambda: servers.ingress(MANY, keys=True, messages=BATCH)),
        *([] if left_out() else fastapi),
    ]


def lines(binaries, redis, scale):
    servers = Servers(binaries, redis, scale.jobs(6, 1))
    for name, note, measured in variants(servers):
        yield f"http: {name}", lambda name=name, note=note, measured=measured: line(
            "http", name, note, measured == servers.bare, **measured())

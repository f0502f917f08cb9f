"""What every part of the benchmark needs: a Redis of its own, and waiting for conditions."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

PAYLOAD_BYTES = 250


def wait_until(what, condition, bound=30):
    deadline = time.monotonic() + bound
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.01)  # allowed: pause between two looks
    sys.exit(f"bench: never came true: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=1).status == 200
    except OSError as error:
        return getattr(error, "code", None) is not None


class Redis:
    """A server of the run's own."""

    def __init__(self, directory):
        self.socket = os.path.join(directory, "redis.sock")
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", directory, "--save", "",
             "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"],
            stdout=subprocess.DEVNULL)
        wait_until("redis-server answers", lambda: os.path.exists(self.socket) and self.cli("ping") == "PONG")

    def cli(self, *words):
        return subprocess.run(
            ["redis-cli", "-s", self.socket, *words], capture_output=True, text=True).stdout.strip()

    def cpu(self):
        info = self.cli("info", "cpu")
        return sum(float(value) for value in re.findall(r"^used_cpu_(?:sys|user):([\d.]+)", info, re.M))

    def info(self, section, field):
        return re.search(rf"^{field}:(.*)", self.cli("info", section), re.M)[1].strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()

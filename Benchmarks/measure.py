"""What every part of the benchmark needs: a Redis of its own, and waiting for conditions."""

import glob
import os
import pwd
import re
import shutil
import signal
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


class Postgres:
    """A server of the run's own. As root it runs as the user of its package, since it refuses to be root."""

    def __init__(self, directory):
        self.directory = os.path.join(directory, "postgres")
        os.mkdir(self.directory)
        self.port = free_port()
        self.prefix = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            self.prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        data = os.path.join(self.directory, "data")
        subprocess.run(
            [*self.prefix, self.program("initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8",
             "--locale=C"], stdout=subprocess.DEVNULL, check=True, cwd="/")
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "shared_buffers": "512MB",
                    "max_wal_size": "4GB", "logging_collector": "off"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [*self.prefix, self.program("postgres"), "-D", data, "-p", str(self.port), *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        wait_until("postgres answers", lambda: subprocess.run(
            [self.program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0)

    @staticmethod
    def program(name):
        found = shutil.which(name) or max(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), default=None)
        return found or sys.exit(f"bench: there is no {name}")

    def url(self, database):
        return f"postgres://bench@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def sql(self, database, text):
        return subprocess.run(
            [self.program("psql"), "-qtAX", "-v", "ON_ERROR_STOP=1", "-c", text, self.url(database)],
            capture_output=True, text=True, check=True).stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

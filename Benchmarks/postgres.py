"""A Postgres server of the run's own."""

import glob
import os
import pwd
import signal
import subprocess

from measure import free_port, wait_until

BINARIES = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:] or [""]


# As a server is that many use: what is committed is on its disk.
DURABLE = {"shared_buffers": "512MB", "max_wal_size": "4GB"}


class Postgres:
    FAST = {
        "shared_buffers": "4GB", "effective_cache_size": "12GB", "max_wal_size": "20GB", "wal_level": "minimal",
        "max_wal_senders": "0", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
        "maintenance_work_mem": "1GB", "random_page_cost": "1.1", "shared_preload_libraries": "auto_explain",
        "autovacuum": "off", "max_parallel_workers_per_gather": "0", "jit": "off",
    }

    def __init__(self, directory, settings=None):
        """Starts it on what stands in the directory, or on a new database; so that it is filled fast, unless it is told
        otherwise."""
        self.settings = self.FAST if settings is None else settings
        self.directory, self.data = directory, os.path.join(directory, "data")
        self.port, self.log = free_port(), os.path.join(directory, "log")
        # It refuses to be root.
        self.user = "postgres" if os.geteuid() == 0 else None
        os.makedirs(directory, exist_ok=True)
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(directory, owner.pw_uid, owner.pw_gid)
        if not os.path.isdir(self.data):
            self.run(
                "initdb", "-D", self.data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
        self.start()

    def command(self, program, *arguments):
        drop = ["setpriv", f"--reuid={self.user}", "--regid=" + self.user, "--clear-groups"] if self.user else []
        return drop + [self.program(program), *arguments]

    def run(self, program, *arguments):
        subprocess.run(self.command(program, *arguments), check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self):
        settings = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command("postgres", "-D", self.data, "-p", str(self.port), "-k", self.directory,
                             "-c", "listen_addresses=127.0.0.1", *settings), stdout=log, stderr=log, cwd="/")
        wait_until("postgres answers", lambda: subprocess.run(
            [*self.psql_command(), "-c", "SELECT 1"], capture_output=True).returncode == 0, bound=120)

    def psql_command(self, database="postgres"):
        return [self.program("psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", "-d",
                database, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]

    def psql(self, sql, database="postgres"):
        return subprocess.run(
            self.psql_command(database), input=sql, capture_output=True, text=True, check=True).stdout.strip()

    def url(self, database="postgres"):
        return f"postgres://bench@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def migrated(self, posthaste, database):
        """Makes a database with the ledger's tables."""
        self.psql(f"CREATE DATABASE {database}")
        environment = {**os.environ, "DATABASE_URL": self.url(database), "LOG_LEVEL": "error"}
        subprocess.run([posthaste, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        return database

    @staticmethod
    def program(name):
        return os.path.join(BINARIES[0], name)

    def stop(self):
        # At once: a smart shutdown would wait for whoever is still connected.
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

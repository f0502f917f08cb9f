"""What every part of the benchmark needs: a Redis of its own, processes and what they cost, waiting for conditions.

A part offers `lines(binaries, redis, scale)`: (title, measurement) in turn, the title beginning with the group and a
colon; a measurement returns a line of the report (see `line`) or a list of them. bench.py asks for all of them first,
and then walks them, a group after the other: `lines` itself starts nothing, and a measurement ends what it starts.
"""

import collections
import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

PAYLOAD_BYTES = 250
FIGURES = ("per_second", "redis_us", "worker_us", "ingress_us", "postgres_us", "simulator_us", "rss_mb", "redis_mb",
           "seconds", "p50_ms", "p99_ms", "p999_ms")


def wait_until(what, condition, bound=30, pause=0.01):
    deadline = time.monotonic() + bound
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(pause)  # allowed: pause between two looks
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


def forget_settings(directory):
    """Nothing that is measured sees the settings of whoever runs this: not their environment, and not a .env where they
    are. A worker of theirs would else keep its messages in their ledger."""
    kept = {"PATH", "HOME", "LANG", "TERM", "TMPDIR", "LD_LIBRARY_PATH", "NO_COLOR"}
    for name in set(os.environ) - kept:
        del os.environ[name]
    os.chdir(directory)


class Scale(collections.namedtuple("Scale", "quick")):
    """How much is measured."""

    def jobs(self, full, quick):
        return quick if self.quick else full


def line(group, name, note="", reference=False, **figures):
    """A line of the report; a figure that was not measured is None.

    per_second; redis_us and worker_us: CPU of a job, user and system, of Redis and of the process that is measured;
    ingress_us, postgres_us, simulator_us: of the others, end to end;
    rss_mb: the most memory that this process had; redis_mb: Redis's data; seconds; p50_ms, p99_ms, p999_ms: latency.
    The group's reference is what the others' ratio is to.
    """
    return {"group": group, "name": name, "note": note, "reference": reference, **dict.fromkeys(FIGURES), **figures}


def once(measurement):
    """Marks a measurement that more rounds would make no better: it is left out of all but the first."""
    measurement.once = True
    return measurement


def processes():
    """Those there are: pid, parent, and the CPU seconds of it and of its children that have ended. Not the zombies."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                # The name, in parentheses, may hold anything; the fields count from behind it.
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue  # It has ended meanwhile.
        if fields[0] not in "ZX":
            yield int(name), int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def family(root):
    """The CPU seconds of a process and of all that it has started, by pid."""
    children, seconds = collections.defaultdict(list), {}
    for pid, parent, spent in processes():
        children[parent].append(pid)
        seconds[pid] = spent
    found = [root]
    for pid in found:
        found += children[pid]
    return {pid: seconds[pid] for pid in found if pid in seconds}


def peak_mb(pid):
    """The most memory that a process has had so far: VmHWM. Not ru_maxrss, which counts in who started it."""
    try:
        with open(f"/proc/{pid}/status") as status:
            found = re.search(r"VmHWM:\s+(\d+)", status.read())
    except OSError:
        found = None
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def adopt_orphans():
    """Whatever a process started that has ended since is a child of this one from now on, so that `family` finds it."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER, see prctl(2)
    ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)


def end(pids, patience=5):
    """Ends processes: asks, and kills what does not listen."""
    for how, bound in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
        for pid in pids:
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + bound
        while pids and time.monotonic() < deadline:
            there = {pid for pid, _, _ in processes()}
            pids = [pid for pid in pids if pid in there]
            time.sleep(0.02)  # allowed: pause between two looks


class Child:
    """A process that is measured: what it says, and what it and those that it starts cost."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(
            command, **{"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, **options})
        self.pid, self.said = self.process.pid, self.process.stdout
        self.peaks, self.counted, self.spent, self.code = {self.pid: 0.0}, time.monotonic(), 0.0, None

    def look(self):
        """Notes what is lost when it ends. Cheaply, since it takes time from what is measured: its children, who take
        a look at all processes, are counted once a second."""
        if time.monotonic() - self.counted > 1:
            self.peaks |= {pid: self.peaks.get(pid, 0.0) for pid in family(self.pid)}
            self.counted = time.monotonic()
        for pid, peak in self.peaks.items():
            self.peaks[pid] = max(peak_mb(pid), peak)

    @property
    def rss_mb(self):
        """The most memory of it and of its children: the sum of what each had at its worst."""
        return sum(self.peaks.values())

    def cpu(self):
        """Seconds of user and system, of it and of its children."""
        return self.spent if self.code is not None else sum(family(self.pid).values())

    def wait(self, bound=600):
        """Until it has ended, which it must well; returns what it has said."""
        deadline = time.monotonic() + bound
        while self.code is None:
            self.look()
            self.reap(os.WNOHANG)
            if self.code is None and time.monotonic() > deadline:
                self.stop()
                sys.exit(f"bench: did not end within {bound} s: {self.process.args[0]}")
            if self.code is None:
                time.sleep(0.05)  # allowed: pause between two looks
        if self.code:
            sys.exit(f"bench: ended with {self.code}: {' '.join(map(str, self.process.args))}")
        return self.said.read()

    def signal(self, how):
        if self.code is None:
            os.kill(self.pid, how)

    def stop(self):
        """Ends it and all that it has started, if it still runs."""
        if self.code is None:
            self.look()
            end(list(family(self.pid)))
            self.reap(0)

    def reap(self, how):
        pid, status, usage = os.wait4(self.pid, how)
        if pid:
            self.code = self.process.returncode = os.waitstatus_to_exitcode(status)
            self.spent = usage.ru_utime + usage.ru_stime

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Redis:
    """A server of the run's own, at a unix socket and at a port of the loopback interface. Its append-only file is
    synced every second, as in production, and not rewritten in the midst of a measurement."""

    def __init__(self, directory):
        self.socket, self.port = os.path.join(directory, "redis.sock"), free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--unixsocket", self.socket,
             "--dir", directory, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
             "--auto-aof-rewrite-percentage", "0", "--maxmemory-policy", "noeviction"],
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

    def clear(self):
        """Empties it, and its append-only file: no measurement pays for the one before."""
        self.cli("flushall")
        self.cli("bgrewriteaof")
        wait_until("the append-only file is empty",
                   lambda: self.info("persistence", "aof_rewrite_in_progress") == "0", pause=0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()

"""How many instructions a job takes, of the runtime and of Redis: what other programs do meanwhile changes that little.

    instructions.py BINARIES [--jobs N]

Each program runs under valgrind's callgrind twice, with N jobs and with three times as many; a job is the difference's
part. The kernel's instructions are not counted. Timers go by the clock, and everything is fifty times as slow there, so
that some of them are theirs: two runs differ by a few in a hundred. The profiles stand in .run/instructions, for
callgrind_annotate.
"""

import argparse
import contextlib
import os
import re
import subprocess
import tempfile

from cycles import FLAVOURS, QUEUE
from measure import forget_settings, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
PROFILES = os.path.join(os.path.dirname(HERE), ".run", "instructions")


def callgrind(name, command, **options):
    out = os.path.join(PROFILES, name + ".out")
    return subprocess.Popen(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command], text=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def counted(process):
    try:
        said = process.communicate(timeout=600)[1]
    finally:
        process.kill()
    found = re.search(r"Collected : (\d+)", said)
    if process.returncode or not found:
        raise SystemExit(f"instructions: {' '.join(process.args)} failed:\n{said}")
    return int(found[1])


class Server:
    """A Redis of a measurement's own, with callgrind around it or without."""

    def __init__(self, directory, profile=None):
        self.socket = os.path.join(directory, "redis.sock")
        command = ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", directory, "--save", "",
                   "--appendonly", "yes", "--auto-aof-rewrite-percentage", "0"]
        self.process = callgrind(profile, command) if profile else subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def ready(self):
        wait_until("redis-server answers", lambda: self.cli("ping") == "PONG")
        return self

    def cli(self, *words):
        return subprocess.run(["redis-cli", "-s", self.socket, *words], capture_output=True, text=True).stdout.strip()

    def stop(self):
        """Of one with callgrind around it: how many instructions it took."""
        self.cli("shutdown", "nosave")
        return counted(self.process)


@contextlib.contextmanager
def server(profile=None):
    with tempfile.TemporaryDirectory(prefix="posthaste-instructions-") as directory:
        redis = Server(directory, profile)
        try:
            yield redis.ready()
        finally:
            redis.process.kill()
            redis.process.wait()


class Runtime:
    def __init__(self, binary, flavour):
        self.binary, self.flags, self.name = binary, FLAVOURS[flavour], flavour.replace(", ", "-")

    def command(self, redis, mode, jobs):
        return [self.binary, mode, f"unix://{redis.socket}", QUEUE, str(jobs), *self.flags]

    def run(self, redis, mode, jobs):
        subprocess.run(self.command(redis, mode, jobs), stdout=subprocess.DEVNULL, check=True, timeout=600)

    def producer(self, jobs, preload):
        with server() as redis:
            return counted(callgrind(f"{self.name}-producer-{jobs}", self.command(redis, "produce", jobs), env=preload))

    def worker(self, jobs, preload):
        with server() as redis:
            self.run(redis, "produce", jobs)
            return counted(callgrind(f"{self.name}-worker-{jobs}", self.command(redis, "consume", jobs), env=preload))

    def redis(self, jobs, modes):
        with server(f"{self.name}-redis-{modes[-1]}-{jobs}") as redis:
            for mode in modes:
                self.run(redis, mode, jobs)
            return redis.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binaries")
    parser.add_argument("--jobs", type=int, default=3000)
    options = parser.parse_args()
    binaries = os.path.abspath(options.binaries)
    os.makedirs(PROFILES, exist_ok=True)
    forget_settings(PROFILES)
    library = os.path.join(PROFILES, "dispatch_main.so")
    # Swift brings a clang. Lazily bound: what starts valgrind is a shell, which knows nothing of dispatch.
    subprocess.run(["clang", "-O1", "-shared", "-fPIC", "-Wl,-z,lazy", "-o", library,
                    os.path.join(HERE, "Instructions", "dispatch_main.c")], check=True)
    preload = {**os.environ, "LD_PRELOAD": library}
    # valgrind 3.19 gives up on what Swift's compiler writes for debuggers.
    binary = os.path.join(PROFILES, "runtime-cycle")
    subprocess.run(["strip", "--strip-debug", "-o", binary, os.path.join(binaries, "runtime-cycle")], check=True)
    few, many = options.jobs, options.jobs * 3
    each = lambda count: (count(many) - count(few)) / (many - few)
    print("instructions a job             producer    worker   Redis, enqueue   Redis, work")
    for flavour in FLAVOURS:
        runtime = Runtime(binary, flavour)
        enqueue = each(lambda jobs: runtime.redis(jobs, ["produce"]))
        both = each(lambda jobs: runtime.redis(jobs, ["produce", "consume"]))
        print(f"Posthaste, {flavour:16}  {each(lambda jobs: runtime.producer(jobs, preload)):10,.0f}"
              f"{each(lambda jobs: runtime.worker(jobs, preload)):10,.0f}{enqueue:17,.0f}{both - enqueue:14,.0f}",
              flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""How the ingress bears bad clients: what a slow-loris costs the others, and the memory of idle and busy connections.

    python3 Benchmarks/ingress_connections.py <folder of the posthaste binary> [seconds of each run]

Starts a private Redis and an ingress of its own. The clients run in processes beside it; on two cores they take their
part of the machine, so figures of one run only are to be compared.
"""

import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from measure import Redis, answers, free_port, wait_until

SMS = json.dumps({"from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "Your code is 123456"})
FIELDS = "Host: localhost\r\nContent-Type: application/json\r\n"
SEND = f"POST /api/v1/messages/send HTTP/1.1\r\n{FIELDS}Content-Length: {len(SMS)}\r\n\r\n{SMS}".encode()
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def exchange(client, request):
    """Sends a request and reads its answer."""
    client.sendall(request)
    head, data = None, b""
    while head is None or len(data) < head:
        part = client.recv(65536)
        if not part:
            raise ConnectionError("closed")
        data += part
        if head is None and b"\r\n\r\n" in data:
            fields, data = data.split(b"\r\n\r\n", 1)
            length = [line for line in fields.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            head = int(length[0].split(b":")[1])
            status = int(fields.split(b" ", 2)[1])
    return status


def latencies(port, seconds, clients=8, tolerated=0):
    """Of sends, one after the other on each connection: the middle and the 99th hundredth, in milliseconds."""
    times, faults, end = [], [], time.monotonic() + seconds

    def run():
        client = connect(port)
        while time.monotonic() < end:
            start = time.perf_counter()
            try:
                status = exchange(client, SEND)
            except OSError as error:
                faults.append(str(error))
                client = connect(port)
                continue
            times.append((time.perf_counter() - start) * 1000)
            if status != 202:
                faults.append(str(status))
            time.sleep(0.005)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Where all places are taken, a connection that waits for its client's next request may have to give way.
    if len(faults) > len(times) * tolerated:
        sys.exit(f"ingress_connections: {len(faults)} of {len(times)} were not served: {faults[:3]}")
    times.sort()
    return statistics.median(times), times[len(times) * 99 // 100], len(times), len(faults)


def loris(port, count, stop):
    """Holds connections open, each with a head that grows by a byte a second; opens another for each it loses."""
    clients, lost, turn = [], 0, 0
    while not stop.is_set():
        turn += 1
        while len(clients) < count:
            client = connect(port)
            client.sendall(b"POST /api/v1/messages/send HTTP/1.1\r\nX-Slow: ")
            client.setblocking(False)
            clients.append(client)
        # Some at a time: else each second would begin with a burst that has nothing to do with being slow.
        for client in clients[turn % 20::20]:
            try:
                client.send(b"x")
                ended = client.recv(4096) == b""
            except BlockingIOError:
                ended = False
            except OSError:
                ended = True
            if ended:
                client.close()
                clients.remove(client)
                lost += 1
        stop.wait(0.05)
    for client in clients:
        client.close()
    return lost


def attack(port, count):
    """A slow-loris in a process of its own. Returns what ends it and tells how many connections it lost."""
    child = subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), "--loris", str(port), str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child.stdout.readline()  # all stand

    def end():
        return int(child.communicate("\n")[0])

    return end


def resident(process):
    """Of a process, in MiB."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


class Ingress:
    def __init__(self, binary, redis, **settings):
        self.port = free_port()
        environment = {**os.environ, "REDIS_URL": f"unix://{redis.socket}", "API_PORT": str(self.port),
                       "LOG_LEVEL": "error", "RATE_LIMIT_ENABLED": "false", **settings}
        self.process = subprocess.Popen([binary, "ingress"], env=environment, stdout=subprocess.DEVNULL)
        wait_until("the ingress is ready", lambda: answers(f"http://127.0.0.1:{self.port}/ready"))

    def stop(self):
        self.process.terminate()
        return self.process.wait()


def measure_loris(binary, redis, seconds):
    ingress = Ingress(binary, redis)
    try:
        latencies(ingress.port, 2)
        rows = [("nobody else", *latencies(ingress.port, seconds))]
        end = attack(ingress.port, 500)
        rows.append(("500 that are slow", *latencies(ingress.port, seconds)))
        lost = end()
        rows.append(("nobody else again", *latencies(ingress.port, seconds)))
    finally:
        ingress.stop()
    full = Ingress(binary, redis, MAX_CONNECTIONS="300")
    try:
        end = attack(full.port, 500)
        rows.append(("500 slow, MAX_CONNECTIONS=300", *latencies(full.port, seconds, tolerated=0.001)))
        lost_full = end()
    finally:
        full.stop()
    print(f"{'others':<32}{'median ms':>10}{'p99 ms':>9}{'ratio':>8}{'sends':>8}{'cut off':>9}")
    for name, middle, p99, count, cut in rows:
        print(f"{name:<32}{middle:>10.2f}{p99:>9.2f}{p99 / rows[0][2]:>8.2f}{count:>8}{cut:>9}")
    print(f"slow connections closed by the ingress: {lost}, and with MAX_CONNECTIONS=300: {lost_full}\n")


def measure_memory(binary, redis, count=1000):
    ingress = Ingress(binary, redis)
    try:
        rows, clients = [("at start", resident(ingress.process))], []
        for _ in range(count):
            client = connect(ingress.port)
            exchange(client, HEALTH)
            clients.append(client)
        rows.append((f"{count} idle connections", resident(ingress.process)))
        for _ in range(20):
            for client in clients:
                client.sendall(SEND)
            for client in clients:
                data = b""
                while b"\r\n\r\n" not in data or not data.endswith(b"}"):
                    data += client.recv(65536)
        rows.append((f"{count} at work, 20 sends each", resident(ingress.process)))
        for client in clients:
            client.close()
        time.sleep(2)
        rows.append(("all closed", resident(ingress.process)))
    finally:
        ingress.stop()
    print(f"{'memory':<32}{'MiB':>8}{'KiB for each':>14}")
    for name, mebibytes in rows:
        print(f"{name:<32}{mebibytes:>8.1f}{(mebibytes - rows[0][1]) * 1024 / count:>14.1f}")


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if sys.argv[1] == "--loris":
        stop, result = threading.Event(), []
        thread = threading.Thread(target=lambda: result.append(loris(int(sys.argv[2]), int(sys.argv[3]), stop)))
        thread.start()
        time.sleep(1)
        print("stands", flush=True)
        sys.stdin.readline()
        stop.set()
        thread.join()
        print(result[0])
        return
    binary = os.path.join(sys.argv[1], "posthaste")
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory() as directory:
        redis = Redis(directory)
        try:
            measure_loris(binary, redis, seconds)
            measure_memory(binary, redis)
        finally:
            redis.stop()


if __name__ == "__main__":
    main()

"""A running installation, as scripts/verify-redis-queue sees it: `posthaste tail`, and the ingress."""

import base64
import hashlib
import hmac
import json
import os
import queue
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime
from pathlib import Path

TIMEOUT = float(os.environ.get("VERIFY_TIMEOUT") or 20)
FROM = os.environ.get("VERIFY_FROM") or "+15551234567"
TO = os.environ.get("VERIFY_TO") or "+15559876543"


class Failed(Exception):
    """A check does not hold, and why."""


class Skipped(Exception):
    """A check cannot be made, and why."""


class Unusable(Exception):
    """There is nothing to verify."""


def program():
    root = Path(__file__).resolve().parents[2]
    built = [str(root / ".build" / kind / "posthaste") for kind in ("release", "debug")]
    for name in [os.environ.get("POSTHASTE"), *built, "posthaste"]:
        found = name and shutil.which(name)
        if found:
            return found
    raise Unusable("There is no posthaste program: make build, or say where it is by POSTHASTE")


class Tail:
    """What happens to messages, from when it stands: `posthaste tail --json`."""

    def __init__(self, executable):
        self.seen = []
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            [executable, "tail", "--json"], env={**os.environ, "LOG_LEVEL": "info"}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.errors = []
        self.watches, self.told = False, threading.Event()
        for target in (self._read_events, self._read_errors):
            threading.Thread(target=target, daemon=True).start()
        self.told.wait(TIMEOUT)
        if not self.watches:
            self.close()
            raise Unusable("Redis cannot be watched: " + (" ".join(self.errors) or f"no sign within {TIMEOUT:g} s"))

    def _read_events(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def _read_errors(self):
        for line in self.process.stderr:
            if "Watching" in line:
                self.watches = True
                self.told.set()
            else:
                self.errors.append(line.strip())
        self.told.set()  # It has ended: nobody need wait any more.

    def find(self, wanted, seconds=TIMEOUT):
        """The first event that is wanted, of the past or to come; None when the time is up."""
        for event in self.seen:
            if wanted(event):
                return event
        deadline = time.monotonic() + seconds
        while True:
            try:
                event = self.lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            self.seen.append(event)
            if wanted(event):
                return event

    def of(self, id):
        return [event for event in self.seen if event["id"] == id]

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.text)

    def __str__(self):
        return f"the ingress answered {self.status}: {self.text[:300]}"


class Ingress:
    def __init__(self):
        host, port = os.environ.get("API_HOST") or "127.0.0.1", os.environ.get("API_PORT") or "8080"
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1"
        if ":" in host:
            host = f"[{host}]"
        self.url = (os.environ.get("API_URL") or f"http://{host}:{port}").rstrip("/")
        self.key = os.environ.get("API_KEY")

    def call(self, method, path, body=None, headers=(), seconds=TIMEOUT, bearer=True):
        request = urllib.request.Request(self.url + path, body, dict(headers), method=method)
        if self.key and bearer:
            request.add_header("Authorization", f"Bearer {self.key}")
        # Busy or limited is no verdict: it says when to come again.
        for attempt in range(5):
            try:
                with urllib.request.urlopen(request, timeout=seconds) as answer:
                    return Answer(answer.status, answer.headers, answer.read())
            except urllib.error.HTTPError as error:
                answer = Answer(error.code, error.headers, error.read())
                wait = answer.headers.get("Retry-After", "")
                if answer.status not in (429, 503) or not wait.isdigit() or int(wait) > TIMEOUT or attempt == 4:
                    return answer
                time.sleep(int(wait))  # allowed: as long as the server has asked for
            except OSError as error:
                reason = getattr(error, "reason", error)
                raise Unusable(f"The ingress does not answer at {self.url} ({reason}): start it, make run-bg") from None

    def send(self, text, seconds=TIMEOUT, **more):
        message = {"from": FROM, "to": TO, "type": "sms", "body": text, **more}
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"verify-{uuid.uuid4()}"}
        return self.call("POST", "/api/v1/messages/send", json.dumps(message).encode(), headers, seconds)


def moment(event):
    return datetime.fromisoformat(event["at"].replace("Z", "+00:00"))


def clock(event):
    return event["at"][11:23]


def signature(token, url, form):
    """As Twilio signs a form: the address, and each field's name and value in the order of the names."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()

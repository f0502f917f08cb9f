#!/usr/bin/env python3
"""A careful client of Posthaste, of Python's standard library alone:

    POSTHASTE_API_KEY=ph_… Examples/client.py +15559876543 "Your code is 123456"

It makes a request again until it is answered, or its time is up. All of them bear one Idempotency-Key, so they are one
message however often they arrive. A 429 or a 503 says when to come again; `Prefer: wait` has the ingress answer when it
is known what became of the message, so that nobody has to poll.

Exit codes: 0 sent; 1 not sent, or not known yet; 2 wrong usage.
"""

import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid

# What may pass by itself: too many requests, no room, a proxy without an ingress behind it. A 500 is among them only
# because of the key: without one the message might be there already.
TRANSIENT = {429, 500, 502, 503, 504}
SENT, UNSETTLED = {"sent", "delivered"}, {"pending", "sending", "retrying"}


class NotSent(Exception):
    """What the ingress said last."""


class Client:
    def __init__(self, url="http://127.0.0.1:8080", key=None):
        self.url, self.key = url.rstrip("/"), key

    def send(self, message, idempotency_key=None, patience=60, wait=10):
        """Sends a message and returns it as it is then: sent, failed, or still on its way.

        idempotency_key: something that you would use again for the same message after a crash, such as an order's
        number; else one is made up, and it is good for this call alone.
        patience: seconds after which nothing is tried any more. wait: seconds of a request that waits for the outcome.
        """
        body = json.dumps(message).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        deadline, attempt = time.monotonic() + patience, 0
        while True:
            left = deadline - time.monotonic()
            headers["Prefer"] = f"wait={max(0, min(wait, int(left)))}"
            status, answer, retry_after = self._post("/api/v1/messages/send", body, headers, wait + 15)
            if status in (200, 202):
                if answer["status"] not in UNSETTLED or left <= 1:
                    return answer
                pause = 1  # The ingress has waited itself, unless it could not.
            elif status in TRANSIENT or status is None:
                # As it asks, or else longer each time; never all clients at once.
                pause = retry_after or min(30, 2**attempt)
                pause += random.uniform(0, pause / 4)
                attempt += 1
                if pause > left:
                    raise NotSent(f"{status or 'no answer'}: {answer}")
            else:  # It is wrong as it is.
                raise NotSent(f"{status}: {answer}")
            time.sleep(pause)  # allowed: as long as the server has asked for

    def _post(self, path, body, headers, timeout):
        request = urllib.request.Request(self.url + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.load(answer), None
        except urllib.error.HTTPError as error:
            retry_after = error.headers.get("Retry-After", "")
            text = error.read().decode("utf-8", "replace")
            return error.code, text, int(retry_after) if retry_after.isdigit() else None
        except (OSError, ValueError) as error:  # Nobody listens, or the connection broke.
            return None, str(error), None


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    environment = os.environ.get
    client = Client(environment("POSTHASTE_URL", "http://127.0.0.1:8080"), environment("POSTHASTE_API_KEY"))
    message = {"from": environment("POSTHASTE_FROM", "+15551234567"), "to": sys.argv[1], "type": "sms",
               "body": sys.argv[2]}
    try:
        answer = client.send(message, environment("POSTHASTE_IDEMPOTENCY_KEY"))
    except NotSent as error:
        print(f"not sent: {error}", file=sys.stderr)
        return 1
    print(answer["id"], answer["status"])
    return 0 if answer["status"] in SENT else 1


if __name__ == "__main__":
    sys.exit(main())

"""The Standard Webhooks library signs, the simulator's receiver verifies. SIMULATOR_URL says where it is."""

import base64
import json
import os
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

from standardwebhooks.webhooks import Webhook

URL = os.environ["SIMULATOR_URL"]
NAME = f"judge-{uuid.uuid4()}"
SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()
BODY = '{"text":"Grüße, 東京","number":1}'


def call(method, path, body=None, headers=None):
    request = urllib.request.Request(
        URL + path, method=method, data=None if body is None else body.encode(),
        headers={"Content-Type": "application/json", **(headers or {})})
    with urllib.request.urlopen(request, timeout=20) as response:
        text = response.read()
        return response.status, json.loads(text) if text else None


def deliver(secret=SECRET, body=BODY, sent=BODY, age=timedelta(), signature=None):
    identifier = f"msg_{uuid.uuid4().hex}"
    at = datetime.now(timezone.utc) - age
    headers = {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature or Webhook(secret).sign(identifier, at, body),
    }
    status, _ = call("POST", f"/webhooks/{NAME}", sent, headers)
    assert status == 200, status
    _, found = call("GET", f"/_simulator/received?provider=webhook&id={identifier}")
    assert found["count"] == 1, found
    message = found["messages"][0]
    assert message["body"] == sent and message["headers"]["webhook-id"] == identifier, message
    return message


assert "verified" not in deliver(), "verified without a secret"
call("PUT", f"/_simulator/webhooks/{NAME}", json.dumps({"secrets": [SECRET]}))
assert deliver()["verified"] is True
print("ok verified")

for what, arguments in {
    "another secret": dict(secret="whsec_" + base64.b64encode(os.urandom(32)).decode()),
    "another body": dict(sent=BODY.replace("1", "2")),
    "too old": dict(age=timedelta(minutes=6)),
    "too new": dict(age=-timedelta(minutes=6)),
    "another version": dict(signature="v1a," + base64.b64encode(os.urandom(32)).decode()),
}.items():
    message = deliver(**arguments)
    assert message["verified"] is False and message["verification_error"], (what, message)
    print(f"ok not verified, {what}: {message['verification_error']}")

rotated = "whsec_" + base64.b64encode(os.urandom(24)).decode()
call("PUT", f"/_simulator/webhooks/{NAME}", json.dumps({"secrets": [SECRET, rotated]}))
assert deliver(secret=rotated)["verified"] is True and deliver()["verified"] is True
print("ok rotation")
print("judged: standardwebhooks")

"""Makes true of schemathesis's requests what the document of the API cannot say.

Only of those that are to be accepted: what is wrong on purpose stays as it is.
"""

import hashlib
import json
import re
from datetime import datetime, timedelta, timezone

import schemathesis
from schemathesis import GenerationMode

KEY = re.compile(r"[!-~]{1,255}")


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE:
        moments(case.body)
        if isinstance(case.body, dict):
            for message in case.body.get("messages") or []:
                moments(message)
    key = (case.headers or {}).get("Idempotency-Key")
    if key and KEY.fullmatch(key):
        # The same key for the same request alone: a key belongs to one request.
        request = json.dumps(case.body, sort_keys=True, default=str)
        case.headers["Idempotency-Key"] = hashlib.sha256(f"{key} {request}".encode()).hexdigest()


def moments(message):
    """What is to be sent later is to be sent soon, and is of use after that. One moment for all: a request may come
    again with its key."""
    if not isinstance(message, dict):
        return
    for name, ahead in (("send_at", 1), ("expires_at", 2)):
        if isinstance(message.get(name), str):
            message[name] = (START + timedelta(days=ahead)).isoformat(timespec="milliseconds")


START = datetime.now(timezone.utc)

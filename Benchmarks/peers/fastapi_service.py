"""What the ingress is measured beside: a send in the shape of the Python service that Posthaste replaces.

It validates the request, gives it an id, appends the job to its Redis stream and answers 202 with the message. No keys,
rate limits, idempotency, record or log, and less validation than the ingress has: addresses are any text.

    REDIS_URL=unix:///path uvicorn fastapi_service:app --loop uvloop --http httptools --no-access-log --workers 1
"""

import os
import time
from datetime import datetime, timezone
from enum import Enum
from typing import Literal
from uuid import uuid4

import orjson
from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field
from redis.asyncio import ConnectionPool, Redis

# More than wrk's: no request waits for another's connection, or is refused one.
redis = Redis(connection_pool=ConnectionPool.from_url(os.environ["REDIS_URL"], max_connections=256))
app = FastAPI(openapi_url=None)


class Channel(str, Enum):
    sms = "sms"
    mms = "mms"
    email = "email"
    webhook = "webhook"


class NewMessage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sender: str = Field(alias="from", min_length=1, max_length=320)
    to: str = Field(min_length=1, max_length=2048)
    type: Channel
    body: str = Field(max_length=1_000_000)
    subject: str | None = None
    html: str | None = None
    attachments: list[str] | None = None
    priority: Literal["high", "normal", "low"] = "normal"
    send_at: datetime | None = None
    expires_at: datetime | None = None
    metadata: dict[str, str] | None = None


@app.get("/ready")
async def ready() -> None:
    await redis.ping()


@app.post("/api/v1/messages/send", response_model=None)
async def send(message: NewMessage) -> Response:
    id = str(uuid4())
    await redis.xadd(f"message_queue:{message.type.value}", {
        "id": id, "kind": message.type.value, "attempt": 1, "at": int(time.time() * 1000),
        "payload": message.model_dump_json(by_alias=True, exclude_none=True)})
    # Faster than a response model.
    accepted = {
        "id": id, "type": message.type, "from": message.sender, "to": message.to, "body": message.body,
        "status": "pending", "created_at": datetime.now(timezone.utc), "sent_at": None, "attempts": 0}
    return Response(orjson.dumps(accepted), status_code=202, media_type="application/json")

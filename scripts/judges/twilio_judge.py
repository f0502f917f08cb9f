"""Twilio's own client against the simulator. SIMULATOR_URL says where it is."""

import json
import os
import urllib.request
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl

from receiver import Receiver
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

URL = os.environ["SIMULATOR_URL"]
ACCOUNT = "AC" + "0a" * 16
FROM = "+15005550006"
TO = "+14155552671"


class SimulatorHttpClient(TwilioHttpClient):
    """The client knows https://api.twilio.com only: the host is put in its place at the last moment."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://api.twilio.com", URL), *args, **kwargs)


def refused(code, status, **parameters):
    try:
        client.messages.create(**parameters)
    except TwilioRestException as error:
        assert (error.code, error.status) == (code, status), (error.code, error.status, error.msg)
        print(f"ok refused {code}: {error.msg}")
    else:
        raise AssertionError(f"{parameters} was taken; {code} expected")


client = Client(ACCOUNT, "a-token", http_client=SimulatorHttpClient())

sms = client.messages.create(to=TO, from_=FROM, body='Grüße "из" 東京 \\ & = + %\n')
assert sms.body == 'Grüße "из" 東京 \\ & = + %\n', sms.body
assert sms.sid.startswith("SM") and len(sms.sid) == 34, sms.sid
assert sms.status in ("queued", "delivered") and sms.direction == "outbound-api"
assert (sms.num_segments, sms.num_media) == ("1", "0"), (sms.num_segments, sms.num_media)
assert (sms.error_code, sms.error_message, sms.price) == (None, None, None)
assert sms.api_version == "2010-04-01" and sms.account_sid == ACCOUNT
assert abs(datetime.now(timezone.utc) - sms.date_created) < timedelta(seconds=60), sms.date_created
assert sms.uri == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sms.sid}.json"
assert sms.subresource_uris == {"media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sms.sid}/Media.json"}
print("ok sms", sms.sid)

mms = client.messages.create(to=TO, from_=FROM, media_url=["https://a.example/1.jpg", "https://a.example/2.jpg"])
assert mms.sid.startswith("MM") and mms.num_media == "2", (mms.sid, mms.num_media)
print("ok mms", mms.sid)

service = "MG" + "1f" * 16
via = client.messages.create(to=TO, messaging_service_sid=service, body="by service")
assert (via.messaging_service_sid, via.from_, via.status, via.num_segments) == (service, None, "accepted", "0"), (
    via.messaging_service_sid, via.from_, via.status, via.num_segments)
print("ok messaging service")

assert client.messages(sms.sid).fetch().body == sms.body
try:
    client.messages("SM" + "0" * 32).fetch()
    raise AssertionError("a message that never was is found")
except TwilioRestException as error:
    assert (error.code, error.status) == (20404, 404), error
print("ok fetch")

only = "+14155559999"
sids = [client.messages.create(to=only, from_=FROM, body=f"{number}").sid for number in range(7)]
assert [message.sid for message in client.messages.list(to=only)] == sids[::-1]
paged = [message.sid for message in client.messages.list(to=only, from_=FROM, page_size=2)]
assert paged == sids[::-1], "paging loses or repeats"
soon = datetime.now(timezone.utc) + timedelta(hours=1)
assert client.messages.list(to=only, date_sent_after=soon) == []
assert len(client.messages.list(to=only, date_sent_before=soon)) == 7
print("ok list, pages, dates")

later = client.messages.create(
    to=TO, messaging_service_sid=service, body="later", schedule_type="fixed",
    send_at=datetime.now(timezone.utc) + timedelta(hours=1))
assert later.status == "scheduled", later.status
assert client.messages(later.sid).update(status="canceled").status == "canceled"
assert client.messages(later.sid).fetch().status == "canceled"
print("ok schedule, cancel")

for code, parameters in {
    21604: dict(to="", from_=FROM, body="x"),
    21603: dict(to=TO, body="x"),
    21619: dict(to=TO, from_=FROM),
    21617: dict(to=TO, from_=FROM, body="x" * 1601),
    21623: dict(to=TO, from_=FROM, media_url=["https://a.example/1"] * 11),
    21211: dict(to="+15005550001", from_=FROM, body="x"),
    21612: dict(to="+15005550002", from_=FROM, body="x"),
    21408: dict(to="+15005550003", from_=FROM, body="x"),
    21610: dict(to="+15005550004", from_=FROM, body="x"),
    21614: dict(to="+15005550009", from_=FROM, body="x"),
    21212: dict(to=TO, from_="+15005550001", body="x"),
    21606: dict(to=TO, from_="+15005550007", body="x"),
    21611: dict(to=TO, from_="+15005550008", body="x"),
}.items():
    refused(code, 400, **parameters)

once = dict(to=TO, from_=FROM, body="[simulate:status=503,times=1] once")
refused(20503, 503, **once)
assert client.messages.create(**once).sid
refused(20429, 429, to=TO, from_=FROM, body="[simulate:status=429,retry-after=1]")
print("ok faults")

receiver = Receiver()
validator = RequestValidator("simulator-auth-token")


def signed(post):
    """The fields of a callback whose signature holds."""
    path, headers, body = post
    fields = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
    signature = headers["X-Twilio-Signature"]
    assert validator.validate(receiver.url + path, fields, signature), (path, fields)
    assert not validator.validate(receiver.url + path, {**fields, "To": "+1"}, signature)
    assert headers["I-Twilio-Idempotency-Token"]
    return fields


for text, statuses, error in (
        ("told", ["queued", "sending", "sent", "delivered"], None),
        ("[simulate:ends=undelivered:30005]", ["queued", "sending", "sent", "undelivered"], 30005)):
    path = f"/status/{statuses[-1]}?a=%20b&c"
    told = client.messages.create(to=TO, from_=FROM, body=text, status_callback=receiver.url + path)
    callbacks = [signed(post) for post in receiver.wait(4, path)]
    assert [one["MessageStatus"] for one in callbacks] == statuses, callbacks
    assert all(one["MessageSid"] == one["SmsSid"] == told.sid for one in callbacks), callbacks
    assert callbacks[-1].get("ErrorCode") == (error and str(error)), callbacks
    fetched = client.messages(told.sid).fetch()
    assert (fetched.status, fetched.error_code) == (statuses[-1], error), (fetched.status, fetched.error_code)
print("ok status callbacks, signed")


def say(text):
    inbound = {"to": FROM, "from": TO, "body": text, "url": receiver.url + "/inbound", "media": ["https://a.example/1"]}
    with urllib.request.urlopen(urllib.request.Request(
            URL + "/_simulator/twilio/inbound", json.dumps(inbound).encode(),
            {"Content-Type": "application/json"})) as response:
        assert json.load(response)["status"] == 200


say("Grüße")
inbound = signed(receiver.wait(1, "/inbound")[0])
assert (inbound["From"], inbound["To"], inbound["Body"], inbound["NumMedia"]) == (TO, FROM, "Grüße", "1"), inbound
say("STOP")
refused(21610, 400, to=TO, from_=FROM, body="x")
say("START")
assert client.messages.create(to=TO, from_=FROM, body="x").sid
print("ok inbound, signed; STOP and START")

try:
    Client(ACCOUNT, "", http_client=SimulatorHttpClient())
except Exception:
    pass  # The client itself wants a token.
client = Client("AC" + "not hexadecimal, 32 characters!!", "a-token", http_client=SimulatorHttpClient())
refused(20003, 401, to=TO, from_=FROM, body="x")
print("judged: twilio")

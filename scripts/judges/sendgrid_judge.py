"""SendGrid's own client against the simulator. SIMULATOR_URL says where it is."""

import base64
import json
import os
import time
import urllib.request

from python_http_client.exceptions import HTTPError
from receiver import Receiver
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader
from sendgrid.helpers.mail import (Attachment, Bcc, Content, CustomArg, Disposition, FileContent, FileName, FileType,
                                   Mail, MailSettings, SandBoxMode)

URL = os.environ["SIMULATOR_URL"]
client = SendGridAPIClient("SG.key", host=URL)


def mail(**changes):
    parts = dict(from_email="ann@example.com", to_emails="bob@example.org", subject="Hello",
                 plain_text_content="in plain words", html_content="<b>in bold words</b>")
    return Mail(**{**parts, **changes})


def refused(status, message, send=lambda: None, field=None):
    try:
        send()
    except HTTPError as error:
        errors = json.loads(error.body)["errors"]
        assert error.status_code == status, (error.status_code, errors)
        assert all(set(one) == {"message", "field", "help"} for one in errors), errors
        assert any(message in one["message"] and (field is None or one["field"] == field) for one in errors), errors
        print(f"ok refused {status}: {message}")
        return error
    raise AssertionError(f"taken; {status} {message} expected")


response = client.send(mail())
assert response.status_code == 202 and response.body == b"", (response.status_code, response.body)
assert len(response.headers["X-Message-Id"]) == 22, response.headers["X-Message-Id"]
assert int(response.headers["X-RateLimit-Limit"]) > int(response.headers["X-RateLimit-Remaining"]) >= 0
assert int(response.headers["X-RateLimit-Reset"]) > time.time()
print("ok sent", response.headers["X-Message-Id"])

rich = mail()
rich.add_bcc(Bcc("carl@example.net"))
rich.add_custom_arg(CustomArg("message_id", "0190"))
rich.add_attachment(Attachment(
    FileContent(base64.b64encode(b"bytes").decode()), FileName("a.txt"), FileType("text/plain"),
    Disposition("attachment")))
assert client.send(rich).status_code == 202
print("ok bcc, custom argument, attachment")

sandbox = mail()
sandbox.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
assert client.send(sandbox).status_code == 200
print("ok sandbox")

# The client leaves out an address it cannot read, so the bad ones are put in behind its back.
raw = mail().get()
raw["from"]["email"] = "nobody"
refused(400, "does not contain a valid address", lambda: client.send(raw), "from.email")
raw = mail().get()
raw["personalizations"][0]["to"][0]["email"] = "nobody"
refused(400, "Does not contain a valid address.", lambda: client.send(raw), "personalizations.0.to.0.email")
refused(400, "The subject is required", lambda: client.send(mail(subject=None)), "subject")
refused(400, "content parameter is required",
        lambda: client.send(mail(plain_text_content=None, html_content=None)), "content")
broken = mail()
broken.add_attachment(Attachment(FileContent("not base64!"), FileName("a.txt")))
refused(400, "base64", lambda: client.send(broken), "attachments.0.content")
refused(400, "personalizations field is required",
        lambda: client.client.mail.send.post(request_body={"from": {"email": "a@b.example"}}), "personalizations")
refused(401, "authorization", lambda: SendGridAPIClient("no key of theirs", host=URL).send(mail()))

once = mail(subject="[simulate:status=429,retry-after=3,times=1] once")
error = refused(429, "simulated", lambda: client.send(once))
assert error.headers["Retry-After"] == "3" and error.headers["X-RateLimit-Remaining"] == "0", error.headers
assert client.send(once).status_code == 202
receiver = Receiver()
urllib.request.urlopen(urllib.request.Request(
    URL + "/_simulator/sendgrid/events", json.dumps({"url": receiver.url}).encode(),
    {"Content-Type": "application/json"}, method="PUT")).close()
with urllib.request.urlopen(URL + "/_simulator/sendgrid/public-key") as response:
    verifier = EventWebhook(response.read().decode())
told = mail(subject="[simulate:events=bounce,callbacks=early]")
told.add_custom_arg(CustomArg("message_id", "0190 Grüße"))
identifier = client.send(told).headers["X-Message-Id"]
events = []
for _, headers, body in receiver.wait(2):
    signature, timestamp = headers[EventWebhookHeader.SIGNATURE], headers[EventWebhookHeader.TIMESTAMP]
    assert verifier.verify_signature(body, signature, timestamp), body
    assert not verifier.verify_signature(body + " ", signature, timestamp)
    assert abs(time.time() - int(timestamp)) < 60, timestamp
    events += json.loads(body)
assert [event["event"] for event in events] == ["processed", "bounce"], events
assert all(event["sg_message_id"].startswith(identifier) for event in events), events
assert all(event["message_id"] == "0190 Grüße" for event in events), events
print("ok events, signed")
print("judged: sendgrid")

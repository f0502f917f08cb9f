"""Twilio's and SendGrid's own validators over signed requests. The argument names a file of them; the judgement is
printed as JSON."""

import base64
import json
import sys
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator


class Form(dict):
    """The fields of a body, as a web framework would have them."""

    def __init__(self, body):
        super().__init__()
        for name, value in parse_qsl(body, keep_blank_values=True):
            self.setdefault(name, []).append(value)

    def getall(self, name):
        return self[name]


def holds(case):
    webhook = EventWebhook()
    key = webhook.convert_public_key_to_ecdsa(case["key"])
    return webhook.verify_signature(case["body"], case["signature"], case["timestamp"], key)


def signed(number):
    """A post as SendGrid signs it, by the library that its validator rests on."""
    key = ec.generate_private_key(ec.SECP256R1())
    timestamp, body = f"{1600000000 + number}", f'[{{"event":"open","number":{number},"text":"é"}}]\r\n'
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = key.sign((timestamp + body).encode(), ec.ECDSA(SHA256()))
    return {
        "key": base64.b64encode(der).decode(), "timestamp": timestamp, "body": body,
        "signature": base64.b64encode(signature).decode()}


with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
validators = [RequestValidator(case["token"]) for case in cases["twilio"]]
json.dump({
    "twilio": [validator.validate(case["url"], Form(case["body"]), case["signature"])
               for validator, case in zip(validators, cases["twilio"])],
    "expected": [validator.compute_signature(case["url"], Form(case["body"]))
                 for validator, case in zip(validators, cases["twilio"])],
    "sendgrid": [holds(case) for case in cases["sendgrid"]],
    "signed": [signed(number) for number in range(20)],
}, sys.stdout)

"""The receivers' libraries of Standard Webhooks and Svix verify posts of ours: argument 1 is a JSON file with them."""

import base64
import json
import os
import sys

import standardwebhooks.webhooks
import svix.webhooks

with open(sys.argv[1], encoding="utf-8") as file:
    evidence = json.load(file)

libraries = {
    "standardwebhooks": (standardwebhooks.webhooks.Webhook, standardwebhooks.webhooks.WebhookVerificationError),
    "svix": (svix.webhooks.Webhook, svix.webhooks.WebhookVerificationError),
}


def verifies(library, secret, body, headers):
    webhook, failure = libraries[library]
    try:
        webhook(secret).verify(body, headers)
    except failure:
        return False
    except json.JSONDecodeError:
        pass  # Verified; what it parses after that need not be JSON here.
    return True


stranger = "whsec_" + base64.b64encode(os.urandom(32)).decode()
for library in libraries:
    for post in evidence["posts"]:
        headers = {name.lower(): value for name, value in post["headers"].items()}
        body = post["body"].encode()
        assert "." not in headers["webhook-id"], headers
        assert len(headers["webhook-signature"].split(" ")) == len(evidence["secrets"]), headers
        for secret in evidence["secrets"]:
            assert verifies(library, secret, body, headers), (library, secret, headers)
        assert not verifies(library, stranger, body, headers), "verified with a secret that did not sign"
        secret = evidence["secrets"][0]
        assert not verifies(library, secret, body + b" ", headers), "verified another body"
        assert not verifies(library, secret, body, {**headers, "webhook-id": "x"}), "verified another id"
        later = str(int(headers["webhook-timestamp"]) + 1)
        assert not verifies(library, secret, body, {**headers, "webhook-timestamp": later}), "verified another time"
    print(f"ok {library}: {len(evidence['posts'])} posts, {len(evidence['secrets'])} secrets")
print("judged: webhook signatures")

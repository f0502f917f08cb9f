"""Judges the ingress's OpenAPI document by itself, and then the ingress (INGRESS_URL) by its document, as the caller
that INGRESS_KEY makes known."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import yaml
from openapi_spec_validator import validate

URL = os.environ["INGRESS_URL"]
DOCUMENT = URL + "/openapi.yaml"
EXAMPLES = os.environ.get("EXAMPLES", "8")

with urllib.request.urlopen(DOCUMENT, timeout=10) as answer:
    validate(yaml.safe_load(answer))

judged = subprocess.run(
    [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", "openapi.toml", "run", DOCUMENT),
        *("--header", "Authorization: Bearer " + os.environ["INGRESS_KEY"]),
        *("--checks", "all", "--max-examples", EXAMPLES, "--no-color"),
    ],
    cwd=Path(__file__).parent,
)
if judged.returncode != 0:
    sys.exit(judged.returncode)
print("judged: openapi", flush=True)

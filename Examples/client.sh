#!/usr/bin/env bash
# The same as client.py with curl alone, for a shell script or a cron job:
#
#   POSTHASTE_API_KEY=ph_… Examples/client.sh +15559876543 'Your code is 123456'
#
# curl --retry makes a request again after a 408, 429, 500, 502, 503 or 504, when Retry-After says, and with
# --retry-connrefused where nobody listens. That is safe because all bear the one Idempotency-Key.
set -euo pipefail

message="$(python3 -c 'import json, sys; print(json.dumps(dict(zip(("from", "to", "type", "body"), sys.argv[1:]))))' \
    "${POSTHASTE_FROM:-+15551234567}" "$1" sms "$2")"
# The key goes through a file descriptor: everybody can read the arguments of a process.
curl --silent --show-error --fail-with-body --retry 8 --retry-connrefused --retry-max-time 60 --max-time 30 \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$POSTHASTE_API_KEY") \
    --header 'Content-Type: application/json' --header 'Prefer: wait=10' \
    --header "Idempotency-Key: ${POSTHASTE_IDEMPOTENCY_KEY:-$(cat /proc/sys/kernel/random/uuid)}" \
    --data "$message" "${POSTHASTE_URL:-http://127.0.0.1:8080}/api/v1/messages/send"

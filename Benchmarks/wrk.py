"""What wrk measures of a server: one thread of it, with connections that each wait for an answer before they ask again."""

import json
import subprocess
import sys
import tempfile

SEND = {"from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "Your code is 123456"}
CONNECTIONS = 64

# Tells what wrk prints in rounded words: latencies are in microseconds there, and so is the duration.
DONE = """
done = function(summary, latency, requests)
  local faults = summary.errors
  io.write(string.format(
    '\\nDONE {"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "p999_ms": %f, "refused": %d, "broken": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency:percentile(99.9) / 1e3, faults.status, faults.connect + faults.read + faults.write + faults.timeout))
end
"""
# Each request with a key of its own; of this run, as the server remembers those of others.
IDEMPOTENT = """
local count, run = 0, tostring(os.time()) .. tostring({}):sub(8)
request = function()
  count = count + 1
  wrk.headers["Idempotency-Key"] = run .. count
  return wrk.format()
end
"""
# Each request to a recipient of its own.
RECIPIENTS = """
local count, before, after = 0, [==[%s]==], [==[%s]==]
request = function()
  count = count + 1
  return wrk.format(nil, nil, nil, before .. string.format("+1555%%07d", count) .. after)
end
"""


def post(document, headers=None, more=""):
    """A script that posts a JSON document."""
    return script(json.dumps(document), {"Content-Type": "application/json", **(headers or {})}, more)


def script(body, headers, more=""):
    fields = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in headers.items())
    return f'wrk.method = "POST"\n{fields}wrk.body = [==[{body}]==]\n{more}'


def to_recipients(message):
    """More of a script: each request has the message for another recipient."""
    before, after = json.dumps({**message, "to": "\0"}).split(json.dumps("\0")[1:-1])
    return RECIPIENTS % (before, after)


def wrk(url, seconds, script, connections=CONNECTIONS):
    """Of all requests, each of which must have been answered with 2xx or 3xx: how many there were, in how many seconds,
    how many a second, and the latency's percentiles, p50_ms, p99_ms and p999_ms."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script + DONE)
        file.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name, url],
                             capture_output=True, text=True)
    told = [line for line in out.stdout.splitlines() if line.startswith("DONE ")]
    found = json.loads(told[0][5:]) if told else {}
    if not found or found.pop("refused") or found.pop("broken") or not found["requests"]:
        sys.exit(f"bench: not every request was accepted\n{out.stdout}{out.stderr}")
    return {**found, "per_second": found["requests"] / found["seconds"]}

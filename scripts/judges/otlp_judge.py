"""A collector of traces that takes nothing that OpenTelemetry's own messages would not say.

    otlp_judge.py PORT

POST /v1/traces: what an exporter sends. Whatever is wrong with it is kept as a complaint, and answered with 400.
GET /spans: {"spans": […], "complaints": […]}, each span as OTLP's JSON mapping has it, with its resource's attributes
and the names and values of its own as objects.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import unknown_fields
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]
CODES = ["unset", "ok", "error"]


def value(any_value):
    which = any_value.WhichOneof("value")
    assert which, "an attribute has no value"
    if which == "array_value":
        return [value(one) for one in any_value.array_value.values]
    return getattr(any_value, which)


def attributes(pairs):
    keys = [pair.key for pair in pairs]
    assert all(keys) and len(set(keys)) == len(keys), f"keys are empty or twice there: {keys}"
    return {pair.key: value(pair.value) for pair in pairs}


def known(message):
    """No field, however deep, that the definition does not have."""
    assert len(unknown_fields.UnknownFieldSet(message)) == 0, f"unknown fields in {type(message).__name__}"
    for field, content in message.ListFields():
        if field.message_type:
            for one in [content] if isinstance(content, Message) else content:
                known(one)


def read(span, resource):
    assert len(span.trace_id) == 16 and any(span.trace_id), "a trace id is 16 bytes, not all zero"
    assert len(span.span_id) == 8 and any(span.span_id), "a span id is 8 bytes, not all zero"
    assert len(span.parent_span_id) in (0, 8), "a parent's id is 8 bytes"
    assert span.name and 1 <= span.kind <= 5, "a span has a name and a kind"
    now = time.time_ns()
    assert now - 600 * 10**9 < span.start_time_unix_nano <= span.end_time_unix_nano <= now + 10**9, "times"
    return {
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "state": span.trace_state,
        "name": span.name,
        "kind": KINDS[span.kind],
        "start": span.start_time_unix_nano,
        "end": span.end_time_unix_nano,
        "status": CODES[span.status.code],
        "statusMessage": span.status.message,
        "attributes": attributes(span.attributes),
        "events": [{"name": event.name, "attributes": attributes(event.attributes)} for event in span.events],
        "links": [link.span_id.hex() for link in span.links],
        "dropped": [span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count],
        "sampled": span.flags & 1 == 1,
        "resource": resource,
    }


class Collector(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    spans = []
    complaints = []

    def do_POST(self):
        try:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces", self.path
            assert self.headers["Content-Type"] == "application/x-protobuf", self.headers["Content-Type"]
            request = ExportTraceServiceRequest.FromString(body)
            known(request)
            assert request.SerializeToString() == body, "not written as the definition's own library writes it"
            found = []
            for of_resource in request.resource_spans:
                resource = attributes(of_resource.resource.attributes)
                for of_scope in of_resource.scope_spans:
                    assert of_scope.scope.name == "posthaste", of_scope.scope.name
                    found += [read(span, resource) for span in of_scope.spans]
            assert found, "a post without a span"
            self.spans.extend(found)
            self.answer(200, ExportTraceServiceResponse().SerializeToString(), "application/x-protobuf")
        except Exception as error:
            self.complaints.append(f"{type(error).__name__}: {error}")
            self.answer(400, b"")

    def do_GET(self):
        answer = {"spans": list(self.spans), "complaints": list(self.complaints)}
        self.answer(200, json.dumps(answer).encode(), "application/json")

    def answer(self, status, body, content_type="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Collector).serve_forever()

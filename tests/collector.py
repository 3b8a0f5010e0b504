"""A stand-in for an OpenTelemetry collector: takes OTLP over HTTP on loopback, and keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """What it was sent."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def of_job(self, job_id: str) -> list[Span]:
        """The spans of a job's own runs and of its shards', steps aside."""
        return [span for span in self.spans if attributes(span).get("riskfleet.job.id") == job_id]

    def below(self, span: Span) -> list[Span]:
        """The spans whose parent is `span`."""
        return [each for each in self.spans if each.parent_span_id == span.span_id]


def attributes(span: Span) -> dict[str, object]:
    """A span's attributes as Python has them."""
    found = {}
    for each in span.attributes:
        kind = each.value.WhichOneof("value")
        found[each.key] = getattr(each.value, kind) if kind else None
    return found


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector."""
    collector = Collector()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            request = ExportTraceServiceRequest.FromString(body)
            collector.headers.append({name.lower(): text for name, text in self.headers.items()})
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    collector.spans.extend(scope.spans)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield collector
        server.shutdown()

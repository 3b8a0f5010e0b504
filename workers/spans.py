"""Spans for an OpenTelemetry collector, sent as OTLP over HTTP from a thread of each process."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from urllib.parse import unquote

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from workers.delivery import Delivery
from workers.tracing import RunEnd, RunSpan

_PATIENCE_SECONDS = 3
_COMPLAIN_EVERY_SECONDS = 300

_W3C = TraceContextTextMapPropagator()

log = structlog.get_logger(__name__)


class SpanTracer:
    """Implements `workers.tracing.Tracer`. Its thread starts with the first span."""

    def __init__(self, *, endpoint: str, headers: str, service: str, send_every_ms: int) -> None:
        self._endpoint = endpoint.rstrip("/") + "/v1/traces"
        self._headers = _parsed(headers)
        self._service = service
        self._send_every_ms = send_every_ms
        # It says each failure, with every retry; once in a while is enough, and is said below.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)

    @cached_property
    def _provider(self) -> TracerProvider:
        about = {"service.name": self._service, "service.version": version("riskfleet")}
        provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(
            endpoint=self._endpoint, headers=self._headers, timeout=_PATIENCE_SECONDS
        )
        self._exporter = _QuietExporter(exporter, self._endpoint)
        provider.add_span_processor(
            BatchSpanProcessor(self._exporter, schedule_delay_millis=self._send_every_ms)
        )
        return provider

    @cached_property
    def _tracer(self) -> trace.Tracer:
        return self._provider.get_tracer("riskfleet")

    @contextmanager
    def run(self, job: Delivery, *, after: Iterable[str] = ()) -> Iterator[RunSpan]:
        """Open the span of an attempt, below its sender's, linked to those it goes on from."""
        # What is raised here is not recorded: its message may quote the request.
        with self._tracer.start_as_current_span(
            job.task,
            _sender(job),
            SpanKind.CONSUMER,
            _attributes(job),
            links=[trace.Link(_context_of(each)) for each in after],
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield _RunSpan(span, self.headers()["traceparent"])

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Open a span of a part of the attempt that runs in this thread."""
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as span:
            has_ended = False
            try:
                yield
                has_ended = True
            finally:
                if not has_ended:
                    span.set_status(StatusCode.ERROR)

    def headers(self) -> dict[str, str]:
        """Give the headers that continue the span of this thread in another process."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier

    def record(self, job: Delivery, *, since: datetime, end: RunEnd) -> None:
        """Tell afterwards of an attempt whose own process can no longer do so."""
        span = self._tracer.start_span(
            job.task,
            _sender(job),
            SpanKind.CONSUMER,
            _attributes(job),
            start_time=int(since.timestamp() * 1e9),
        )
        _RunSpan(span).ended(end)
        span.end()

    def close(self) -> None:
        """Send what is not sent yet; gives up after a moment."""
        if "_provider" in self.__dict__:
            self._exporter.is_last_chance = True
            self._provider.shutdown()


class _RunSpan:
    """Implements `workers.tracing.RunSpan`."""

    def __init__(self, span: trace.Span, traceparent: str | None = None) -> None:
        self._span = span
        self.traceparent = traceparent

    def ended(self, end: RunEnd) -> None:
        """Say how the attempt ended."""
        self._span.set_attribute("riskfleet.outcome", end.outcome)
        if end.attempt:
            self._span.set_attribute("riskfleet.attempt", end.attempt)
        if end.code is not None:
            self._span.set_attribute("riskfleet.code", end.code)
            self._span.set_attribute("error.type", end.code)
        if end.is_error:
            self._span.set_status(Status(StatusCode.ERROR, end.code))


class _QuietExporter(SpanExporter):
    """Hands spans on, and says now and then that they do not arrive."""

    def __init__(self, exporter: SpanExporter, endpoint: str) -> None:
        self._exporter = exporter
        self._endpoint = endpoint
        self._lost = 0
        self._silent_until = 0.0
        self.is_last_chance = False
        """The process ends: the first batch that does not arrive is the last one tried."""
        self._has_given_up = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self._has_given_up:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        self._has_given_up = self.is_last_chance and result is not SpanExportResult.SUCCESS
        if result is not SpanExportResult.SUCCESS:
            self._lost += len(spans)
            if time.monotonic() >= self._silent_until:
                self._silent_until = time.monotonic() + _COMPLAIN_EVERY_SECONDS
                log.warning("spans_not_sent", endpoint=self._endpoint, lost=self._lost)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _sender(job: Delivery) -> Context:
    return _W3C.extract(job.headers, Context())


def _context_of(traceparent: str) -> trace.SpanContext:
    context = _W3C.extract({"traceparent": traceparent}, Context())
    return trace.get_current_span(context).get_span_context()


def _attributes(job: Delivery) -> Mapping[str, str | int]:
    """Give what may be known of a job: who and what, never what its request says."""
    attributes: dict[str, str | int] = {
        "messaging.system": "celery",
        "messaging.operation.type": "process",
        "messaging.operation.name": "run",
        "messaging.destination.name": job.queue,
        "messaging.message.id": job.id,
        "riskfleet.job.id": job.watched_id,
        "riskfleet.tenant": job.tenant,
        "riskfleet.priority": job.priority.value,
    }
    if job.shard is not None:
        attributes["riskfleet.shard"] = job.shard[0]
    return attributes


def _parsed(headers: str) -> dict[str, str]:
    """Read the standard's list: `name=value,other=value`, percent-encoded."""
    pairs = (entry.partition("=") for entry in headers.split(",") if "=" in entry)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}

"""Spans of job runs, if somebody collects them. Knows nothing of OpenTelemetry until then."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from config.environment import ConfigurationError, Problem, read
from config.tracing import OpenTelemetrySettings, TracingSettings
from workers.delivery import Delivery


@dataclass(frozen=True, kw_only=True)
class RunEnd:
    """How an attempt at a job ended, for those who read logs and traces."""

    outcome: str
    """`succeeded`, `failed`, `cancelled`, `retrying`; or, where nothing was run to an end, `split`,
    `put_back` (somebody else has the job), `known` (it had succeeded before) or `left_alone`."""
    attempt: int = 0
    code: str | None = None
    """Of the error, or why its process was ended. Messages are left out: they quote requests."""

    @property
    def is_error(self) -> bool:
        """Whether somebody who looks for trouble wants to see it."""
        harmless = self.code in (None, "shutdown")
        return self.outcome in ("failed", "retrying") and not harmless


class RunSpan(Protocol):
    """The span of one attempt at a job."""

    @property
    def traceparent(self) -> str | None:
        """How others name this span; None if nobody collects it."""

    def ended(self, end: RunEnd) -> None:
        """Say how the attempt ended."""


class Tracer(Protocol):
    """Makes spans in one process."""

    def run(self, job: Delivery, *, after: Iterable[str] = ()) -> AbstractContextManager[RunSpan]:
        """Open the span of an attempt, below its sender's, linked to those it goes on from."""

    def step(self, name: str) -> AbstractContextManager[object]:
        """Open a span of a part of the attempt that runs in this thread."""

    def headers(self) -> dict[str, str]:
        """Give the headers that continue the span of this thread in another process."""

    def record(self, job: Delivery, *, since: datetime, end: RunEnd) -> None:
        """Tell afterwards of an attempt whose own process can no longer do so."""

    def close(self) -> None:
        """Send what is not sent yet; gives up after a moment."""


@dataclass(frozen=True)
class _NoSpan:
    traceparent: str | None = None

    def ended(self, end: RunEnd) -> None: ...


class NoTracer:
    """What there is when nobody collects."""

    _SPAN: AbstractContextManager[RunSpan] = nullcontext(_NoSpan())
    _STEP = nullcontext()

    def run(self, job: Delivery, *, after: Iterable[str] = ()) -> AbstractContextManager[RunSpan]:
        return self._SPAN

    def step(self, name: str) -> AbstractContextManager[object]:
        return self._STEP

    def headers(self) -> dict[str, str]:
        return {}

    def record(self, job: Delivery, *, since: datetime, end: RunEnd) -> None: ...
    def close(self) -> None: ...


NO_TRACER: Tracer = NoTracer()


def open_tracer() -> Tracer:
    """Make this process's tracer, as the environment says; nothing is contacted yet."""
    ours, standard = read(TracingSettings, OpenTelemetrySettings)
    endpoint = ours.otlp_endpoint or standard.exporter_otlp_endpoint
    if endpoint is None:
        return NO_TRACER
    try:
        from workers.spans import SpanTracer  # here, because it is an extra
    except ImportError as missing:
        expected = "the extra `tracing` to be installed beside it"
        problem = Problem("RISKFLEET_OTLP_ENDPOINT", expected, f"no {missing.name}")
        raise ConfigurationError((problem,)) from missing
    headers = standard.exporter_otlp_headers
    return SpanTracer(
        endpoint=endpoint.get_secret_value(),
        headers=headers.get_secret_value() if headers else "",
        service=standard.service_name,
        send_every_ms=standard.bsp_schedule_delay,
    )

"""A job's spans go on from its sender's, reach the collector, and say nothing of the request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from structlog.testing import capture_logs

from config.environment import ConfigurationError
from tests.collector import Collector, attributes, collecting
from tests.conftest import new_database
from tests.fleet import ROOT, FleetUnderTest, eventually
from workers.delivery import Delivery
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis
from workers.spans import SpanTracer
from workers.tracing import open_tracer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
SECRET = "what-the-request-says"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(
    tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres, collector: Collector
) -> Iterator[FleetUnderTest]:
    """A worker that logs JSON and sends spans."""
    folder = tmp_path_factory.mktemp("traced")
    with (
        EmbeddedRedis(folder / "redis") as redis,
        FleetUnderTest(folder, redis, new_database(postgres)) as fleet,
    ):
        fleet.start(
            RISKFLEET_LOG_FORMAT="json",
            RISKFLEET_OTLP_ENDPOINT=collector.url,
            OTEL_EXPORTER_OTLP_HEADERS="x-key=let%20me%20in",
            OTEL_BSP_SCHEDULE_DELAY="50",
        )
        yield fleet


def lines(fleet: FleetUnderTest, job_id: str) -> list[dict[str, Any]]:
    """What the worker's log says of a job; every line of the log is one JSON object."""
    log: Path = fleet.workers[0].log
    found = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in found if line.get("job") == job_id]


def ended_run(collector: Collector, job_id: str) -> Span:
    """Wait for the one run of a job."""
    [span] = eventually(lambda: collector.of_job(job_id))
    return span


def test_a_run_goes_on_from_its_sender(traced: FleetUnderTest, collector: Collector) -> None:
    """The span of a run is its sender's child, and has claim, compute and finish below it."""
    job_id = traced.submit({"message": SECRET}, traceparent=TRACEPARENT, tenant="acme")

    span = ended_run(collector, job_id)

    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert (span.name, span.kind) == ("fleet.echo", Span.SPAN_KIND_CONSUMER)
    assert span.status.code != Status.STATUS_CODE_ERROR
    about = attributes(span)
    assert about["riskfleet.tenant"] == "acme"
    assert about["messaging.destination.name"] == "cpu"
    assert (about["riskfleet.attempt"], about["riskfleet.outcome"]) == (1, "succeeded")
    assert {each.name for each in collector.below(span)} == {"claim", "compute", "finish"}
    assert collector.headers[-1]["x-key"] == "let me in"


def test_a_failed_job_is_an_error(traced: FleetUnderTest, collector: Collector) -> None:
    """A run that failed has the status ERROR with its code; nothing quotes the request."""
    job_id = traced.submit({"message": SECRET, "spinSeconds": "no number"})

    span = ended_run(collector, job_id)

    assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, "invalid_request")
    assert attributes(span)["riskfleet.code"] == "invalid_request"
    said = "".join(str(each) for each in collector.spans) + traced.workers[0].log.read_text()
    assert SECRET not in said
    assert "no number" not in said


def test_a_killed_run_is_told_of(traced: FleetUnderTest, collector: Collector) -> None:
    """A run whose process was killed has a span and a line from the worker's main process."""
    job_id = traced.submit({"spinSeconds": 60}, soft_limit_seconds=0.3, hard_limit_seconds=0.6)

    span = ended_run(collector, job_id)

    assert span.status.message == "time_limit"
    assert span.end_time_unix_nano - span.start_time_unix_nano >= 0.5e9
    [line] = [each for each in lines(traced, job_id) if each["event"] == "job_failed"]
    assert (line["task"], line["code"], line["level"]) == ("fleet.echo", "time_limit", "error")


def test_shards_are_children(traced: FleetUnderTest, collector: Collector) -> None:
    """Shards and merge are below the run that split the job; the merge is linked to the shards."""
    example = json.loads((ROOT / "examples" / "ransomware.json").read_text())
    scenario = example["scenario"] | {"lossEventFrequencyPerYear": 40}
    request = example | {"scenario": scenario, "engine": "monteCarlo", "trials": 12_000_000}
    task = "prism.simulate_scenario"
    job_id = traced.submit(request, task=task, traceparent=TRACEPARENT)

    def runs() -> dict[object, list[Span]] | None:
        found: dict[object, list[Span]] = {}
        for span in collector.of_job(job_id):
            is_shard = "riskfleet.shard" in attributes(span)
            key = "shard" if is_shard else attributes(span)["riskfleet.outcome"]
            found.setdefault(key, []).append(span)
        return found if {"split", "shard", "succeeded"} <= found.keys() else None

    spans = eventually(runs)
    [coordinator], [merge] = spans["split"], spans["succeeded"]
    shards = spans["shard"]

    assert coordinator.parent_span_id.hex() == PARENT
    assert len(shards) > 1
    below = {each.span_id for each in collector.spans if each.trace_id.hex() == TRACE}
    assert {span.span_id for span in [*shards, merge]} <= below
    [compute] = [each for each in collector.below(coordinator) if each.name == "compute"]
    assert {span.parent_span_id for span in [*shards, merge]} == {compute.span_id}
    assert {link.span_id for link in merge.links} == {span.span_id for span in shards}


def test_lines_of_a_run_say_whose_they_are(traced: FleetUnderTest, collector: Collector) -> None:
    """Logs alone tell what became of a job, and lead to its trace; no line after names it."""
    job_id = traced.submit({"fail": "wait"}, traceparent=TRACEPARENT, tenant="acme")
    other = traced.submit({"message": "after"})
    eventually(lambda: lines(traced, other))

    [line] = eventually(lambda: lines(traced, job_id))
    span = ended_run(collector, job_id)

    assert line | {"run_seconds": 0, "timestamp": ""} == {
        "timestamp": "",
        "level": "warning",
        "event": "job_retrying",
        "logger": "workers.told_run",
        "job": job_id,
        "tenant": "acme",
        "task": "fleet.echo",
        "attempt": 1,
        "code": "unavailable",
        "again_in_seconds": 2.0,
        "run_seconds": 0,
        "trace_id": TRACE,
        "span_id": span.span_id.hex(),
    }
    assert line["timestamp"].endswith("Z")
    [after] = lines(traced, other)
    assert (after["event"], after["tenant"]) == ("job_succeeded", "default")
    assert after["trace_id"] != TRACE


def test_the_last_spans_leave_with_the_worker(fleet: FleetUnderTest, collector: Collector) -> None:
    """What a worker has not sent when it is told to stop is sent then, by each of its processes."""
    worker = fleet.start(
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        OTEL_BSP_SCHEDULE_DELAY="600000",
        RISKFLEET_CPU_CONCURRENCY="1",
    )
    job_id = fleet.submit({"message": "last"})
    fleet.stored(job_id)

    worker.stop()

    assert [span.name for span in collector.of_job(job_id)] == ["fleet.echo"]


def test_a_collector_that_is_away_is_said_once() -> None:
    """Spans that do not arrive cost a line in a while, and hold up neither a run nor the end."""
    tracer = SpanTracer(endpoint="http://127.0.0.1:9", headers="", service="test", send_every_ms=20)
    job = Delivery(id=str(uuid4()), task="fleet.echo", request={}, queue="cpu", headers={})

    with capture_logs() as logs:
        for _ in range(3):
            with tracer.run(job):
                pass
            eventually(lambda: logs)
        tracer.close()

    [line] = logs
    assert (line["event"], line["endpoint"]) == ("spans_not_sent", "http://127.0.0.1:9/v1/traces")


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for spans without the extra learns at the start what to install."""
    monkeypatch.setenv("RISKFLEET_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.delitem(sys.modules, "workers.spans")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(ConfigurationError, match="the extra `tracing` to be installed beside it"):
        open_tracer()


def test_off_means_not_even_loaded() -> None:
    """Without an endpoint OpenTelemetry is not imported."""
    program = "import sys; from workers.tracing import *; assert open_tracer() is NO_TRACER; "
    program += "sys.exit('opentelemetry' in sys.modules)"
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("RISKFLEET_", "OTEL_"))
    }

    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0

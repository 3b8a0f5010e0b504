"""A line of the log is one readable thing, knows whose it is, and keeps secrets."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from celery.app.task import Context
from celery.signals import task_postrun, task_prerun
from structlog.contextvars import get_contextvars

from workers.log import configure_logging, label_runs

JOB_ID = "0f6d3a52-8a1e-4c57-9d0b-6c1f4b1f2a10"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"

Configure = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Set up logging as a process does; afterwards everything is as it was."""
    loggers = [logging.getLogger(name) for name in (None, "workers", "multiprocessing")]
    before = [(each.handlers[:], each.level, each.propagate) for each in loggers]

    def configure(form: str, level: str = "INFO") -> None:
        monkeypatch.setenv("RISKFLEET_LOG_FORMAT", form)
        monkeypatch.setenv("RISKFLEET_LOG_LEVEL", level)
        configure_logging()
        # Each test has its own stderr.
        structlog.configure(cache_logger_on_first_use=False)

    yield configure
    structlog.reset_defaults()
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


class EchoTask:
    """As much of a Celery task as a signal hands on."""

    name = "fleet.echo"

    def __init__(self, **headers: Any) -> None:
        self.request = Context(id=JOB_ID, **headers)


def _fail(error: Exception) -> None:
    raise error


def test_a_json_line_has_its_parts(configure: Configure, capfd: pytest.CaptureFixture[str]) -> None:
    """Time in UTC to the millisecond, level, event and logger come first; the rest are fields."""
    configure("json")
    began = datetime.now(UTC)

    structlog.get_logger("workers.somewhere").warning("event_name", count=3)

    line = json.loads(capfd.readouterr().err)
    assert list(line) == ["timestamp", "level", "event", "logger", "count"]
    assert list(line.values())[1:] == ["warning", "event_name", "workers.somewhere", 3]
    assert len(line["timestamp"]) == len("2027-01-31T12:00:00.000Z")
    assert abs((datetime.fromisoformat(line["timestamp"]) - began).total_seconds()) < 60


def test_libraries_log_alike(configure: Configure, capfd: pytest.CaptureFixture[str]) -> None:
    """What the standard library logs, traceback included, is one JSON line too."""
    configure("json")

    try:
        _fail(RuntimeError("gone"))
    except RuntimeError:
        logging.getLogger("celery.worker").exception("Task %s failed", "x")
    logging.getLogger("multiprocessing").warning("child died")

    first, second = map(json.loads, capfd.readouterr().err.splitlines())
    assert (first["event"], first["logger"]) == ("Task x failed", "celery.worker")
    assert first["exception"].endswith("RuntimeError: gone")
    assert second["event"] == "child died"


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    "url",
    [
        "redis://:hush@host:6379/0",
        "postgresql://user:hush@host/db",
        "https://a:hu:sh@hush@h/x",
    ],
)
def test_passwords_are_blotted_out(
    configure: Configure, capfd: pytest.CaptureFixture[str], form: str, url: str
) -> None:
    """No password of a URL is logged, whether in an event, a field or a traceback."""
    configure(form)
    log = structlog.get_logger("workers.x")

    log.warning(f"cannot reach {url}", error=f"no answer from {url}, tried twice")
    try:
        _fail(ConnectionError(url))
    except ConnectionError:
        log.exception("lost")

    said = capfd.readouterr().err
    assert "hush" not in said
    assert said.count(":***@") == 3


def test_a_line_for_people_is_short(
    configure: Configure, capfd: pytest.CaptureFixture[str]
) -> None:
    """The console shows time, level, event and fields, without what only machines read."""
    configure("console")

    structlog.get_logger("workers.x").info("worker_ready", trace_id=TRACE)

    said = capfd.readouterr().err
    assert "worker_ready" in said
    assert TRACE not in said
    assert "workers.x" not in said


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\rb", "a\x9b31mb", "a\u202eb", "a\x00b"])
def test_a_callers_text_does_not_steer_a_terminal(
    configure: Configure, capfd: pytest.CaptureFixture[str], text: str
) -> None:
    """Control characters in a path or a reason are shown, not sent to whoever reads the log."""
    configure("console")

    structlog.get_logger("workers.x").info("request_served", path=text)

    said = capfd.readouterr().err
    assert text not in said
    assert said.endswith("\n")
    assert said.count("\n") == 1


def test_the_level_is_ours_alone(configure: Configure, capfd: pytest.CaptureFixture[str]) -> None:
    """Libraries speak from WARNING on, however talkative the fleet is told to be."""
    configure("json", level="DEBUG")

    structlog.get_logger("workers.x").debug("ours")
    logging.getLogger("celery").info("theirs")
    configure("json", level="ERROR")
    structlog.get_logger("workers.x").warning("too little")

    assert [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()] == ["ours"]


def test_a_run_labels_its_lines_and_no_other(
    configure: Configure, capfd: pytest.CaptureFixture[str]
) -> None:
    """Between Celery's signals lines name the job; after them nothing is left, in any thread."""
    configure("json")
    label_runs()
    task = EchoTask(tenant="acme", traceparent=f"00-{TRACE}-{SPAN}-01")
    left: list[dict[str, Any]] = []

    def run() -> None:
        task_prerun.send(sender=task, task=task, task_id=JOB_ID)
        logging.getLogger("celery.anything").warning("during")
        task_postrun.send(sender=task, task=task, task_id=JOB_ID)
        left.append(get_contextvars())

    for _ in range(2):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    logging.getLogger("celery.anything").warning("beside")

    *during, beside = map(json.loads, capfd.readouterr().err.splitlines())
    labels = {"job": JOB_ID, "tenant": "acme", "task": "fleet.echo"}
    labels |= {"trace_id": TRACE, "span_id": SPAN}
    assert [labels.items() <= line.items() for line in during] == [True, True]
    assert labels.keys().isdisjoint(beside)
    assert left == [{}, {}]


def test_a_run_begins_unlabelled(configure: Configure) -> None:
    """A run that never came to its end leaves nothing to the next one in its thread."""
    configure("json")
    label_runs()
    first, second = EchoTask(tenant="acme", parent_job="p"), EchoTask()

    task_prerun.send(sender=first, task=first, task_id=JOB_ID)
    task_prerun.send(sender=second, task=second, task_id=JOB_ID)
    labels = dict(get_contextvars())
    task_postrun.send(sender=second, task=second, task_id=JOB_ID)

    assert labels == {"job": JOB_ID, "task": "fleet.echo"}

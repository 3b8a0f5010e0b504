"""One line per event, the same from us, from Celery and from libraries: for people, or as JSON.

Whatever is logged while a job runs says which job: see `label_runs`.
"""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor

from config.environment import read
from config.logs import LogSettings

_PASSWORD = re.compile(r"([a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/]*@", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Those that move or colour; the ends of a traceback's lines, and tabs, are left."""
_FIRST = ("timestamp", "level", "event", "logger")


def configure_logging() -> None:
    """Send structlog's and the standard library's events to stderr, as the environment asks.

    Tracebacks are plain: the pretty ones show local variables, which may be a caller's data.
    """
    settings = read(LogSettings)
    level = logging.getLevelNamesMapping()[settings.log_level]
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_as_json() if settings.log_format == "json" else _for_people()),
            ],
        )
    )
    # billiard says of a child that died through a logger that it cuts off from the root.
    cut_off = logging.getLogger("multiprocessing")
    cut_off.propagate = False
    root = logging.getLogger()
    for logger in (root, cut_off):
        logger.handlers[:] = [handler]
        logger.setLevel(logging.WARNING)
    logging.getLogger("workers").setLevel(level)


def label_runs() -> None:
    """Have each line that is logged while Celery runs a job say whose it is, and no line after.

    A run begins with an empty context, so not even a thread that was cut short mislabels the next.
    """
    task_prerun.connect(_label, weak=False)
    task_postrun.connect(_unlabel, weak=False)


def trace_labels(traceparent: str | None) -> dict[str, str]:
    """Give the ids in a W3C `traceparent` as a log line has them."""
    _, trace_id, span_id, *_ = [*(traceparent or "").split("-"), "", ""][:4]
    if len(trace_id) != 32 or len(span_id) != 16:
        return {}
    return {"trace_id": trace_id, "span_id": span_id}


def _label(task: Any, **_: Any) -> None:
    run = task.request
    labels = {
        "job": run.id,
        "parent": run.get("parent_job"),
        "tenant": run.get("tenant"),
        "task": task.name,
        **trace_labels(run.get("traceparent")),
    }
    clear_contextvars()
    bind_contextvars(**{name: value for name, value in labels.items() if value is not None})


def _unlabel(**_: Any) -> None:
    clear_contextvars()


def _for_people() -> list[Processor]:
    return [
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
        structlog.processors.format_exc_info,
        _leave_to_machines,
        _hide_passwords,
        _show_controls,
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        ),
    ]


def _show_controls(_: Any, __: str, event: EventDict) -> EventDict:
    """Write control characters as escapes: a caller's text must not steer a terminal."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], value)
    return event


def _as_json() -> list[Processor]:
    return [
        _stamp,
        structlog.processors.format_exc_info,
        _hide_passwords,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]


def _leave_to_machines(_: Any, __: str, event: EventDict) -> EventDict:
    for name in ("logger", "trace_id", "span_id"):
        event.pop(name, None)
    return event


def _stamp(_: Any, __: str, event: EventDict) -> EventDict:
    """Put the time, in UTC to the millisecond, and what else each line has before the rest."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    ordered = {"timestamp": now, **{name: event.pop(name, None) for name in _FIRST[1:]}}
    return ordered | dict(event)


def _hide_passwords(_: Any, __: str, event: EventDict) -> EventDict:
    """Blot out passwords in URLs, in whatever a library says of its connection."""
    for name, value in event.items():
        if isinstance(value, str) and "://" in value:
            event[name] = _PASSWORD.sub(r"\1:***@", value)
    return event

"""One readable line per event, the same from us and from Celery."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor


def configure_logging(level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's events to stderr, a line each.

    Tracebacks are plain: the pretty ones show local variables, which may be a caller's data.
    """
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True)
    shared: list[Processor] = [structlog.stdlib.add_log_level, stamp]
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("workers").setLevel(level)

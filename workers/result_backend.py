"""Where Celery keeps results: in Redis, without tracebacks.

A traceback names files and lines of ours to callers who can do nothing with it. What went wrong
is in the error; the traceback of an unexpected one is in the worker's log.
"""

from __future__ import annotations

from typing import Any

from celery.backends.redis import RedisBackend


class ResultBackend(RedisBackend):
    """Celery's own Redis backend, format included."""

    def _get_result_meta(
        self, result: Any, state: str, traceback: Any, request: Any, **options: Any
    ) -> Any:
        return super()._get_result_meta(result, state, None, request, **options)

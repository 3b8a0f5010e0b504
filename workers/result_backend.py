"""Where Celery keeps results: in Redis, without tracebacks.

A traceback names files and lines of ours to callers who can do nothing with it. What went wrong
is in the error; the traceback of an unexpected one is in the worker's log.
"""

from __future__ import annotations

from typing import Any

from celery.backends.redis import RedisBackend
from celery.states import SUCCESS


class ResultBackend(RedisBackend):
    """Celery's own Redis backend, format included."""

    def _get_result_meta(
        self, result: Any, state: str, traceback: Any, request: Any, **options: Any
    ) -> Any:
        return super()._get_result_meta(result, state, None, request, **options)

    def _store_result(
        self,
        task_id: str,
        result: Any,
        state: str,
        traceback: Any = None,
        request: Any = None,
        **options: Any,
    ) -> Any:
        """Store a success without looking up what is there: the ledger decided that it stands."""
        if state != SUCCESS:
            return super()._store_result(task_id, result, state, traceback, request, **options)
        meta = self._get_result_meta(result, state, traceback, request)
        text = self.encode(meta | {"task_id": task_id})
        self._set_with_state(self.get_key_for_task(task_id), text, state)
        return result

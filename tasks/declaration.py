"""A task, declared once.

Everything else follows from a `Declaration`: the Celery task and its routing, the JSON Schema,
the TypeScript types and client methods, the task reference, and the contract tests.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from typing import Any, get_type_hints

from pydantic.json_schema import models_json_schema

from queues.names import Queue
from tasks.payload import Payload
from tasks.shadow import Tolerances

SHARD_SUFFIX = ".shard"
MERGE_SUFFIX = ".merge"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The bounds a task runs under; nobody who submits a job can widen them."""

    soft_limit: timedelta = timedelta(minutes=10)
    """After this the run is asked to end, and fails with `time_limit`."""
    hard_limit: timedelta = timedelta(minutes=11)
    """After this its process is killed."""
    attempts: int = 3
    """Runs in all, counting those that a lost worker or an unavailable service cut short."""
    max_request_bytes: int = 1 << 20
    """Larger requests are refused with `too_large` before they are read."""


@dataclass(frozen=True, kw_only=True)
class FanOut:
    """How a task is cut into shards that run in parallel as a Celery chord."""

    split: Callable[..., Sequence[Payload]]
    """Request, then what it needs by type -> one request a shard, or none if it is not worth it:
    then the job runs in place, without a chord."""
    shard: Callable[..., Payload]
    """Shard request, then what it needs by type -> shard result."""
    merge: Callable[..., Payload]
    """Request, shard results in the order of `split`, then what it needs by type -> result."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A kind of work that can be asked for."""

    name: str
    queue: Queue
    run: Callable[..., Payload]
    request: type[Payload]
    result: type[Payload]
    also_on: frozenset[Queue] = frozenset()
    """Other queues whose pools can run it as well."""
    terms: Terms = field(default_factory=Terms)
    fan_out: FanOut | None = None
    warm_up: Callable[[], None] | None = None
    """What a worker does once at its start, so that the first job does not: compile, load."""
    shadow: Tolerances = field(default_factory=Tolerances)
    """When a caller's own answer counts as the same as the result."""

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.run) or "").partition("\n")[0]

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the request (as read) and the result (as written), with `$defs`."""
        _, schema = models_json_schema(
            [(self.request, "validation"), (self.result, "serialization")],
            ref_template="#/$defs/{model}",
        )
        return schema

    @cached_property
    def schema_hash(self) -> str:
        """Sixteen hexadecimal digits that change whenever the request or result does."""
        text = json.dumps(_without_prose(self.schema), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def shard(self) -> Declaration:
        """One shard of this task, as a task of its own. Only for declarations that fan out."""
        if self.fan_out is None:
            raise TypeError(f"{self.name} is not split into shards")
        request, result = _shape_of(self.fan_out.shard)
        return Declaration(
            name=self.name + SHARD_SUFFIX,
            queue=self.queue,
            run=self.fan_out.shard,
            request=request,
            result=result,
            terms=self.terms,
        )

    def __call__(self, request: Payload, **needs: object) -> Payload:
        """Run the task in this process, without a fleet."""
        return self.run(request, **needs)


def task(
    name: str,
    *,
    queue: Queue,
    also_on: Iterable[Queue] = (),
    terms: Terms | None = None,
    fan_out: FanOut | None = None,
    warm_up: Callable[[], None] | None = None,
    shadow: Tolerances | None = None,
) -> Callable[[Callable[..., Payload]], Declaration]:
    """Declare the decorated function as a task.

    Its first parameter is the request; what else it needs it asks for by type, keyword-only
    (`progress: Progress`, `artifacts: ArtifactStore`), and the pool supplies it.
    """

    def declare(run: Callable[..., Payload]) -> Declaration:
        request, result = _shape_of(run)
        return Declaration(
            name=name,
            queue=queue,
            also_on=frozenset(also_on),
            run=run,
            request=request,
            result=result,
            terms=terms or Terms(),
            fan_out=fan_out,
            warm_up=warm_up,
            shadow=shadow or Tolerances(),
        )

    return declare


@cache
def needs_of(function: Callable[..., Any]) -> dict[str, type]:
    """Give what a task function asks for beyond its request: keyword-only name -> type."""
    hints = get_type_hints(function)
    return {
        name: hints[name]
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def _shape_of(function: Callable[..., Any]) -> tuple[type[Payload], type[Payload]]:
    """Give the types of a task function's first parameter and of its result."""
    hints = get_type_hints(function)
    first = next(iter(inspect.signature(function).parameters))
    return hints[first], hints["return"]


def _without_prose(schema: Any) -> Any:
    """Drop titles and descriptions, so that rewording a docstring changes no hash."""
    if isinstance(schema, dict):
        return {
            key: _without_prose(value)
            for key, value in schema.items()
            if not (key in {"title", "description"} and isinstance(value, str))
        }
    if isinstance(schema, list):
        return [_without_prose(item) for item in schema]
    return schema

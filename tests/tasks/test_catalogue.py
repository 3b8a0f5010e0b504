"""What is true of every task, whoever declares it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from inspect import getdoc
from types import GenericAlias
from typing import Annotated, Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel, Field

from config.workers import WorkerSettings
from engines.progress import Progress, unreported
from queues.names import Queue
from tasks.catalogue import CATALOGUE, by_name
from tasks.declaration import Declaration, needs_of, task
from tasks.fleet.echo import EchoRequest, EchoResult, echo
from tasks.payload import Payload
from workers.job_run import SUPPLY

SHARDS = tuple(declaration.shard for declaration in CATALOGUE if declaration.fan_out)
every_task = pytest.mark.parametrize("declaration", CATALOGUE, ids=lambda each: each.name)
every_task_and_shard = pytest.mark.parametrize(
    "declaration", [*CATALOGUE, *SHARDS], ids=lambda each: each.name
)


def _functions(declaration: Declaration) -> list[Callable[..., Any]]:
    """Every function of a task that a pool calls with what it asks for."""
    fan_out = declaration.fan_out
    return [declaration.run, *((fan_out.shard, fan_out.merge) if fan_out else ())]


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """Every model inside a type, itself included, however deep."""
    if isinstance(kind, type) and not isinstance(kind, GenericAlias):
        if issubclass(kind, BaseModel):
            yield kind
            for hint in get_type_hints(kind, include_extras=True).values():
                yield from _models(hint)
        return
    for part in get_args(kind):
        yield from _models(part)


def _says_it_itself(schema: dict[str, Any]) -> bool:
    """Whether a field's type explains it: another described record, or a single literal."""
    parts = [part for part in schema.get("anyOf", [schema]) if part != {"type": "null"}]
    return all({"$ref", "const", "oneOf"} & part.keys() for part in parts)


def test_names_are_unique() -> None:
    """A name means one task for ever."""
    assert len(by_name()) == len(CATALOGUE)


@every_task
def test_a_name_is_a_domain_and_a_verb(declaration: Declaration) -> None:
    """`prism.simulate_scenario`: lower case, a domain, a dot, what is done to what."""
    assert re.fullmatch(r"[a-z][a-z0-9]*\.[a-z][a-z0-9]*(_[a-z0-9]+)*", declaration.name)


@every_task
def test_a_task_is_where_its_domain_is(declaration: Declaration) -> None:
    """`prism.simulate_scenario` is in tasks/prism/: one who knows the name finds the file."""
    domain = declaration.name.partition(".")[0]

    assert declaration.run.__module__.startswith(f"tasks.{domain}.")


@every_task
def test_a_run_is_asked_to_end_before_it_is_killed(declaration: Declaration) -> None:
    """There is time between the soft limit and the hard one, and at least one attempt."""
    terms = declaration.terms

    assert timedelta(0) < terms.soft_limit < terms.hard_limit
    assert terms.attempts >= 1


@every_task
def test_a_request_that_is_taken_fits_into_a_message(declaration: Declaration) -> None:
    """The limit of a message, base64 and headers counted, lies above that of any request."""
    limit = WorkerSettings.model_fields["max_message_bytes"].default

    assert 0 < declaration.terms.max_request_bytes * 4 / 3 + (16 << 10) <= limit


@every_task_and_shard
def test_everything_on_the_wire_is_closed(declaration: Declaration) -> None:
    """Request and result are payloads all the way down: nothing unknown, no NaN, unchangeable."""
    models = {*_models(declaration.request), *_models(declaration.result)}

    assert [model for model in models if not issubclass(model, Payload)] == []
    for model in models:
        config = model.model_config
        promised = ("extra", "frozen", "strict", "allow_inf_nan")
        assert [config.get(name) for name in promised] == ["forbid", True, True, False], model


@every_task_and_shard
def test_no_type_on_the_wire_is_open(declaration: Declaration) -> None:
    """There is no place where anything at all may stand: TypeScript would have to guess."""
    open_places = [
        f"{name}.{field}"
        for name, model in declaration.schema["$defs"].items()
        for field, schema in model.get("properties", {}).items()
        if not {"type", "$ref", "anyOf", "oneOf", "const", "enum"} & schema.keys()
        or (schema.get("type") == "object" and "additionalProperties" not in schema)
    ]

    assert open_places == []


@every_task
def test_everything_on_the_wire_is_described(declaration: Declaration) -> None:
    """Who reads the schema, or hovers over a field in an editor, is told what it is."""
    definitions = declaration.schema["$defs"]
    undescribed = [name for name, model in definitions.items() if not model.get("description")]
    undescribed += [
        f"{name}.{field}"
        for name, model in definitions.items()
        for field, schema in model.get("properties", {}).items()
        if "description" not in schema and not _says_it_itself(schema)
    ]

    assert undescribed == []


@every_task
def test_every_function_has_a_summary(declaration: Declaration) -> None:
    """The first line says what it does, in a sentence."""
    for function in _functions(declaration):
        summary = (getdoc(function) or "").partition("\n")[0]
        assert re.fullmatch(r"[A-Z].{9,99}\.", summary), function


@every_task
def test_every_need_is_met(declaration: Declaration) -> None:
    """What a task asks for by type, the pools have."""
    for function in _functions(declaration):
        assert set(needs_of(function).values()) <= SUPPLY.keys(), function


@every_task
def test_a_task_that_may_run_long_reports(declaration: Declaration) -> None:
    """Its progress is how it is watched, cancelled and ended at its deadline."""
    work = declaration.fan_out.shard if declaration.fan_out else declaration.run

    assert Progress in needs_of(work).values()


def test_a_task_is_a_function_still() -> None:
    """Tests and notebooks call it in their own process, without a fleet."""
    result = echo(EchoRequest(message="hello"), progress=unreported)

    assert result == EchoResult(message="hello", allocated_bytes=0)


# The laws of the hash, on declarations made here.


def _declared(request: type[Payload], result: type[Payload]) -> Declaration:
    def run(request: Any) -> Any:
        """Do nothing."""

    run.__annotations__ = {"request": request, "return": result}
    return task("test.do_nothing", queue=Queue.CPU)(run)


class Result(Payload):
    """A result."""

    value: float


def _request(doc: str, **fields: Any) -> type[Payload]:
    """A type called `Request` with this docstring and these fields."""
    return type("Request", (Payload,), {"__doc__": doc, "__annotations__": fields})


PLAIN = _declared(_request("A request.", rate=float), Result)


def test_rewording_changes_no_hash() -> None:
    """Clients stay valid when a docstring or a description gets better."""
    described = Annotated[float, Field(description="A year", title="Rate")]

    reworded = _declared(_request("What is asked.", rate=described), Result)

    assert reworded.schema != PLAIN.schema
    assert reworded.schema_hash == PLAIN.schema_hash


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"rates": float},
        {"rate": int},
        {"rate": float | None},
        {"rate": float, "title": str},
        {"rate": float, "description": str},
        {"rate": Annotated[float, Field(ge=0)]},
    ],
    ids=str,
)
def test_a_change_on_the_wire_changes_the_hash(fields: dict[str, Any]) -> None:
    """A field, its type, its bounds: what a client must know of is in the hash."""
    assert _declared(_request("A request.", **fields), Result).schema_hash != PLAIN.schema_hash


def test_a_change_of_the_result_changes_the_hash() -> None:
    """What is read back is part of the contract as well."""

    class Other(Payload):
        value: int

    other = _declared(PLAIN.request, type("Result", (Other,), {"__doc__": "A result."}))

    assert other.schema_hash != PLAIN.schema_hash


def test_a_hash_is_sixteen_digits() -> None:
    """It travels in a header of every message."""
    assert re.fullmatch(r"[0-9a-f]{16}", PLAIN.schema_hash)


def test_terms_are_not_on_the_wire() -> None:
    """A task that is given more time keeps its clients."""
    patient = replace(PLAIN, terms=replace(PLAIN.terms, soft_limit=timedelta(seconds=1)))

    assert patient.schema_hash == PLAIN.schema_hash


def test_only_what_is_split_has_shards() -> None:
    """To ask for a shard of a task that has none is a mistake, said by name."""
    with pytest.raises(TypeError, match=r"test\.do_nothing is not split"):
        PLAIN.shard  # noqa: B018 - the property raises


@pytest.mark.parametrize("shard", SHARDS, ids=lambda each: each.name)
def test_a_shard_runs_under_the_terms_of_its_task(shard: Declaration) -> None:
    """A part is on the queue of the whole, for no longer than the whole."""
    whole = by_name()[shard.name.removesuffix(".shard")]

    assert (shard.queue, shard.terms) == (whole.queue, whole.terms)

"""Fetch what a job made that is too big or too visual for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from queues.events import Timestamp
from queues.ledger import Job
from tasks.artifact import Artifact
from tasks.catalogue import by_name
from tasks.payload import Payload
from workers.gateway.gateway import Caller, Gateway, Here
from workers.gateway.jobs import known_job
from workers.gateway.problem import not_found

router = APIRouter(prefix="/v1", tags=["artifacts"])


class LinkedArtifact(Artifact):
    """A file that belongs to a result, and how to fetch it."""

    url: str
    """Where to GET it, without a token; relative to the gateway unless the store serves it."""
    good_until: Timestamp
    """After this the URL is refused: ask for another."""


class LinkedArtifacts(Payload):
    """The files that belong to a result."""

    artifacts: tuple[LinkedArtifact, ...]
    """In the order in which the result names them."""


class _Signature(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    expires: Annotated[int, Field(ge=0, le=2**40)]
    signature: Annotated[str, Field(max_length=128)]


@router.get("/jobs/{job_id}/artifacts")
def link_artifacts(job_id: UUID, here: Here, caller: Caller) -> LinkedArtifacts:
    """Give links to the files of a job's result. Whoever has such a link can fetch the file."""
    job = known_job(here, caller, job_id)
    until = here.links.expiry()
    return LinkedArtifacts(
        artifacts=tuple(_linked(here, job_id, artifact, until) for artifact in _of_result(job))
    )


@router.get(
    "/artifacts/{job_id}/{sha256}",
    response_model=None,
    response_class=Response,
    responses={
        200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "The file with the tag in `If-None-Match` is the file."},
    },
)
def fetch_artifact(
    job_id: UUID,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    here: Here,
    link: Annotated[_Signature, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give the file, to whoever has its link."""
    here.links.check(job_id, sha256, expires=link.expires, signature=link.signature)
    job = here.ledger.get(job_id)
    found = {artifact.sha256: artifact for artifact in (_of_result(job) if job else ())}
    if sha256 not in found:
        raise not_found(f"artifact {sha256}")
    tag = {"ETag": f'"{sha256}"'}
    if if_none_match in (tag["ETag"], "*"):
        return Response(status_code=304, headers=tag)
    artifact = found[sha256]
    name = sha256[:12] + PurePosixPath(urlsplit(artifact.uri).path).suffix
    return Response(
        here.artifacts.read(artifact.reference()),
        media_type=artifact.media_type,
        headers=tag | {"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _linked(here: Gateway, job_id: UUID, artifact: Artifact, until: datetime) -> LinkedArtifact:
    elsewhere = here.artifacts.link(artifact.reference(), lifetime=here.links.lifetime)
    return LinkedArtifact(
        **dict(artifact),
        url=elsewhere or here.links.path(job_id, artifact.sha256, until=until),
        good_until=until,
    )


def _of_result(job: Job) -> Iterator[Artifact]:
    """Give the artifacts that the result declares; what a caller wrote into one is none."""
    declaration = by_name().get(job.task)
    if declaration is None or job.result is None:
        return
    try:
        yield from _within(declaration.result.model_validate_json(job.result))
    except ValidationError:  # of an older schema than the one that is known here
        return


def _within(value: Any) -> Iterator[Artifact]:
    match value:
        case Artifact():
            yield value
        case BaseModel():
            for _, item in value:
                yield from _within(item)
        case dict():
            yield from _within(tuple(value.values()))
        case list() | tuple():
            for item in value:
                yield from _within(item)

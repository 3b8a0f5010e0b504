"""Pictures that a request may ask for, and how they become artifacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, Literal

from pydantic import Field

from queues.artifacts import ArtifactStore
from tasks.artifact import Artifact

PictureFormat = Literal["png", "svg"]

PictureFormats = Annotated[tuple[PictureFormat, ...], Field(max_length=2)]
"""Which pictures to draw: none is the quickest answer, and its numbers are the same."""

_MEDIA_TYPES: Final[dict[PictureFormat, str]] = {"png": "image/png", "svg": "image/svg+xml"}


def store_pictures(
    formats: PictureFormats,
    draw: Callable[[PictureFormat], bytes],
    *,
    name: str,
    artifacts: ArtifactStore,
) -> tuple[Artifact, ...]:
    """Draw a picture in each of `formats`, once each, store them and give their references.

    `name` is the file's without its ending: `exceedance-curve`.
    """
    return tuple(
        Artifact.of(artifacts.put(draw(each), media_type=_MEDIA_TYPES[each], name=f"{name}.{each}"))
        for each in dict.fromkeys(formats)
    )

"""What an artifact store promises, whatever it keeps its files in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class ArtifactReference:
    """Where an artifact is, and how to tell that it is the one that was put there."""

    uri: str
    sha256: str
    """Hexadecimal."""
    size_bytes: int
    media_type: str


class ArtifactStore(Protocol):
    """Keeps bytes under the hash of their content: the same bytes put twice are one artifact."""

    def put(self, content: bytes, *, media_type: str, name: str) -> ArtifactReference:
        """Keep `content` and give its reference; it is durable when this returns.

        Of `name` only the extension is part of the address.
        """

    def read(self, reference: ArtifactReference) -> bytes:
        """Give the content; raises `ArtifactMissing` or `ArtifactCorrupt`."""

    def link(self, reference: ArtifactReference, *, lifetime: timedelta) -> str | None:
        """Give a URL at which anybody reads it for a while; none if nothing serves this store."""

    def delete_older_than(self, moment: datetime) -> int:
        """Delete what was last put before `moment`, and give how much that was."""


class ArtifactMissing(LookupError):
    """The store has nothing at that address, or the address is not in this store."""


class ArtifactCorrupt(RuntimeError):
    """What the store holds is not what the reference promises."""


class ArtifactsUnavailable(RuntimeError):
    """The store did not answer and may answer later."""


def address(content: bytes, name: str) -> tuple[str, str]:
    """Give the SHA-256 of `content`, and its path in a store: `ab/cdef….png`."""
    sha256 = hashlib.sha256(content).hexdigest()
    extension = PurePosixPath(name).suffix.lower()
    if not re.fullmatch(r"\.[a-z0-9]{1,8}", extension):
        extension = ""
    return sha256, f"{sha256[:2]}/{sha256[2:]}{extension}"


def verified(content: bytes, reference: ArtifactReference) -> bytes:
    """Give `content` if it is what the reference promises, or raise `ArtifactCorrupt`."""
    found = hashlib.sha256(content).hexdigest()
    if (len(content), found) != (reference.size_bytes, reference.sha256):
        raise ArtifactCorrupt(
            f"{reference.uri}: expected {reference.size_bytes} bytes with SHA-256 "
            f"{reference.sha256}, found {len(content)} with {found}"
        )
    return content

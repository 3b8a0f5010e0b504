"""An artifact as results name it on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from queues.artifacts import ArtifactReference
from tasks.payload import Count, Payload


class Artifact(Payload):
    """A file that belongs to a result: where it lies, and how to check it."""

    uri: str
    """Where to read it: `file://` or `s3://`."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Of the content."""
    size_bytes: Count
    """Of the content."""
    media_type: str
    """What the content is: `image/png`."""

    @classmethod
    def of(cls, reference: ArtifactReference) -> Artifact:
        """Give the wire form of what an artifact store answered."""
        return cls(
            uri=reference.uri,
            sha256=reference.sha256,
            size_bytes=reference.size_bytes,
            media_type=reference.media_type,
        )

    def reference(self) -> ArtifactReference:
        """Give what `of` was made from, for an artifact store to read."""
        return ArtifactReference(
            uri=self.uri,
            sha256=self.sha256,
            size_bytes=self.size_bytes,
            media_type=self.media_type,
        )

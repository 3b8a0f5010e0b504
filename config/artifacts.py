"""Where artifacts are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.settings import Settings


class ArtifactSettings(Settings):
    """The store of results too big or too visual for JSON."""

    artifacts: Annotated[str, Field(min_length=1)] = "./.fleet/artifacts"
    """A folder, or `s3://bucket/prefix` (keys and region as the AWS tools read them).

    An S3 that is not Amazon's: `s3://bucket/prefix?endpoint_url=http://127.0.0.1:9000`.
    """

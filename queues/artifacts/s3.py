"""Artifacts in an S3 bucket, or in anything that speaks S3."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
from botocore import exceptions
from botocore.config import Config

from queues.artifacts.reference import (
    ArtifactMissing,
    ArtifactReference,
    ArtifactsUnavailable,
    address,
    verified,
)

_PATIENCE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})


class S3Store:
    """Keeps artifacts in a bucket, under a prefix.

    Credentials and region come from where boto3 looks for them. Open one in each process: a
    client's connections do not survive a fork.
    """

    def __init__(self, bucket: str, prefix: str = "", *, endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/".lstrip("/")
        session = boto3.session.Session()
        self._client: Any = session.client("s3", endpoint_url=endpoint_url, config=_PATIENCE)

    def put(self, content: bytes, *, media_type: str, name: str) -> ArtifactReference:
        """Keep `content` and give its reference; the server checks what it received."""
        sha256, path = address(content, name)
        key = self._prefix + path
        with _errors_sorted(f"s3://{self._bucket}/{key}"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType=media_type,
                ChecksumSHA256=b64encode(bytes.fromhex(sha256)).decode(),
                # S3 metadata is ASCII.
                Metadata={"name": quote(name)},
            )
        return ArtifactReference(
            uri=f"s3://{self._bucket}/{key}",
            sha256=sha256,
            size_bytes=len(content),
            media_type=media_type,
        )

    def read(self, reference: ArtifactReference) -> bytes:
        """Give the content of an artifact under this prefix."""
        key = self._key(reference)
        with _errors_sorted(reference.uri):
            content = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return verified(content, reference)

    def link(self, reference: ArtifactReference, *, lifetime: timedelta) -> str | None:
        """Give a presigned URL: made here, without asking S3 whether the artifact is there."""
        name = reference.sha256[:12] + PurePosixPath(reference.uri).suffix
        url: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": self._key(reference),
                "ResponseContentDisposition": f'attachment; filename="{name}"',
            },
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return url

    def _key(self, reference: ArtifactReference) -> str:
        parts = urlsplit(reference.uri)
        key = parts.path.removeprefix("/")
        if (parts.scheme, parts.netloc) != ("s3", self._bucket) or not key.startswith(self._prefix):
            raise ArtifactMissing(f"{reference.uri}: not in s3://{self._bucket}/{self._prefix}")
        return key

    def delete_older_than(self, moment: datetime) -> int:
        """Delete what was last put under this prefix before `moment`; count it."""
        deleted = 0
        with _errors_sorted(f"s3://{self._bucket}/{self._prefix}"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for found in page.get("Contents", []):
                    if found["LastModified"] < moment:
                        self._client.delete_object(Bucket=self._bucket, Key=found["Key"])
                        deleted += 1
        return deleted


@contextmanager
def _errors_sorted(uri: str) -> Iterator[None]:
    """Turn what S3 raises into what the caller can do; a refusal is passed on."""
    try:
        yield
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise ArtifactsUnavailable(f"{uri}: {error}") from error
    except exceptions.ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if error.response["Error"]["Code"] in {"NoSuchKey", "NoSuchBucket"}:
            raise ArtifactMissing(f"{uri}: no such artifact") from error
        if status == 429 or status >= 500:
            raise ArtifactsUnavailable(f"{uri}: {error}") from error
        raise

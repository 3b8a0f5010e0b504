"""What only S3 can get wrong, or get right."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest

from queues.artifacts import ArtifactMissing, ArtifactsUnavailable
from queues.artifacts.s3 import S3Store


@pytest.fixture
def bucket(new_bucket: Callable[[], str]) -> str:
    return new_bucket()


def test_the_object_tells_what_it_is(bucket: str, s3_endpoint: str) -> None:
    """Type and name are with the object, for whoever finds it there."""
    store = S3Store(bucket, endpoint_url=s3_endpoint)
    reference = store.put(b"x", media_type="text/plain", name="Übersicht.txt")

    found = boto3.client("s3", endpoint_url=s3_endpoint).head_object(
        Bucket=bucket, Key=reference.uri.removeprefix(f"s3://{bucket}/")
    )

    assert (found["ContentType"], found["Metadata"]) == (
        "text/plain",
        {"name": "%C3%9Cbersicht.txt"},
    )


def test_a_neighbour_prefix_is_elsewhere(bucket: str, s3_endpoint: str) -> None:
    """A store under `a` reads nothing under `ab`."""
    neighbour = S3Store(bucket, "ab", endpoint_url=s3_endpoint)
    reference = neighbour.put(b"x", media_type="text/plain", name="x")

    with pytest.raises(ArtifactMissing, match="not in"):
        S3Store(bucket, "a", endpoint_url=s3_endpoint).read(reference)


def test_a_bucket_nobody_made_is_missing(bucket: str, s3_endpoint: str) -> None:
    """Reading from it and writing to it say so."""
    store = S3Store("nobody-made-this", endpoint_url=s3_endpoint)

    with pytest.raises(ArtifactMissing, match="s3://nobody-made-this/"):
        store.put(b"x", media_type="text/plain", name="x")


@pytest.mark.usefixtures("bucket")
def test_a_server_that_is_away_is_a_reason_to_wait() -> None:
    """Where nothing listens, the caller is told to try again."""
    store = S3Store("any", endpoint_url="http://127.0.0.1:9")

    with pytest.raises(ArtifactsUnavailable, match=r"127\.0\.0\.1:9"):
        store.put(b"x", media_type="text/plain", name="x")

"""What every artifact store promises, tried on each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from queues.artifacts import (
    ArtifactCorrupt,
    ArtifactMissing,
    ArtifactReference,
    ArtifactStore,
    open_store,
)

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "artifacts")
    new_bucket: Callable[[], str] = request.getfixturevalue("new_bucket")
    endpoint: str = request.getfixturevalue("s3_endpoint")
    return f"s3://{new_bucket()}/some/prefix?endpoint_url={endpoint}"


@pytest.fixture
def store(url: str) -> ArtifactStore:
    return open_store(url)


@pytest.mark.parametrize("content", [PNG, b"", bytes(range(256)) * 4096], ids=len)
def test_what_was_put_can_be_read(store: ArtifactStore, content: bytes) -> None:
    """The content comes back whole, and the reference tells its size, hash and type."""
    reference = store.put(content, media_type="image/png", name="loss exceedance.png")

    assert store.read(reference) == content
    assert reference == ArtifactReference(
        uri=reference.uri,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        media_type="image/png",
    )


def test_the_address_is_the_content(store: ArtifactStore) -> None:
    """The same content twice is one artifact, whatever it is called; another is another."""
    first = store.put(PNG, media_type="image/png", name="one.png")
    again = store.put(PNG, media_type="image/png", name="two.png")
    other = store.put(PNG + b"!", media_type="image/png", name="one.png")

    assert first == again
    assert first.uri != other.uri
    assert first.uri.endswith(f"{first.sha256[:2]}/{first.sha256[2:]}.png")


@pytest.mark.parametrize(
    "name", ["", "README", "../../etc/passwd", "a.b/c", "x.p/../ng", "é.ü", "x." + "y" * 9]
)
def test_a_name_leads_nowhere(store: ArtifactStore, name: str) -> None:
    """No part of a name but a plain extension gets into the address."""
    reference = store.put(PNG, media_type="image/png", name=name)

    assert reference.uri.endswith(f"/{reference.sha256[:2]}/{reference.sha256[2:]}")
    assert store.read(reference) == PNG


def test_what_is_not_there_is_missing(store: ArtifactStore) -> None:
    """A reference to what nobody put is told from a broken one."""
    reference = store.put(PNG, media_type="image/png", name="x")

    with pytest.raises(ArtifactMissing, match="no such artifact"):
        store.read(replace(reference, uri=reference.uri + "0"))


@pytest.mark.parametrize("change", [{"size_bytes": 7}, {"sha256": "0" * 64}])
def test_other_content_than_promised_is_refused(
    store: ArtifactStore, change: dict[str, object]
) -> None:
    """Size and hash are both checked, and the error tells both."""
    reference = store.put(PNG, media_type="image/png", name="x")

    with pytest.raises(ArtifactCorrupt, match=r"expected .* found 8"):
        store.read(replace(reference, **change))


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "file://host/etc/passwd",
        "s3://elsewhere/some/prefix/x",
        "https://example.org/x",
        "/etc/passwd",
        "",
    ],
)
def test_what_lies_elsewhere_is_not_read(store: ArtifactStore, uri: str) -> None:
    """A reference made by somebody else opens nothing outside of the store."""
    reference = store.put(PNG, media_type="image/png", name="x")

    with pytest.raises(ArtifactMissing, match="not in"):
        store.read(replace(reference, uri=uri))


def test_two_processes_see_the_same_artifacts(store: ArtifactStore, url: str) -> None:
    """What one put, another that opened the same URL reads."""
    reference = store.put(PNG, media_type="image/png", name="x")

    assert open_store(url).read(reference) == PNG


def test_what_nobody_made_anew_is_deleted(store: ArtifactStore) -> None:
    """What was last put before a moment goes; what was put after it stays."""
    reference = store.put(PNG, media_type="image/png", name="one.png")
    now = datetime.now(UTC)

    assert store.delete_older_than(now - timedelta(hours=1)) == 0
    assert store.read(reference) == PNG
    assert store.delete_older_than(now + timedelta(hours=1)) == 1
    with pytest.raises(ArtifactMissing):
        store.read(reference)

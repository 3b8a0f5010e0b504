"""Links to artifacts, where somebody serves the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from queues.artifacts import ArtifactMissing, ArtifactReference
from queues.artifacts.folder import FolderStore
from queues.artifacts.s3 import S3Store

FIVE_MINUTES = timedelta(minutes=5)


def test_s3_serves_what_it_keeps(new_bucket: Callable[[], str], s3_endpoint: str) -> None:
    """Whoever has the link reads the file without keys, and saves it under its hash."""
    store = S3Store(new_bucket(), "some/prefix", endpoint_url=s3_endpoint)
    reference = store.put(b"picture", media_type="image/png", name="curve.png")

    url = store.link(reference, lifetime=FIVE_MINUTES)
    assert url is not None
    answer = httpx.get(url)

    assert (answer.status_code, answer.content) == (200, b"picture")
    assert answer.headers["Content-Type"] == "image/png"
    assert f"{reference.sha256[:12]}.png" in answer.headers["Content-Disposition"]


def test_s3_links_nothing_that_is_elsewhere(
    new_bucket: Callable[[], str], s3_endpoint: str
) -> None:
    """A reference to another bucket or prefix is signed by nobody."""
    store = S3Store(new_bucket(), "mine", endpoint_url=s3_endpoint)
    stranger = ArtifactReference(
        uri="s3://another/mine/x", sha256="0" * 64, size_bytes=1, media_type="text/plain"
    )

    with pytest.raises(ArtifactMissing, match="not in"):
        store.link(stranger, lifetime=FIVE_MINUTES)


def test_nobody_serves_a_folder(tmp_path: Path) -> None:
    """A folder gives no links: whoever serves it makes its own."""
    store = FolderStore(tmp_path)
    reference = store.put(b"x", media_type="text/plain", name="x.txt")

    assert store.link(reference, lifetime=FIVE_MINUTES) is None

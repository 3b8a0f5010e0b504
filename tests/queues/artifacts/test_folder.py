"""What only a folder can get wrong: links, leftovers, permissions."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from urllib.parse import unquote, urlsplit

import pytest

from queues.artifacts import ArtifactMissing, ArtifactReference
from queues.artifacts.folder import FolderStore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "a folder"


@pytest.fixture
def store(root: Path) -> FolderStore:
    return FolderStore(root)


def _put(store: FolderStore, content: bytes) -> ArtifactReference:
    return store.put(content, media_type="text/plain", name="x.txt")


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_the_group_may_read(store: FolderStore, root: Path) -> None:
    """The owner writes, the group reads, nobody else does either."""
    _put(store, b"x")

    assert [stat.S_IMODE(path.stat().st_mode) for path in _files(root)] == [0o640]


def test_the_uri_names_the_file(store: FolderStore, root: Path) -> None:
    """A person can open it: it is the file's own address, blanks escaped."""
    uri = _put(store, b"x").uri

    assert "a%20folder" in uri
    assert [Path(unquote(urlsplit(uri).path))] == _files(root)


def test_twenty_at_once_make_one_file(store: FolderStore, root: Path) -> None:
    """Writers of the same content do not disturb each other, and leave nothing else behind."""
    start = Barrier(20)

    def put(_: int) -> bytes:
        start.wait()
        return store.read(_put(store, b"x" * 100_000))

    with ThreadPoolExecutor(20) as pool:
        contents = set(pool.map(put, range(20)))

    assert contents == {b"x" * 100_000}
    assert len(_files(root)) == 1


def test_a_failed_write_leaves_nothing(
    store: FolderStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the error comes through, and no part of a file stays."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        _put(store, b"x")

    assert _files(root) == []


def test_a_file_cut_short_is_mended_by_the_next_put(store: FolderStore, root: Path) -> None:
    """What a crash of the machine left is not taken for the artifact."""
    reference = _put(store, b"content")
    _files(root)[0].write_bytes(b"con")

    _put(store, b"content")

    assert store.read(reference) == b"content"


@pytest.mark.parametrize("way", ["../secret", "%2e%2e/secret", "link"])
def test_no_way_leads_out(store: FolderStore, root: Path, way: str) -> None:
    """Neither dots, escaped or not, nor a link inside open a file outside."""
    reference = _put(store, b"secret")
    secret = root.parent / "secret"
    secret.write_bytes(b"secret")
    (root / "link").symlink_to(secret)

    with pytest.raises(ArtifactMissing, match="not in"):
        store.read(replace(reference, uri=f"{root.as_uri()}/{way}"))


def test_a_folder_is_not_an_artifact(store: FolderStore, root: Path) -> None:
    """The store's own folders are missing, like anything that was not put."""
    reference = _put(store, b"x")

    with pytest.raises(ArtifactMissing, match="no such artifact"):
        store.read(replace(reference, uri=root.as_uri()))

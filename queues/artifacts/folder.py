"""Artifacts in a folder."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from queues.artifacts.reference import ArtifactMissing, ArtifactReference, address, verified

_MODE = 0o640


class FolderStore:
    """Keeps artifacts under one folder, which processes and machines may share."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def put(self, content: bytes, *, media_type: str, name: str) -> ArtifactReference:
        """Keep `content` and give its reference."""
        sha256, path = address(content, name)
        target = self._root / path
        if not (_size(target) == len(content) and _renewed(target)):
            _write(target, content)
        return ArtifactReference(
            uri=target.as_uri(), sha256=sha256, size_bytes=len(content), media_type=media_type
        )

    def read(self, reference: ArtifactReference) -> bytes:
        """Give the content of an artifact in this folder."""
        try:
            content = self._path(reference.uri).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise ArtifactMissing(f"{reference.uri}: no such artifact") from error
        return verified(content, reference)

    def link(self, reference: ArtifactReference, *, lifetime: timedelta) -> str | None:
        """Give none: nothing serves a folder."""
        return None

    def delete_older_than(self, moment: datetime) -> int:
        """Delete what was last put before `moment`, half-written files included; count them."""
        deleted = 0
        for path in self._root.glob("??/*"):
            with suppress(FileNotFoundError):  # another process deletes, or ends a part
                if path.stat().st_mtime < moment.timestamp():
                    path.unlink()
                    deleted += 1
        return deleted

    def _path(self, uri: str) -> Path:
        """Give the file that `uri` names, links followed, if it is inside the folder."""
        parts = urlsplit(uri)
        path = Path(unquote(parts.path)).resolve()
        if (parts.scheme, parts.netloc) != ("file", "") or not path.is_relative_to(self._root):
            raise ArtifactMissing(f"{uri}: not in {self._root.as_uri()}")
        return path


def _size(target: Path) -> int | None:
    return target.stat().st_size if target.is_file() else None


def _renewed(target: Path) -> bool:
    """Date a file anew, so that it is kept; False if it was deleted this moment."""
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    return True


def _write(target: Path, content: bytes) -> None:
    """Write a file that is either whole and durable, or not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), _MODE)
            os.fsync(file.fileno())
        Path(part).replace(target)
    finally:
        Path(part).unlink(missing_ok=True)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

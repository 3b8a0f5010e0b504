"""Which store a URL means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from queues.artifacts.folder import FolderStore
from queues.artifacts.reference import ArtifactStore


def open_store(url: str) -> ArtifactStore:
    """Open the store at a folder's path, `file:///folder` or `s3://bucket/prefix`.

    `?endpoint_url=http://host:port` after an S3 URL names a server other than Amazon's.
    """
    parts = urlsplit(url)
    if parts.scheme == "":
        return FolderStore(Path(url))
    if parts.scheme == "file" and parts.netloc == "":
        return FolderStore(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        # boto3 is an extra, and slow to import: only those who use S3 pay for it.
        from queues.artifacts.s3 import S3Store

        [endpoint_url] = parse_qs(parts.query).get("endpoint_url", [None])
        return S3Store(parts.netloc, parts.path, endpoint_url=endpoint_url)
    raise ValueError(
        f"artifact store: expected a folder, file:///folder or s3://bucket/prefix, received {url}"
    )

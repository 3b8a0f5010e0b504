"""A URL means one store, or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from queues.artifacts import open_store


@pytest.mark.parametrize("form", [str, Path.as_uri], ids=["path", "file URL"])
def test_a_folder_by_either_name(tmp_path: Path, form: object) -> None:
    """A path and its file URL are the same store, blanks included."""
    folder = tmp_path / "a folder"
    reference = open_store(form(folder)).put(b"x", media_type="text/plain", name="x")

    assert open_store(str(folder)).read(reference) == b"x"


@pytest.mark.parametrize("url", ["http://host/x", "file://host/x", "s3:///x", "ftp:x"])
def test_anything_else_is_refused(url: str) -> None:
    """The error says what was expected and what came."""
    with pytest.raises(ValueError, match=f"expected a folder.* received {url}"):
        open_store(url)

"""What the tests of PRISM's tasks share."""

from __future__ import annotations

from pathlib import Path

import pytest

from queues.artifacts import ArtifactStore, open_store


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    """An artifact store of the test's own."""
    return open_store(str(tmp_path / "artifacts"))

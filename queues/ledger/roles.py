# ruff: noqa: S608 - the names put together here are constants of this package
"""Who may do what in Postgres, as SQL for the owner of the tables. See docs/secure.md."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping

from queues.ledger.schema import SCHEMA, access_token, audit_event, job_event, outbox

BACKEND = "riskfleet_backend"
WORKER = "riskfleet_worker"
READONLY = "riskfleet_readonly"
ROLES = (BACKEND, WORKER, READONLY)

_SCRAM_ITERATIONS = 4096
_NOT_THE_BACKENDS_TO_SAY = frozenset({"position", "enqueued_at", "enqueued_by"})


def roles_sql(passwords: Mapping[str, str]) -> Iterator[str]:
    """Give statements that make the roles and grant what each needs; any number of times.

    Of a password only a SCRAM verifier is in them; a role without one here keeps what it has.
    """
    yield from _CREATE
    for role, password in passwords.items():
        yield f"ALTER ROLE {role} PASSWORD '{scram_verifier(password, secrets.token_bytes(16))}';"
    yield from _GRANTS


def scram_verifier(password: str, salt: bytes) -> str:
    """Give a password as Postgres keeps it (RFC 5803). It must be ASCII: nothing is normalised."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored = _base64(hashlib.sha256(client_key).digest())
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{_base64(salt)}${stored}:{_base64(server_key)}"


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


_ALL = ", ".join(ROLES)
_CREATE = (
    f"""\
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[{", ".join(f"'{role}'" for role in ROLES)}] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
    END LOOP;
END
$$;""",
)
_ENQUEUED = ", ".join(
    column.name for column in outbox.columns if column.name not in _NOT_THE_BACKENDS_TO_SAY
)
_GRANTS = (
    f"GRANT USAGE ON SCHEMA {SCHEMA} TO {_ALL};",
    # From a clean table, so that what an older version granted too much is gone.
    f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {_ALL};",
    f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC, {_ALL};",
    f"GRANT INSERT ({_ENQUEUED}) ON {outbox} TO {BACKEND};",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {WORKER};",
    # An event leaves with its job only, an audit event never, and versions are the owner's.
    f"REVOKE UPDATE, DELETE ON {job_event}, {audit_event} FROM {WORKER};",
    f"REVOKE INSERT, UPDATE, DELETE ON {SCHEMA}.alembic_version FROM {WORKER};",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {READONLY};",
    f"REVOKE SELECT ON {access_token} FROM {READONLY};",
    # What later migrations add, made by whoever runs this.
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA}"
    f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {WORKER};",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA} GRANT SELECT ON TABLES TO {READONLY};",
)

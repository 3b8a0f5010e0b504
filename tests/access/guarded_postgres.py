"""A database whose tables belong to an owner, and the roles of `fleet acl postgres`."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from queues.ledger import migrate
from queues.ledger.roles import ROLES, roles_sql

_OWNER = "riskfleet_owner"
PASSWORDS = {role: f"password-of-{role}" for role in ROLES}

_PRIVILEGES = """
SELECT grantee, table_name, privilege_type, column_name
FROM information_schema.column_privileges
WHERE table_schema = 'riskfleet' AND grantee LIKE 'riskfleet%'
UNION ALL
SELECT grantee, table_name, privilege_type, NULL FROM information_schema.table_privileges
WHERE table_schema = 'riskfleet' AND grantee LIKE 'riskfleet%'
UNION ALL
SELECT defaclrole::regrole::text, defaclobjtype::text, defaclacl::text, NULL FROM pg_default_acl
"""


class GuardedDatabase:
    """A new database on a server; its owner makes roles, and is no superuser."""

    def __init__(self, superuser_url: str) -> None:
        name = f"guarded_{uuid4().hex}"
        self._place = make_url(superuser_url).set(database=name)
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            if not connection.execute(
                "SELECT FROM pg_roles WHERE rolname = %s", [_OWNER]
            ).fetchone():
                connection.execute(f"CREATE ROLE {_OWNER} LOGIN CREATEROLE PASSWORD 'own'".encode())
            connection.execute(f"CREATE DATABASE {name} OWNER {_OWNER}".encode())
        migrate.upgrade(self._owner_url)
        self.run(roles_sql(PASSWORDS))
        self.run(["CREATE SCHEMA backend; CREATE TABLE backend.customer (id int);"])

    def url_of(self, role: str) -> str:
        """Give the address for a role."""
        url = self._place.set(username=role, password=PASSWORDS[role])
        return url.render_as_string(hide_password=False)

    def run(self, statements: Iterable[str]) -> None:
        """Run statements as the owner of the tables."""
        with psycopg.connect(self._owner_url) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def privileges(self) -> set[tuple[str, ...]]:
        """Give all that is granted to the fleet's roles."""
        with psycopg.connect(self._owner_url) as connection:
            return set(connection.execute(_PRIVILEGES.encode()).fetchall())

    @property
    def _owner_url(self) -> str:
        url = self._place.set(username=_OWNER, password="own")
        return url.render_as_string(hide_password=False)

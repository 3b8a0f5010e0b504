"""Access tokens: who may act for a tenant over HTTP.

A token reads `rf_<id>_<secret>`. Of the secret, 256 random bits, only the SHA-256 is kept: there
is nothing in it to guess, so a slow hash would protect nothing and cost every request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Engine, func, insert, select, update

from queues.ledger.connection import transaction
from queues.ledger.schema import access_token

_FORM = re.compile(r"rf_([0-9a-f]{32})_([0-9a-f]{64})")
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What is known of a token, its secret aside."""

    id: UUID
    tenant: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""

    def is_valid(self, at: datetime) -> bool:
        """Tell whether its bearer may act at this moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True)
class ShownToken:
    """A token as somebody shows it."""

    id: UUID
    sha256: bytes

    @classmethod
    def read(cls, text: str) -> ShownToken | None:
        """Read what a client sent; none if no token looks like it."""
        parts = _FORM.fullmatch(text)
        return None if parts is None else cls(UUID(parts[1]), _hash(parts[2]))

    def matches(self, sha256: bytes) -> bool:
        """Compare with what is kept, in a time that tells nothing."""
        return hmac.compare_digest(self.sha256, sha256)


_COLUMNS = [access_token.c[field.name] for field in fields(AccessToken)]


class AccessTokens:
    """The tokens in the ledger. A method raises `LedgerUnavailable` if Postgres is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, *, tenant: str, name: str, lifetime: timedelta | None = None
    ) -> tuple[AccessToken, str]:
        """Make a token; its text is given this once and kept nowhere."""
        token_id, secret = uuid4(), secrets.token_hex(32)
        statement = insert(access_token).values(
            id=token_id,
            tenant=tenant,
            name=name,
            sha256=_hash(secret),
            expires_at=None if lifetime is None else func.now() + lifetime,
        )
        with transaction(self._engine) as connection:
            row = connection.execute(statement.returning(*_COLUMNS)).one()
        return AccessToken(**row._asdict()), f"rf_{token_id.hex}_{secret}"

    def find(self, token_id: UUID) -> tuple[AccessToken, bytes] | None:
        """Give a token and the hash of its secret."""
        query = select(*_COLUMNS, access_token.c.sha256).where(access_token.c.id == token_id)
        with transaction(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        *columns, sha256 = row
        names = (column.name for column in _COLUMNS)
        return AccessToken(**dict(zip(names, columns, strict=True))), sha256

    def note_use(self, token_id: UUID) -> None:
        """Note that the token was used now, unless that was noted within the last minute."""
        last_used_at = access_token.c.last_used_at
        statement = update(access_token).where(
            access_token.c.id == token_id,
            last_used_at.is_(None) | (last_used_at < func.now() - USE_IS_NOTED_EVERY),
        )
        with transaction(self._engine) as connection:
            connection.execute(statement.values(last_used_at=func.now()))

    def revoke(self, token_id: UUID) -> AccessToken | None:
        """End a token for ever, and give it; none if there is none. The first time counts."""
        statement = update(access_token).where(access_token.c.id == token_id)
        revoked_at = func.coalesce(access_token.c.revoked_at, func.now())
        with transaction(self._engine) as connection:
            row = connection.execute(
                statement.values(revoked_at=revoked_at).returning(*_COLUMNS)
            ).first()
        return None if row is None else AccessToken(**row._asdict())

    def listed(self, *, tenant: str | None = None) -> list[AccessToken]:
        """Give the tokens, ended ones included, by tenant and age."""
        query = select(*_COLUMNS).order_by(access_token.c.tenant, access_token.c.created_at)
        if tenant is not None:
            query = query.where(access_token.c.tenant == tenant)
        with transaction(self._engine) as connection:
            return [AccessToken(**row._asdict()) for row in connection.execute(query)]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

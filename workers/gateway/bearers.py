"""Whose token a request shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from queues.ledger import LedgerUnavailable
from queues.ledger.tokens import USE_IS_NOTED_EVERY, AccessToken, AccessTokens, ShownToken
from workers.gateway.problem import GatewayCode, Refused

REMEMBERED = timedelta(seconds=3)
"""A token that is revoked is good for this long at most."""
_MOST_REMEMBERED = 10_000


class Bearers:
    """Finds tokens, and remembers them for a moment: most requests cost no query."""

    def __init__(
        self, tokens: AccessTokens, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tokens = tokens
        self._clock = clock
        self._known: dict[UUID, tuple[float, AccessToken, bytes]] = {}

    def bearer(self, text: str | None) -> AccessToken:
        """Give the token that a request shows, or refuse it in the same words whatever is wrong."""
        shown = ShownToken.read(text or "")
        found = shown and self._find(shown.id)
        if shown and found:
            token, sha256 = found
            now = datetime.now(UTC)
            if shown.matches(sha256) and token.is_valid(now):
                self._note_use(token, now)
                return token
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            GatewayCode.UNAUTHENTICATED,
            "Authorization: expected Bearer and a token that exists, has not expired and is not "
            "revoked",
            headers={"WWW-Authenticate": "Bearer"},
        )

    def is_still_good(self, token: AccessToken) -> bool:
        """Tell whether who was let in with a token may stay; without Postgres nobody is sent away.

        Nothing can be revoked meanwhile.
        """
        try:
            found = self._find(token.id)
        except LedgerUnavailable:
            return token.is_valid(datetime.now(UTC))
        return found is not None and found[0].is_valid(datetime.now(UTC))

    def _note_use(self, token: AccessToken, now: datetime) -> None:
        used = token.last_used_at
        if used is None or now - used > USE_IS_NOTED_EVERY:
            self._tokens.note_use(token.id)
            known = self._known.get(token.id)
            if known is not None:
                # As old as before: else a token in use would outlive its revocation.
                since, token, sha256 = known
                self._known[token.id] = (since, replace(token, last_used_at=now), sha256)

    def _find(self, token_id: UUID) -> tuple[AccessToken, bytes] | None:
        now = self._clock()
        known = self._known.get(token_id)
        if known is not None and now - known[0] < REMEMBERED.total_seconds():
            return known[1:]
        self._known.pop(token_id, None)
        found = self._tokens.find(token_id)
        if found is not None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[token_id] = (now, *found)
        return found

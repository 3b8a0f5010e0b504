"""Tokens are made once, kept as hashes, and end when they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from queues.ledger import Ledger
from queues.ledger.tokens import AccessTokens, ShownToken


@pytest.fixture
def tokens(ledger: Ledger) -> AccessTokens:
    with ledger.engine.begin() as connection:
        connection.execute(text("TRUNCATE riskfleet.access_token"))
    return AccessTokens(ledger.engine)


def test_a_token_is_found_by_what_its_bearer_shows(tokens: AccessTokens) -> None:
    """The text given once is all that is needed to find the token, and another secret is not it."""
    made, shown_text = tokens.create(tenant="acme", name="backend")
    shown = ShownToken.read(shown_text)
    wrong = ShownToken.read(f"rf_{made.id.hex}_{'0' * 64}")
    assert shown is not None
    assert wrong is not None
    found = tokens.find(shown.id)
    assert found is not None

    assert found[0] == made
    assert (made.tenant, made.name) == ("acme", "backend")
    assert (shown.matches(found[1]), wrong.matches(found[1])) == (True, False)
    assert tokens.find(uuid4()) is None


def test_the_secret_is_nowhere(ledger: Ledger, tokens: AccessTokens) -> None:
    """Whoever reads the whole table cannot act as anybody."""
    _, shown_text = tokens.create(tenant="acme", name="backend")
    secret = shown_text.rpartition("_")[2]
    with ledger.engine.begin() as connection:
        [(kept,)] = connection.execute(
            text("SELECT access_token::text FROM riskfleet.access_token")
        )

    assert len(secret) == 64
    assert secret not in kept
    assert bytes.fromhex(secret).hex() not in kept


@pytest.mark.parametrize("text", ["", "rf_", "rf_1_2", "RF_" + "0" * 32 + "_" + "0" * 64, "é" * 99])
def test_what_looks_like_no_token_is_none(text: str) -> None:
    """Nonsense is known as such without asking anybody."""
    assert ShownToken.read(text) is None


def test_a_token_is_valid_until_its_end(tokens: AccessTokens) -> None:
    """A token is good until it expires, and never again once it is revoked."""
    now = datetime.now(UTC)
    passing, _ = tokens.create(tenant="acme", name="a day", lifetime=timedelta(days=1))
    lasting, _ = tokens.create(tenant="acme", name="for ever")
    revoked = tokens.revoke(lasting.id)
    once_more = tokens.revoke(lasting.id)

    assert [passing.is_valid(now + timedelta(hours=hours)) for hours in (23, 25)] == [True, False]
    assert lasting.is_valid(now + timedelta(days=9999))
    assert revoked is not None
    assert not revoked.is_valid(now)
    assert revoked == once_more
    assert tokens.revoke(uuid4()) is None


def test_use_is_noted_once_a_minute(ledger: Ledger, tokens: AccessTokens) -> None:
    """A busy token costs one write a minute."""
    made, _ = tokens.create(tenant="acme", name="backend")

    def used() -> datetime | None:
        tokens.note_use(made.id)
        return tokens.listed()[0].last_used_at

    first, second = used(), used()
    with ledger.engine.begin() as connection:
        connection.execute(
            text("UPDATE riskfleet.access_token SET last_used_at = now() - interval '61 s'")
        )
    third = used()

    assert made.last_used_at is None
    assert first is not None
    assert first == second
    assert third is not None
    assert third > first


def test_tokens_are_listed_by_tenant(tokens: AccessTokens) -> None:
    """Every token is listed, ended ones too, or those of one tenant."""
    made = [tokens.create(tenant=tenant, name="x")[0] for tenant in ("b", "a", "b")]
    tokens.revoke(made[0].id)

    assert [each.id for each in tokens.listed()] == [made[1].id, made[0].id, made[2].id]
    assert [each.id for each in tokens.listed(tenant="a")] == [made[1].id]

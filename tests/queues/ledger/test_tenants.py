"""A tenant's own limits are kept until they are replaced or removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from queues.ledger import Ledger
from queues.ledger.tenants import Tenants


@pytest.fixture
def tenants(ledger: Ledger) -> Iterator[Tenants]:
    kept = Tenants(ledger.engine)
    yield kept
    for tenant in kept.listed():
        kept.remove(tenant.name)


def test_new_limits_replace_the_old(tenants: Tenants) -> None:
    """Also by none: then what holds for every tenant holds again."""
    first = tenants.put("acme", max_running=2, max_waiting=100)

    second = tenants.put("acme", max_running=0, max_waiting=None)

    assert (first.max_running, first.max_waiting) == (2, 100)
    assert (second.max_running, second.max_waiting) == (0, None)
    assert second.updated_at > first.updated_at
    assert tenants.get("acme") == second


def test_tenants_are_listed_by_name_until_removed(tenants: Tenants) -> None:
    """A tenant without limits of its own is not there."""
    for name in ("zoo", "acme", "mill"):
        tenants.put(name, max_running=1, max_waiting=None)

    removed = [tenants.remove("mill"), tenants.remove("mill")]

    assert [tenant.name for tenant in tenants.listed()] == ["acme", "zoo"]
    assert removed == [True, False]
    assert tenants.get("mill") is None


@pytest.mark.parametrize(("name", "most"), [("a b", 1), ("", 1), ("acme", -1)])
def test_what_no_tenant_can_have_is_refused(tenants: Tenants, name: str, most: int) -> None:
    """A name that no message may carry, and fewer than none."""
    with pytest.raises(IntegrityError):
        tenants.put(name, max_running=most, max_waiting=None)

    assert tenants.listed() == []

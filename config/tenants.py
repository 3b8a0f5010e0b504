"""What a tenant may have, unless `fleet tenants` says otherwise for it."""

from __future__ import annotations

from pydantic import NonNegativeInt

from config.settings import Settings


class TenantSettings(Settings):
    """The limits of every tenant that has none of its own."""

    tenant_max_waiting: NonNegativeInt = 0
    """A tenant with this many jobs waiting may submit no more for now; 0 is no limit."""
    tenant_max_running: NonNegativeInt = 0
    """A tenant with this many jobs in flight waits until one has ended; 0 is no limit."""

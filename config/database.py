"""Where the ledger is."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from config.settings import Settings
from config.urls import PostgresUrl


class DatabaseSettings(Settings):
    """The PostgreSQL that keeps the ledger."""

    model_config = SettingsConfigDict(env_prefix="DATABASE_")

    url: PostgresUrl
    """`postgresql://user:password@host:5432/riskfleet`."""

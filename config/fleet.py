"""What `fleet up` starts, and where it keeps its data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode, SettingsConfigDict

from config.pools import POOLS
from config.settings import Settings
from config.urls import PostgresUrl, RedisUrl


def _pool_names(text: object) -> object:
    if not isinstance(text, str):
        return text
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or not set(names) <= set(POOLS):
        raise ValueError(f"some of {', '.join(POOLS)}, with commas between")
    return names


class FleetSettings(Settings):
    """The shape of a fleet on one machine."""

    data: Path = Path(".fleet")
    """The folder of the embedded services, their passwords, and the files of a running fleet."""
    pools: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_pool_names)] = tuple(POOLS)
    """Which pools run here, with commas between."""


class GivenServices(Settings):
    """Services that already run somewhere; `fleet up` starts its own for those not given."""

    model_config = SettingsConfigDict(env_prefix="")

    redis_url: RedisUrl | None = None
    database_url: PostgresUrl | None = None

"""Where a worker tells Prometheus how it fares."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from config.settings import Settings


class MetricsSettings(Settings):
    """Metrics of a worker, over HTTP without a password, hence loopback."""

    model_config = SettingsConfigDict(env_prefix="RISKFLEET_METRICS_")

    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """The port of `GET /metrics`; none unless set. It needs the extra `metrics`."""
    host: str = "127.0.0.1"
    """The address it listens on; `0.0.0.0` in a network of the fleet's own."""

"""How the fleet is reached over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import SettingsConfigDict

from config.settings import Settings


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key) < 32:
        raise ValueError("a key of at least 32 characters")
    return key


class GatewaySettings(Settings):
    """The REST gateway. It speaks plain HTTP, hence loopback: put TLS in front of it.

    There is no CORS: a token of the fleet belongs into a backend, not into a browser.
    """

    model_config = SettingsConfigDict(env_prefix="RISKFLEET_GATEWAY_")

    host: str = "127.0.0.1"
    """The address it listens on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """The port it listens on."""
    signing_key: Annotated[SecretStr, AfterValidator(_long_enough)]
    """Signs the links to artifacts; at least 32 characters, the same for all gateways.
    `fleet up --gateway` makes one when it is not set."""
    link_seconds: PositiveInt = 300
    """A link to an artifact is good for this long."""
    max_body_bytes: PositiveInt = 4 << 20
    """A larger body is refused before it is read whole; a task may take less."""
    requests_per_second: PositiveFloat = 50
    """How often a token may ask in the long run; each gateway counts for itself."""
    request_burst: PositiveInt = 100
    """How often a token that was quiet may ask at once."""
    streams_per_token: PositiveInt = 20
    """How many event streams a token may hold open."""
    max_requests: PositiveInt = 500
    """How many requests, event streams included, are served side by side."""
    grace_seconds: PositiveInt = 20
    """How long a gateway that is told to stop lets its requests finish."""

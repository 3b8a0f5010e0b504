"""Where Redis is."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from config.settings import Settings
from config.urls import RedisUrl


class RedisSettings(Settings):
    """The Redis that carries messages, progress and results."""

    model_config = SettingsConfigDict(env_prefix="REDIS_")

    url: RedisUrl
    """`redis://user:password@host:6379/0`, or `rediss://` with TLS.

    With TLS the server's certificate is checked; `?ssl_ca_certs=/path/ca.pem` names who signs it,
    `&ssl_certfile=` and `&ssl_keyfile=` a certificate of our own."""

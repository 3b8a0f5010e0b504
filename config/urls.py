"""Addresses of services. They may hold a password, so they are secrets: shown as asterisks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, SecretStr


def _with_scheme(*schemes: str) -> AfterValidator:
    def check(url: SecretStr) -> SecretStr:
        if urlsplit(url.get_secret_value()).scheme not in schemes:
            raise ValueError(f"a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
        return url

    return AfterValidator(check)


def _with_tls_that_can_be(url: SecretStr) -> SecretStr:
    """Refuse at the start what would else be an obscure failure of each connection."""
    parts = urlsplit(url.get_secret_value())
    query = parse_qs(parts.query)
    if parts.scheme == "redis" and any(name.startswith("ssl_") for name in query):
        raise ValueError("a URL that begins with rediss:// where it has ssl_ parameters")
    for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"):
        if name in query and not Path(query[name][0]).is_file():
            raise ValueError(f"a URL whose {name} names a file")
    return url


RedisUrl = Annotated[
    SecretStr, _with_scheme("redis", "rediss"), AfterValidator(_with_tls_that_can_be)
]
PostgresUrl = Annotated[SecretStr, _with_scheme("postgresql")]
HttpUrl = Annotated[SecretStr, _with_scheme("http", "https")]

"""Addresses of services. They may hold a password, so they are secrets: shown as asterisks."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


def _with_scheme(*schemes: str) -> AfterValidator:
    def check(url: SecretStr) -> SecretStr:
        if urlsplit(url.get_secret_value()).scheme not in schemes:
            raise ValueError(f"a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
        return url

    return AfterValidator(check)


RedisUrl = Annotated[SecretStr, _with_scheme("redis", "rediss")]
PostgresUrl = Annotated[SecretStr, _with_scheme("postgresql")]
HttpUrl = Annotated[SecretStr, _with_scheme("http", "https")]

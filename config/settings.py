"""What every settings type has in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Frozen settings of one consumer.

    The field `lease_seconds` is the variable `RISKFLEET_LEASE_SECONDS`, unless the subclass
    chooses another prefix. Get one from `config.environment.read`, which reports every problem
    at once; constructed directly with keywords it looks no further than pydantic does.
    """

    model_config = SettingsConfigDict(
        env_prefix="RISKFLEET_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    @classmethod
    def variable(cls, field: str) -> str:
        """Give the environment variable that sets `field`."""
        return f"{cls.model_config['env_prefix']}{field}".upper()

    @classmethod
    def fields(cls) -> Iterator[tuple[str, str, FieldInfo]]:
        """Give each field as (variable, name, what pydantic knows of it)."""
        for name, field in cls.model_fields.items():
            yield cls.variable(name), name, field


def is_secret(annotation: Any) -> bool:
    """Tell whether values of this type must never be shown."""
    return annotation is SecretStr or any(is_secret(part) for part in get_args(annotation))

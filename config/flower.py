"""How Flower, the view of running workers, is reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from config.settings import Settings


def _long_enough(password: SecretStr) -> SecretStr:
    if len(password) < 8:
        raise ValueError("a password of at least eight characters")
    return password


class FlowerSettings(Settings):
    """Flower behind basic authentication, for looking at workers.

    Its `/healthcheck` is open and says no more than `OK`. It speaks HTTP: beyond this machine, put
    it behind a proxy with TLS.
    """

    flower_user: Annotated[str, Field(pattern=r"^[^:]+$")] = "fleet"
    """The name to sign in with."""
    flower_password: Annotated[SecretStr, AfterValidator(_long_enough)]
    """At least eight characters. `fleet up` makes one when it is not set."""
    flower_host: str = "127.0.0.1"
    """The address it listens on."""
    flower_port: Annotated[int, Field(ge=1, le=65535)] = 5555
    """The port it listens on."""

"""Links that let whoever has them fetch one artifact, for a while."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from pydantic import SecretStr

from workers.gateway.problem import GatewayCode, Refused


class ArtifactLinks:
    """Signs and checks links that this gateway serves."""

    def __init__(
        self, key: SecretStr, *, lifetime: timedelta, clock: Callable[[], float] = time.time
    ) -> None:
        self._key = key.get_secret_value().encode()
        self._clock = clock
        self.lifetime = lifetime

    def expiry(self) -> datetime:
        """Give the moment until which a link made now is good."""
        return datetime.fromtimestamp(int(self._clock()), UTC) + self.lifetime

    def path(self, job_id: UUID, sha256: str, *, until: datetime) -> str:
        """Give the path, with its signature, of an artifact in a job's result."""
        expires = int(until.timestamp())
        signature = self._signature(job_id, sha256, expires)
        return f"/v1/artifacts/{job_id}/{sha256}?expires={expires}&signature={signature}"

    def check(self, job_id: UUID, sha256: str, *, expires: int, signature: str) -> None:
        """Refuse a link that we did not sign, or whose time has passed."""
        expected = self._signature(job_id, sha256, expires)
        is_ours = hmac.compare_digest(expected.encode(), signature.encode())
        if not is_ours or self._clock() >= expires:
            raise Refused(
                HTTPStatus.FORBIDDEN,
                GatewayCode.LINK_NOT_VALID,
                "the link: expected one as it was given, before its time has passed",
            )

    def _signature(self, job_id: UUID, sha256: str, expires: int) -> str:
        text = f"artifact\n{job_id}\n{sha256}\n{expires}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

"""What a caller may want of a job beyond its request: query parameters of a submission."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from queues.names import Priority

_YEAR_SECONDS = 366 * 86400
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def _written_as_rfc_3339(text: object) -> object:
    if not isinstance(text, str) or not _RFC_3339.fullmatch(text):
        raise ValueError("a moment like 2026-01-31T12:00:00Z")
    return text


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a moment between the years 1 and 9999 in UTC") from error


_Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_rfc_3339), AfterValidator(_in_utc)]


class Options(BaseModel):
    """In what order, not before when, and until when a job should run."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    priority: Priority = Priority.NORMAL
    delay_seconds: Annotated[float, Field(ge=0, le=_YEAR_SECONDS, allow_inf_nan=False)] = 0
    deadline: _Moment | None = None

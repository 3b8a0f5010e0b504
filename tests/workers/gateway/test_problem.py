"""What the gateway refuses with is written down for who reads it."""

from __future__ import annotations

import pytest

from queues.job_error import Remedy
from tests.fleet import ROOT
from workers.gateway.problem import GatewayCode


@pytest.mark.parametrize("code", GatewayCode)
def test_every_code_is_documented(code: GatewayCode) -> None:
    """A code that a program may meet is in the page about HTTP."""
    assert f"`{code}`" in (ROOT / "docs" / "rest.md").read_text()


def test_who_may_ask_again_is_told_to_wait() -> None:
    """The codes that pass by themselves have the remedy of waiting, the others that of changing."""
    waiting = {code for code in GatewayCode if code.remedy is Remedy.WAIT}

    assert waiting == {GatewayCode.UNFINISHED, GatewayCode.RATE_LIMITED, GatewayCode.BUSY}
    assert {code.remedy for code in GatewayCode} == {Remedy.WAIT, Remedy.CHANGE_REQUEST}

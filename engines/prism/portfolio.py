"""Scenarios whose losses fall on one balance sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engines.prism.insurance import Insurance
from engines.prism.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Scenarios by their id, at least one, and the policy that covers all of them together.

    A single scenario is a portfolio of one.
    """

    scenarios: Mapping[str, Scenario]
    insurance: Insurance | None = None

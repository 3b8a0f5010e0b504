"""D's exact annual losses as tables, for a peer that cannot compute them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.special import ndtr

from benchmarks.prism import models
from engines.prism.analytic import aggregate_loss
from engines.prism.portfolio import Portfolio

_CELLS = 4096
_SCORES = np.linspace(-7.0, 7.0, 2 * _CELLS + 1)


def write_marginals(file: Path) -> None:
    """Write the losses of each scenario at evenly spaced normal scores."""
    losses = [
        aggregate_loss(Portfolio(scenarios={name: scenario})).gross.quantile(ndtr(_SCORES))
        for name, scenario in models.portfolio().scenarios.items()
    ]
    np.savez(file, scores=np.tile(_SCORES, (len(losses), 1)), losses=np.stack(losses))

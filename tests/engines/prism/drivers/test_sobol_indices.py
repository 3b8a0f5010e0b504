"""Estimated Sobol indices against published ones."""

from __future__ import annotations

import numpy as np
import pytest

from engines.prism.drivers.sobol_indices import sobol_indices


def test_the_ishigami_function_has_its_published_indices() -> None:
    """f = sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on [-pi, pi]^3: first orders 0.3139, 0.4424, 0 and
    totals 0.5576, 0.4424, 0.2437 (Ishigami and Homma, 1990; Saltelli et al., Global Sensitivity
    Analysis: The Primer, 2008), to the digits printed."""
    generator = np.random.default_rng(7)
    a, b = 2 * np.pi * (generator.random((2, 3, 1 << 20)) - 0.5)

    def ishigami(x: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])

    mixed = [np.where(np.arange(3)[:, None] == i, b, a) for i in range(3)]
    first, total = sobol_indices(ishigami(a), ishigami(b), np.stack([ishigami(m) for m in mixed]))

    # Five standard errors at 2^20 points.
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.005)


def test_a_constant_has_no_indices() -> None:
    """Nothing varies, so nothing is to blame."""
    first, total = sobol_indices(np.ones(4), np.ones(4), np.ones((2, 4)))

    assert first.tolist() == total.tolist() == [0, 0]

"""When another program's answer counts as the same as ours, task by task, and why.

What is exact may differ by rounding. What rests on an optimum or a quadrature is as good as its
stopping rule. What is simulated, here or there, has an error of its own: 1% of a mean is three
standard errors of a million years whose standard deviation is three times their mean. A caller
whose simulation is shorter runs it longer for the comparison, or sees its own error.
"""

from __future__ import annotations

from tasks.shadow import Tolerance, Tolerances

_OPTIMUM = Tolerance(relative=1e-4, absolute=1e-6)
"""An optimiser stops where the target is flat: its argument is known to the root of that."""
_QUADRATURE = Tolerance(relative=1e-6, absolute=1e-9)
_SHARE = Tolerance(absolute=0.005)
"""Of probabilities: three standard errors of a share of a hundred thousand years."""
_PER_CENT = {number: Tolerance(relative=number / 100) for number in (1, 2, 3, 5)}

_ORIGIN = "provenance"
_ASIDE = (_ORIGIN, "pictures")
"""Whose computation it is, and files."""
_LIMITS = ("**.lower", "**.upper")
"""Intervals say how good an answer is, by the method that gave it; the answer is beside them."""

_ANNUAL_LOSS = {
    "**.mean.value": _PER_CENT[1],
    "**.standardDeviation": _PER_CENT[5],  # of a heavy tail: it rests on the worst few years
    "**.probabilityOfLoss.value": _SHARE,
    "**.percentiles.*.value": _PER_CENT[2],
    "**.valueAtRisk.value": _PER_CENT[2],
    "**.tailValueAtRisk.value": _PER_CENT[3],
    "**.exceedanceCurve.*.probability": _SHARE,
}

ANNUAL_LOSS = Tolerances(
    at={
        **_ANNUAL_LOSS,
        "appetite.**.value": _SHARE,
        "*.*.mean": _PER_CENT[1],
        "*.*.share": Tolerance(absolute=0.01),
        "*.*.tail.*.amount": _PER_CENT[3],
        "*.*.tail.*.share": Tolerance(absolute=0.02),
    },
    # How it was computed, and whether a comparison with the appetite is beyond doubt.
    ignored=(*_ASIDE, *_LIMITS, "limits", "engine", "convergence", "appetite.curve.*.isCertain"),
)

COMPARED_CONTROLS = Tolerances(
    numbers=_QUADRATURE,
    at={
        **_ANNUAL_LOSS,
        "**.simulatedReduction.value": _PER_CENT[2],
        "**.probabilityOfPaying": Tolerance(absolute=0.02),  # counted over draws of the effects
    },
    ignored=(*_ASIDE, *_LIMITS),
)

DRIVERS = Tolerances(
    numbers=_QUADRATURE,
    at={**_ANNUAL_LOSS, "tailDrivers.**.value": Tolerance(absolute=0.02)},
    ignored=(*_ASIDE, *_LIMITS),
)

FINANCIAL_IMPACT = Tolerances(
    numbers=_QUADRATURE,
    at={
        "uncertainty.probabilityOfGain.value": Tolerance(absolute=0.01),
        "uncertainty.**.value": _PER_CENT[2],
        "uncertainty.**.standardDeviation": _PER_CENT[5],
    },
    ignored=(_ORIGIN, *_LIMITS),
)

FITTED_DISTRIBUTION = Tolerances(
    numbers=_OPTIMUM,
    at={"**.pValue": Tolerance(absolute=0.05)},  # bootstrapped
    ignored=_ASIDE,
)

CORRELATION = Tolerances(
    numbers=Tolerance(absolute=1e-9),
    at={
        "correlations.*.matrix.**": _QUADRATURE,  # repaired by projecting until it stands still
        "**.pValue": _QUADRATURE,
        "**.adjustedPValue": _QUADRATURE,
    },
    ignored=_ASIDE,
)

VALUE_AT_RISK = Tolerances(
    # One bound for all methods: those without simulation are far better, and 100,000 simulated
    # draws often miss it. Ask monteCarlo for a million.
    at={"levels.**": Tolerance(relative=0.005), "parameters.**": _OPTIMUM},
    ignored=(_ORIGIN, *_LIMITS, "cautions"),
)

BACKTEST = Tolerances(
    numbers=_QUADRATURE,
    at={
        "series.**": _OPTIMUM,
        "expectedShortfallTest.pValue": Tolerance(absolute=0.05),  # resampled
        "expectedShortfallTest.*": _OPTIMUM,
    },
    ignored=(*_ASIDE, "cautions"),
)

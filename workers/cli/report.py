"""What a risk analyst wants to see of a simulated scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.cli.curve_picture import Mark, draw_curve
from workers.cli.printing import console, print_fields, print_table

if TYPE_CHECKING:
    from tasks.prism.annual_loss import Estimate
    from tasks.prism.simulate_scenario import SimulateScenarioResult


def print_simulation(result_json: str) -> None:
    """Print the report of a `prism.simulate_scenario` result."""
    # Here, because it loads NumPy and numba, which few commands need.
    from tasks.prism.simulate_scenario import SimulateScenarioResult

    result = SimulateScenarioResult.model_validate_json(result_json)
    console.print(result.name, style="bold", markup=False)
    console.print(
        f"annual loss in {result.currency}, {result.provenance.trials:,} simulated years, "
        f"{result.confidence:.0%} intervals\n"
    )
    print_fields(_figures(result))
    console.print()
    print_table(
        ("percentile", "one year in", "costs more than", "interval"),
        (
            (
                f"{each.percent:g}%",
                f"{100 / (100 - each.percent):.4g}",
                f"{each.value:,.0f}",
                _interval(each.lower, each.upper, ",.0f"),
            )
            for each in result.percentiles
        ),
        justify="right",
    )
    _print_picture(result)


def _figures(result: SimulateScenarioResult) -> dict[str, object]:
    figures: dict[str, object] = {
        "mean": _estimate(result.mean, ",.0f"),
        "probability of any loss": _estimate(result.probability_of_loss, ".2%"),
    }
    if result.appetite is not None:
        exceeding = result.appetite.probability_of_exceeding
        name = f"probability of more than the appetite of {result.appetite.annual_loss:,.0f}"
        figures[name] = _estimate(exceeding, ".2%")
    return figures


def _print_picture(result: SimulateScenarioResult) -> None:
    appetite = result.appetite
    mark = None if appetite is None else Mark(appetite.annual_loss, "appetite")
    points = [(point.loss, point.probability) for point in result.exceedance_curve]
    if drawn := draw_curve(points, mark):
        console.print("\nprobability that a year costs more")
        console.print("\n".join(drawn), markup=False, soft_wrap=True)
    if result.picture is not None:
        console.print(f"\npicture: {result.picture.uri}", soft_wrap=True)


def _estimate(estimate: Estimate, form: str) -> str:
    return f"{estimate.value:{form}}  {_interval(estimate.lower, estimate.upper, form)}"


def _interval(lower: float | None, upper: float | None, form: str) -> str:
    """Write an interval; an open end is where the trials are too few for a limit."""
    low = "…" if lower is None else f"{lower:{form}}"
    high = "…" if upper is None else f"{upper:{form}}"
    return f"{low} to {high}"

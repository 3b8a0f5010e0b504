"""What a risk analyst wants to see of an annual loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workers.cli.curve_picture import Mark, draw_curve
from workers.cli.printing import console, print_fields, print_table

if TYPE_CHECKING:
    from tasks.prism.annual_loss import AnnualLoss, Estimate
    from tasks.prism.annual_loss_result import AnnualLossResult


def print_annual_loss(result_json: str) -> None:
    """Print the report of an annual loss: of a scenario or of a portfolio."""
    # Here, because it loads NumPy and numba, which few commands need.
    from tasks.prism.annual_loss_result import AnnualLossResult

    result = AnnualLossResult.model_validate_json(result_json)
    console.print(result.name, style="bold", markup=False)
    console.print(f"annual loss in {result.currency}, {_how(result)}\n")
    print_fields(dict(_figures(result)))
    console.print("\nafter insurance" if result.net else "")
    borne = result.net or result.gross
    print_table(
        ("percentile", "at most one year in", "costs more than", "interval"),
        (
            (
                f"{each.percent:g}%",
                f"{100 / (100 - each.percent):.4g}",
                f"{each.value:,.0f}",
                _interval(each.lower, each.upper, ",.0f"),
            )
            for each in borne.percentiles
        ),
        justify="right",
    )
    _print_picture(result, borne)


def _how(result: AnnualLossResult) -> str:
    if result.provenance.trials is None:
        return "exact, with what the grid may have moved"
    return f"{result.provenance.trials:,} simulated years, 95% intervals"


def _figures(result: AnnualLossResult) -> Iterator[tuple[str, object]]:
    if result.ceded is not None and result.net is not None:
        yield "mean before insurance", _estimate(result.gross.mean, ",.0f")
        yield "mean paid by the insurance", _estimate(result.ceded.mean, ",.0f")
        yield "mean after insurance", _estimate(result.net.mean, ",.0f")
    else:
        yield "mean", _estimate(result.gross.mean, ",.0f")
    borne = result.net or result.gross
    yield "probability of any loss", _estimate(borne.probability_of_loss, ".2%")
    check = result.engine.cross_check
    if check is not None:
        years = f"{check.trials:,} simulated years"
        yield "checked against", f"{years}, {check.largest_deviation:.1f} standard errors apart"
    if result.appetite is None:
        return
    exceeding = result.appetite.probability_of_exceeding
    if exceeding is not None:
        name = f"probability of more than the appetite of {result.appetite.annual_loss:,.0f}"
        yield name, _estimate(exceeding, ".2%")
    if result.appetite.curve:
        points = len(result.appetite.curve)
        yield "risk appetite curve", f"{result.appetite.breaches} of {points} points breached"


def _print_picture(result: AnnualLossResult, borne: AnnualLoss) -> None:
    amount = None if result.appetite is None else result.appetite.annual_loss
    mark = None if amount is None else Mark(amount, "appetite")
    points = [(point.loss, point.probability) for point in borne.exceedance_curve]
    if drawn := draw_curve(points, mark):
        insured = " after insurance" if result.net else ""
        console.print(f"\nprobability that a year costs more{insured}")
        console.print("\n".join(drawn), markup=False, soft_wrap=True)
    for picture in result.pictures:
        console.print(f"\npicture: {picture.uri}", soft_wrap=True)


def _estimate(estimate: Estimate, form: str) -> str:
    return f"{estimate.value:{form}}  {_interval(estimate.lower, estimate.upper, form)}"


def _interval(lower: float | None, upper: float | None, form: str) -> str:
    """Write an interval; an open end is where the trials are too few for a limit."""
    low = "…" if lower is None else f"{lower:{form}}"
    high = "…" if upper is None else f"{upper:{form}}"
    return f"{low} to {high}"

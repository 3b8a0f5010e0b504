"""Fitted distributions as they cross the wire."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engines.prism import distributions
from engines.prism.fitting import goodness, quantile_pairs
from engines.prism.fitting.model import FamilyName
from engines.prism.fitting.observations import Candidate
from engines.prism.fitting.opinions import OpinionFit
from tasks.artifact import Artifact
from tasks.payload import Count, Payload
from tasks.prism.distribution import WrittenDistribution
from tasks.prism.fitted_distribution import on_the_wire
from tasks.prism.provenance import Provenance


class EstimatedParameter(Payload):
    """A parameter by its maximum likelihood."""

    name: str
    """As the distribution has it."""
    value: float
    """Where the values are most likely."""
    standard_error: float | None
    """From the observed information; null where the likelihood is too flat."""


class GoodnessOfFit(Payload):
    """A distance between data and distribution."""

    statistic: float
    """0 would be no distance."""
    p_value: float | None
    """How often chance alone gives as large a one (parametric bootstrap); null without samples."""

    @classmethod
    def of(cls, distance: goodness.Distance | None) -> GoodnessOfFit | None:
        """Give the wire form."""
        if distance is None:
            return None
        return cls(statistic=distance.statistic, p_value=distance.p_value)


class Likelihood(Payload):
    """What the data say of a family."""

    parameters: tuple[EstimatedParameter, ...]
    """Those that were estimated."""
    log_likelihood: float
    """Comparable between families, for the same values."""
    akaike_criterion: float
    """AIC: the smallest is the best, and candidates are in its order."""
    bayes_criterion: float
    """BIC: harder on parameters than AIC."""
    kolmogorov_smirnov: GoodnessOfFit | None
    """Null for counts."""
    anderson_darling: GoodnessOfFit | None
    """Heeds the tails more. Null for counts."""
    chi_square: GoodnessOfFit | None
    """Null for amounts, and for counts that are too few."""
    degrees_of_freedom: Count | None
    """Of the chi-square."""

    @classmethod
    def of(cls, candidate: Candidate) -> Likelihood:
        """Give the wire form."""
        fit = candidate.fit
        errors = fit.standard_errors or (None,) * len(fit.values)
        rows = zip(fit.model.parameters, fit.values, errors, strict=True)
        return cls(
            parameters=tuple(
                EstimatedParameter(name=name, value=value, standard_error=error)
                for name, value, error in rows
            ),
            log_likelihood=fit.log_likelihood,
            akaike_criterion=fit.akaike,
            bayes_criterion=fit.bayes,
            kolmogorov_smirnov=GoodnessOfFit.of(candidate.kolmogorov_smirnov),
            anderson_darling=GoodnessOfFit.of(candidate.anderson_darling),
            chi_square=GoodnessOfFit.of(candidate.chi_square),
            degrees_of_freedom=candidate.degrees_of_freedom,
        )


class QuantilePair(Payload):
    """A quantile of the evidence, and the same one of the distribution."""

    percent: float
    """Of values below."""
    seen: float
    """In the data, or as an expert stated it."""
    fitted: float
    """Of the distribution."""


class FittedCandidate(Payload):
    """A family, fitted."""

    family: FamilyName
    """The kind of the distribution."""
    distribution: WrittenDistribution
    """Ready for a scenario."""
    mean: float
    """Of the distribution, not of the data."""
    standard_deviation: float | None
    """Null where it is infinite."""
    quantiles: tuple[QuantilePair, ...]
    """For data at most a hundred, the least and the largest value among them. For experts all that
    they stated, one expert after the other; a distribution of several meets none of them."""
    relative_error: float | None
    """Root mean square of ln(fitted / seen) over an expert's quantiles; over several experts the
    mean squares are averaged by weight. Null otherwise."""
    likelihood: Likelihood | None
    """Null for estimates."""

    @classmethod
    def of_estimate(cls, fit: OpinionFit) -> FittedCandidate:
        """Give the wire form of a fit to what experts stated."""
        rows = (
            # Rounded, so that 7 comes back as 7 and not as 7.000000000000001.
            QuantilePair(percent=round(100 * p, 12), seen=seen, fitted=at)
            for each in fit.beside
            for p, seen, at in zip(each.probabilities, each.wanted, each.fitted, strict=True)
        )
        return cls._of(
            fit.family, fit.distribution, rows, relative_error=fit.relative_error, likelihood=None
        )

    @classmethod
    def of_points(cls, family: FamilyName, fitted: distributions.Distribution) -> FittedCandidate:
        """Give the wire form of a distribution over three points."""
        return cls._of(family, fitted, (), relative_error=None, likelihood=None)

    @classmethod
    def of_data(cls, candidate: Candidate, values: distributions.Floats) -> FittedCandidate:
        """Give the wire form of a fit to `values`, ascending."""
        fit = candidate.fit
        rows = (
            QuantilePair(percent=pair.percent, seen=pair.seen, fitted=pair.fitted)
            for pair in quantile_pairs.quantile_pairs(fit.distribution, values)
        )
        return cls._of(
            fit.model.name, fit.distribution, rows,
            relative_error=None, likelihood=Likelihood.of(candidate),
        )  # fmt: skip

    @classmethod
    def _of(
        cls,
        family: FamilyName,
        fitted: distributions.Distribution,
        quantiles: Iterable[QuantilePair],
        *,
        relative_error: float | None,
        likelihood: Likelihood | None,
    ) -> FittedCandidate:
        variance = fitted.variance
        return cls(
            family=family,
            distribution=on_the_wire(fitted),
            mean=fitted.mean,
            standard_deviation=math.sqrt(variance) if math.isfinite(variance) else None,
            quantiles=tuple(quantiles),
            relative_error=relative_error,
            likelihood=likelihood,
        )


class FamilyLeftOut(Payload):
    """A family that was asked for and could not be fitted."""

    family: FamilyName
    """As it was asked for."""
    reason: str
    """Completes a sentence that begins with the family."""


class FitDistributionResult(Payload):
    """The families that may be behind the evidence, the best first."""

    name: str
    """As in the request."""
    best: WrittenDistribution
    """Of the first candidate."""
    candidates: tuple[FittedCandidate, ...]
    """Data by Akaike's criterion, experts' quantiles by relative error; of equally good families
    the one of fewer parameters first, then as asked. Three points as asked."""
    left_out: tuple[FamilyLeftOut, ...]
    """With the reasons."""
    values_used: Count | None
    """Observations above the threshold; null for estimates."""
    provenance: Provenance
    pictures: tuple[Artifact, ...]
    """Quantiles of the evidence against those of the best; none for three points."""

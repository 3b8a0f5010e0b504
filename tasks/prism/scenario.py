"""A loss scenario as it crosses the wire: the FAIR tree, entered at any level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from engines.errors import InvalidInput
from engines.prism import distributions, scenario
from engines.prism.event_count import event_count
from engines.prism.scenario import AnnualLossModel, LossForm, VulnerabilityScope
from tasks.payload import Payload
from tasks.prism.distribution import Distribution
from tasks.refusal import UNTAGGED, refused_fields

_FREQUENCIES = (
    "loss_event_frequency_per_year",
    "threat_event_frequency_per_year",
    "contact_frequency_per_year",
    "probability_of_action",
)
_BELOW = {
    "loss_event_frequency_per_year": (
        "threat_event_frequency_per_year",
        "contact_frequency_per_year",
        "probability_of_action",
        "vulnerability",
        "threat_capability",
        "resistance_strength",
        "vulnerability_scope",
    ),
    "threat_event_frequency_per_year": ("contact_frequency_per_year", "probability_of_action"),
    "vulnerability": ("threat_capability", "resistance_strength"),
    "primary_loss": ("primary_loss_by_form",),
    "loss": ("loss_by_form",),
}
"""Node -> what the FAIR tree derives it from."""
_TOGETHER = (
    ("contact_frequency_per_year", "probability_of_action"),
    ("threat_capability", "resistance_strength"),
)


class LossByForm(Payload):
    """The forms of loss of one event, at least one of them, each in the request's currency.

    They are the six of the Open FAIR taxonomy; a form left out costs nothing.
    """

    productivity: Distribution | None = None
    """Of what the organisation cannot do or sell meanwhile."""
    response: Distribution | None = None
    """Of dealing with the event: people, lawyers, notices."""
    replacement: Distribution | None = None
    """Of assets to repair or buy again."""
    competitive_advantage: Distribution | None = None
    """Of an edge that rivals gain."""
    fines_and_judgements: Distribution | None = None
    """Of regulators and courts."""
    reputation: Distribution | None = None
    """Of customers, credit and market value."""

    def engine(self) -> dict[LossForm, distributions.Distribution]:
        return {LossForm(to_camel(name)): loss.engine() for name, loss in self if loss is not None}

    @model_validator(mode="after")
    def _some(self) -> Self:
        with refused_fields(self):
            if not self.engine():
                raise InvalidInput("productivity", expected="a form of loss", received="none")
        return self


class SecondaryLoss(Payload):
    """What others (customers, regulators) add to some of the loss events."""

    probability: Distribution
    """That a loss event has a secondary loss: a number, or what is known of it. Each event draws
    by itself, so that only its mean matters, but for `annualLossModel` product."""
    loss: Distribution | None = None
    """The cost of one, in the request's currency."""
    loss_by_form: LossByForm | None = None
    """Instead of `loss`: the cost of one by its forms, which all come together."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            _refuse_both_levels(self, "loss", _BELOW["loss"])
            if self.loss is None and self.loss_by_form is None:
                raise InvalidInput("loss", expected="this or lossByForm", received="neither")
            self.engine()
        return self

    def engine(self) -> scenario.SecondaryLoss:
        return scenario.SecondaryLoss(
            probability=self.probability.engine(), losses=_losses(self.loss, self.loss_by_form)
        )


class PoissonCount(Payload):
    """Loss events come independently of each other."""

    model: Literal["poisson"]

    def engine(self) -> scenario.CountModel:
        return scenario.PoissonCount()


class NegativeBinomialCount(Payload):
    """Loss events come in clusters: their variance is rate + rate^2 / size."""

    model: Literal["negativeBinomial"]
    size: Annotated[float, Field(ge=1e-3, le=scenario.LARGEST_SIZE)]
    """The smaller, the more they cluster."""

    def engine(self) -> scenario.CountModel:
        return scenario.NegativeBinomialCount(self.size)


class BernoulliCount(Payload):
    """At most one loss event a year; the frequency is its probability."""

    model: Literal["bernoulli"]

    def engine(self) -> scenario.CountModel:
        return scenario.BernoulliCount()


EventCount = Annotated[
    PoissonCount | NegativeBinomialCount | BernoulliCount, Field(discriminator="model"), UNTAGGED
]


class Scenario(Payload):
    """How often a loss event comes, and what each one costs, at the level that is known.

    A node that is given forbids those it would be derived from.
    """

    loss_event_frequency_per_year: Distribution | None = None
    """Loss events a year; or else threat events and vulnerability."""
    threat_event_frequency_per_year: Distribution | None = None
    """Threat events a year; or else contacts and probability of action."""
    contact_frequency_per_year: Distribution | None = None
    """Contacts of threat agents with the asset a year."""
    probability_of_action: Distribution | None = None
    """That a contact becomes a threat event."""
    vulnerability: Distribution | None = None
    """That a threat event becomes a loss event; or else capability and strength."""
    threat_capability: Distribution | None = None
    """On the scale of `resistanceStrength`: a threat event succeeds where it is the greater."""
    resistance_strength: Distribution | None = None
    """On the scale of `threatCapability`."""
    vulnerability_scope: Literal["scalar", "perEvent", "perYear"] | None = None
    """What shares one draw of the vulnerability; needed unless that is a plain number. `scalar`:
    everything, its mean is used. `perEvent`: each threat event draws anew. `perYear`: all of a year
    share one, which keeps the mean and fattens the tail."""
    event_count: EventCount = PoissonCount(model="poisson")
    """How many loss events come at the year's frequency."""
    primary_loss: Distribution | None = None
    """The cost of one loss event, in the request's currency."""
    primary_loss_by_form: LossByForm | None = None
    """Instead of `primaryLoss`: the cost of one loss event by its forms."""
    secondary_loss: SecondaryLoss | None = None
    annual_loss_model: Literal["compound", "product"] = "compound"
    """`compound`: every loss event has a loss of its own, and a year adds them up. `product`:
    frequency times magnitude, each drawn once a year, as pyfair does it: the same mean, another
    tail; for comparison."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            for node in ("loss_event_frequency_per_year", "threat_event_frequency_per_year",
                         "vulnerability", "primary_loss"):  # fmt: skip
                _refuse_both_levels(self, node, _BELOW[node])
            self._require_frequency()
            if self.primary_loss is None and self.primary_loss_by_form is None:
                raise InvalidInput(
                    "primaryLoss", expected="this or primaryLossByForm", received="neither"
                )
            event_count(self.engine())
        return self

    def engine(self) -> scenario.Scenario:
        return scenario.Scenario(
            frequencies={
                to_camel(name): factor.engine()
                for name in _FREQUENCIES
                if (factor := getattr(self, name)) is not None
            },
            vulnerability=self._vulnerability(),
            count=self.event_count.engine(),
            primary_losses=_losses(self.primary_loss, self.primary_loss_by_form),
            secondary_loss=None if self.secondary_loss is None else self.secondary_loss.engine(),
            annual_loss=AnnualLossModel(self.annual_loss_model),
        )

    def _vulnerability(self) -> scenario.Vulnerability | None:
        of: distributions.Distribution | scenario.Contest
        if self.vulnerability is not None:
            of = self.vulnerability.engine()
        elif self.threat_capability is not None and self.resistance_strength is not None:
            of = scenario.Contest(
                threat_capability=self.threat_capability.engine(),
                resistance_strength=self.resistance_strength.engine(),
            )
        else:
            return None
        scope = self.vulnerability_scope or "scalar"
        return scenario.Vulnerability(of=of, scope=VulnerabilityScope(scope))

    def _require_frequency(self) -> None:
        if self.loss_event_frequency_per_year is not None:
            return
        if all(getattr(self, name) is None for name in _FREQUENCIES):
            expected = "this, threatEventFrequencyPerYear, or contactFrequencyPerYear"
            raise InvalidInput("lossEventFrequencyPerYear", expected=expected, received="none")
        for pair in _TOGETHER:
            for name, other in (pair, pair[::-1]):
                if getattr(self, name) is None and getattr(self, other) is not None:
                    expected = f"this beside {to_camel(other)}"
                    raise InvalidInput(to_camel(name), expected=expected, received="none")
        if self._vulnerability() is None:
            expected = "this, or threatCapability and resistanceStrength, beside threat events"
            raise InvalidInput("vulnerability", expected=expected, received="none")
        known = self.vulnerability is not None and self.vulnerability.distribution == "constant"
        if self.vulnerability_scope is None and not known:
            raise InvalidInput(
                "vulnerabilityScope", expected="scalar, perEvent or perYear", received="none"
            )


def _losses(
    total: Distribution | None, by_form: LossByForm | None
) -> Mapping[LossForm, distributions.Distribution]:
    if by_form is not None:
        return by_form.engine()
    return {LossForm.TOTAL: total.engine()} if total is not None else {}


def _refuse_both_levels(node: Payload, parent: str, children: tuple[str, ...]) -> None:
    """Raise for the first child that is given beside its parent."""
    if getattr(node, parent) is None:
        return
    for child in children:
        if getattr(node, child) is not None:
            raise InvalidInput(
                to_camel(child),
                expected=f"nothing, because {to_camel(parent)} is given and decides it",
                received="both",
            )

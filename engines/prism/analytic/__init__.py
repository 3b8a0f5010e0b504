"""The exact distribution of a year's losses, by Fourier transform."""

from engines.prism.analytic.aggregate_loss import AggregateLoss, aggregate_loss
from engines.prism.analytic.exact_loss import ExactLoss

__all__ = ["AggregateLoss", "ExactLoss", "aggregate_loss"]

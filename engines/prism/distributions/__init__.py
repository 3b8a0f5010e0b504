"""The distributions an expert's estimate, or data, come in."""

from engines.prism.distributions.distribution import LARGEST, Distribution, Floats
from engines.prism.distributions.estimates import Constant, Lognormal, Pert

__all__ = ["LARGEST", "Constant", "Distribution", "Floats", "Lognormal", "Pert"]

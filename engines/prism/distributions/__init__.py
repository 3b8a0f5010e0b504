"""The distributions an expert's estimate, or data, come in."""

from engines.prism.distributions.beta import Beta
from engines.prism.distributions.constant import Constant
from engines.prism.distributions.distribution import LARGEST, Distribution, Floats
from engines.prism.distributions.lognormal import Lognormal
from engines.prism.distributions.pert import Pert, PertConvention

__all__ = [
    "LARGEST",
    "Beta",
    "Constant",
    "Distribution",
    "Floats",
    "Lognormal",
    "Pert",
    "PertConvention",
]

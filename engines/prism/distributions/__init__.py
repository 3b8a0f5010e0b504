"""The distributions an expert's estimate, or data, come in."""

from engines.prism.distributions.beta import Beta
from engines.prism.distributions.binomial import Binomial
from engines.prism.distributions.constant import Constant
from engines.prism.distributions.distribution import LARGEST, Distribution, Floats
from engines.prism.distributions.empirical import Empirical
from engines.prism.distributions.gamma import Gamma
from engines.prism.distributions.generalised_pareto import GeneralisedPareto
from engines.prism.distributions.lognormal import Lognormal
from engines.prism.distributions.negative_binomial import NegativeBinomial
from engines.prism.distributions.normal import Normal
from engines.prism.distributions.pert import Pert, PertConvention
from engines.prism.distributions.poisson import Poisson
from engines.prism.distributions.triangular import Triangular
from engines.prism.distributions.uniform import Uniform

__all__ = [
    "LARGEST",
    "Beta",
    "Binomial",
    "Constant",
    "Distribution",
    "Empirical",
    "Floats",
    "Gamma",
    "GeneralisedPareto",
    "Lognormal",
    "NegativeBinomial",
    "Normal",
    "Pert",
    "PertConvention",
    "Poisson",
    "Triangular",
    "Uniform",
]

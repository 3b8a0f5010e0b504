"""Market-style value at risk and expected shortfall of return series, and their backtests.

Losses are positive throughout: a return of -2% on a position of 100 is a loss of 2. Value at risk
(VaR) and expected shortfall (ES) are losses too, absolute ones (the mean is not taken out), over
one period of the series. A confidence level is in per cent of periods.
"""

ENGINE = "prism.market_risk"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

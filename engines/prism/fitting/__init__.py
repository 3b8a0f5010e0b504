"""Distributions fitted to what is known: an expert's quantiles, or data."""

ENGINE = "prism.fitting"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

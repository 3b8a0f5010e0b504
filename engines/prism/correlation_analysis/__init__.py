"""How series of observations have moved together."""

ENGINE = "prism.correlation_analysis"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

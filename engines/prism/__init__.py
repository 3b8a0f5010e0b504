"""PRISM: what a risk scenario may cost in a year."""

ENGINE = "prism.monte_carlo"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

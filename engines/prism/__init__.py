"""PRISM: risk quantification after Open FAIR."""

ENGINE = "prism.monte_carlo"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

"""PRISM: risk quantification after Open FAIR."""

ENGINE = "prism.annual_loss"
ENGINE_VERSION = "2"
"""Raised whenever the same request would give other numbers."""

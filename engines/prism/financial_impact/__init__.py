"""What losses and controls come to over several years, in today's money."""

ENGINE = "prism.financial_impact"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

"""Which of the estimates in a scenario its annual loss depends on most."""

ENGINE = "prism.drivers"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

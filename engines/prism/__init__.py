"""PRISM: risk quantification after Open FAIR."""

ENGINE_VERSION = "2"
"""Raised whenever the same request would give other numbers."""

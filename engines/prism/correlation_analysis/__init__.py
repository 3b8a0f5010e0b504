"""How series of observations have moved together."""

ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

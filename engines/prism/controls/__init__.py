"""What controls change in loss scenarios, what that saves, and which of them to buy."""

ENGINE = "prism.controls"
ENGINE_VERSION = "1"
"""Raised whenever the same request would give other numbers."""

"""Keep a fleet's processes running on one machine."""

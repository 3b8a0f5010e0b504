"""How series of observations have moved together."""

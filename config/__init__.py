"""Settings, read once from the environment: one small frozen type for each consumer."""

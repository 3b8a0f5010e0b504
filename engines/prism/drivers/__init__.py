"""Which of the estimates in a scenario its annual loss depends on most."""

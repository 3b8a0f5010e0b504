"""What outsiders see: names, messages, progress, cancellation, artifacts and the ledger."""

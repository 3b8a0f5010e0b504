"""Results too big or too visual for JSON, kept outside the ledger and named by their content."""

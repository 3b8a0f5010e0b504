"""The fleet over HTTP: submit, read, list, cancel, follow, fetch. FastAPI lives here only."""

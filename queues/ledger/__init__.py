"""The record of every job: its state, attempts, result, error and events, in Postgres."""

"""Simulated years: the same bits for any number of shards and on any x86-64 processor."""

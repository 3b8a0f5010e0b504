"""A Redis and a PostgreSQL of our own, from wheels, so that nothing must be installed by hand."""

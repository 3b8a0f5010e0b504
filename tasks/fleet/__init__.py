"""Tasks of the `fleet` domain."""

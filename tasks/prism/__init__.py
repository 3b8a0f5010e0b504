"""Tasks of the `prism` domain."""

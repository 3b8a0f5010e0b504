"""What moves together: correlation matrices, rank correlations, copulas."""

"""Years of the product form over evenly spread points instead of random ones."""

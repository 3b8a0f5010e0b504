"""Money over time and between currencies. QuantLib is known here and nowhere else."""

"""PRISM: risk quantification after Open FAIR."""

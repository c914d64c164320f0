"""Language models on torch."""

"""Measures what `reprohrl.preflight` judges, on a drone and a camera that are connected already."""

"""Measured claims: `python -m benchmarks` remakes the numbers of the README."""

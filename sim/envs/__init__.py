"""Environments of both levels, on the batched core."""

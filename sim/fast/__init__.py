"""The simulated world without Bullet: compiled kernels and analytic distances."""

from sim.fast.world import FastWorld

__all__ = ["FastWorld"]

"""Measure how a detector errs on rendered flights, fit `DetectorNoise` to it, and check the fit."""

from sim.noise_fit.fit import fit
from sim.noise_fit.measure import measure
from sim.noise_fit.records import Records
from sim.noise_fit.replay import replay

__all__ = ["Records", "fit", "measure", "replay"]

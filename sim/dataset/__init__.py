"""Labelled frames for the detector, drawn from randomised scenes."""

from sim.dataset.config import DatasetConfig
from sim.dataset.generate import generate

__all__ = ["DatasetConfig", "generate"]

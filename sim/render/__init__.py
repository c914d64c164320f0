"""A compiled ray-caster of `Scene`: camera frames with exact instance segmentation and truth boxes."""

from sim.render.boxes import MIN_VISIBLE_FRACTION, MIN_VISIBLE_PX
from sim.render.camera import RayCamera, Rendered
from sim.render.sensor import SensorModel

__all__ = ["MIN_VISIBLE_FRACTION", "MIN_VISIBLE_PX", "RayCamera", "Rendered", "SensorModel"]

"""reprohrl: hierarchical multi-goal navigation for nano-drones, from simulation to a Crazyflie."""

__version__ = "0.1.0"

"""What the drone node flies: a simulated world, or a Crazyflie over its link."""

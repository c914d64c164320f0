"""One Crazyflie as compiled loops: cascade, rotors, battery and rigid body on one flat float64 row.

`step_drone(state, command, params, dt)` advances one drone by one 240 Hz sub-step; call it from any
`@njit` loop, `prange` included. It is made of parts which other integrators (Bullet) use alone:

    control_velocity -> control_attitude   setpoints -> four thrust setpoints   (control.py)
    step_rotors                            thrust setpoints -> thrusts, battery (rotors.py, battery.py)
    wrench                                 thrusts, drag -> force and torque    (rotors.py)
    integrate                              rigid body                           (rigid_body.py)

modes.py chooses among velocity, attitude and stopped motors: `advance` for all of it, `drive` for Bullet.
The columns of a state row and of a parameter row are named in layout.py; a scene never appears here:
contacts belong to the worlds. Conventions: world and body frames are x forward, y left, z up; attitude
is roll, pitch, yaw about x, y, z (REP-103, so a positive pitch is nose down); quaternions are x, y, z, w.

numba caches compiled code per file and does not notice a change in another file: after editing a file
here, delete the `__pycache__` folders of `sim/`.
"""

from sim.dynamics.control import control_attitude, control_velocity
from sim.dynamics.layout import P, S
from sim.dynamics.modes import Mode, advance, control, drive
from sim.dynamics.params import BARE, IDENTIFIED, PRESETS, Preset, drone_params
from sim.dynamics.rigid_body import integrate
from sim.dynamics.rotors import step_rotors, wrench
from sim.dynamics.step import (
    PHYSICS_DT_S,
    PHYSICS_HZ,
    hover_state,
    run_drone,
    step_drone,
    step_drone_attitude,
)

__all__ = [
    "BARE",
    "IDENTIFIED",
    "PHYSICS_DT_S",
    "PHYSICS_HZ",
    "PRESETS",
    "Mode",
    "P",
    "Preset",
    "S",
    "advance",
    "control",
    "control_attitude",
    "control_velocity",
    "drive",
    "drone_params",
    "hover_state",
    "integrate",
    "run_drone",
    "step_drone",
    "step_drone_attitude",
    "step_rotors",
    "wrench",
]  # fmt: skip

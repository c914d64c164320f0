"""A CF2X in a bare Bullet client, driven by rotor speeds the way gym-pybullet-drones does it.

Five massless links at the rotors and the centre, forces and torque in their link frames, a step each 1/240 s,
Bullet's own damping off.
"""

from __future__ import annotations

import numpy as np
import pybullet
from numpy.typing import NDArray

from sim.dynamics.control import GRAVITY
from sim.dynamics.layout import P
from sim.dynamics.rotor_speeds import CF2X_THRUST, CF2X_TORQUE
from sim.dynamics.step import PHYSICS_DT_S

Array = NDArray[np.float64]
_UPRIGHT = (0.0, 0.0, 0.0, 1.0)
_CENTRE = 4


def fly_in_bullet(rpm: Array, p: Array, start: tuple[float, float, float] = (0.0, 0.0, 1.0)) -> Array:
    """Return the positions (T, 3) [m] of a level start at `start` under rotor speeds `rpm` (T, 4)."""
    client = pybullet.connect(pybullet.DIRECT)
    try:
        pybullet.setGravity(0, 0, -GRAVITY, physicsClientId=client)
        pybullet.setTimeStep(PHYSICS_DT_S, physicsClientId=client)
        body = _add_drone(p, start, client)
        path = np.empty((len(rpm), 3))
        for step, speeds in enumerate(rpm):
            squared = speeds**2
            for link in range(4):
                force = (0.0, 0.0, CF2X_THRUST * squared[link])
                pybullet.applyExternalForce(
                    body, link, force, (0, 0, 0), pybullet.LINK_FRAME, physicsClientId=client
                )
            spin = CF2X_TORQUE * (-squared[0] + squared[1] - squared[2] + squared[3])
            pybullet.applyExternalTorque(
                body, _CENTRE, (0.0, 0.0, spin), pybullet.LINK_FRAME, physicsClientId=client
            )
            pybullet.stepSimulation(physicsClientId=client)
            path[step] = pybullet.getBasePositionAndOrientation(body, physicsClientId=client)[0]
        return path
    finally:
        pybullet.disconnect(client)


def _add_drone(p: Array, start: tuple[float, float, float], client: int) -> int:
    """Add the body: rotors front right, back right, back left, front left, then the centre."""
    a = p[P.ARM]
    places = [(a, -a, 0.0), (-a, -a, 0.0), (-a, a, 0.0), (a, a, 0.0), (0.0, 0.0, 0.0)]
    n = len(places)
    body = pybullet.createMultiBody(
        p[P.MASS], -1, -1, start, _UPRIGHT,
        linkMasses=[0.0] * n, linkCollisionShapeIndices=[-1] * n, linkVisualShapeIndices=[-1] * n,
        linkPositions=places, linkOrientations=[_UPRIGHT] * n,
        linkInertialFramePositions=[(0.0, 0.0, 0.0)] * n, linkInertialFrameOrientations=[_UPRIGHT] * n,
        linkParentIndices=[0] * n, linkJointTypes=[pybullet.JOINT_FIXED] * n,
        linkJointAxis=[(0.0, 0.0, 1.0)] * n, physicsClientId=client,
    )  # fmt: skip
    pybullet.changeDynamics(
        body, -1, localInertiaDiagonal=(p[P.JX], p[P.JY], p[P.JZ]), linearDamping=0.0, angularDamping=0.0,
        physicsClientId=client,
    )  # fmt: skip
    return int(body)

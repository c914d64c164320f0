"""`PyBulletWorld`: a `World` whose rigid body and contacts are Bullet's."""

from __future__ import annotations

import math

import numpy as np
import pybullet

from reprohrl.mission.reach import DRONE_RADIUS_M
from sim.bullet.solids import add_scene, upright
from sim.dynamics.control import GRAVITY
from sim.dynamics.layout import P, S
from sim.dynamics.modes import drive
from sim.dynamics.params import IDENTIFIED, Preset
from sim.dynamics.step import PHYSICS_DT_S
from sim.simulated_world import SimulatedWorld

_TOUCH_M = 1e-4


class PyBulletWorld(SimulatedWorld):
    """A room in a Bullet client of its own; see `SimulatedWorld` for its arguments.

    Controller, rotors, battery and drag are the compiled ones; Bullet integrates the body, a sphere of the
    drone's radius, with its own damping switched off. Forces go in as world-frame vectors of this step's
    attitude: Bullet's link frame would lag one step behind.
    """

    def __init__(
        self,
        preset: Preset | str = IDENTIFIED,
        seed: int = 0,
        *,
        noise: bool = True,
        latency_s: float = 0.1,
        randomise: float = 0.0,
        charge: float = 1.0,
    ) -> None:
        super().__init__(preset, seed, noise=noise, latency_s=latency_s, randomise=randomise, charge=charge)
        self._client = pybullet.connect(pybullet.DIRECT)
        self._wrench = np.zeros(6)
        self._body = -1
        self._names: dict[int, str] = {}
        self._solids: list[int] = []

    def _place(self) -> None:
        c = self._client
        pybullet.resetSimulation(physicsClientId=c)
        pybullet.setPhysicsEngineParameter(deterministicOverlappingPairs=1, physicsClientId=c)
        pybullet.setTimeStep(PHYSICS_DT_S, physicsClientId=c)
        pybullet.setGravity(0.0, 0.0, -GRAVITY, physicsClientId=c)
        self._names, self._solids = add_scene(self.scene, c)
        shape = pybullet.createCollisionShape(pybullet.GEOM_SPHERE, radius=DRONE_RADIUS_M, physicsClientId=c)
        row, p = self.row, self.params
        self._body = pybullet.createMultiBody(
            p[P.MASS],
            shape,
            basePosition=row[S.POS : S.POS + 3],
            baseOrientation=row[S.QUAT : S.QUAT + 4],
            physicsClientId=c,
        )
        pybullet.changeDynamics(
            self._body, -1,
            localInertiaDiagonal=(p[P.JX], p[P.JY], p[P.JZ]),
            linearDamping=0.0, angularDamping=0.0, restitution=0.0, lateralFriction=0.8,
            physicsClientId=c,
        )  # fmt: skip

    def _move_solids(self) -> None:
        for row in self._movers:
            index = int(row[0])
            pybullet.resetBasePositionAndOrientation(
                self._solids[index], self._objects[index, :3], upright(self.scene.objects[index].yaw),
                physicsClientId=self._client,
            )  # fmt: skip

    def _advance(self) -> str | None:
        c, body, row, w = self._client, self._body, self.row, self._wrench
        drive(row, int(self._mode), self._setpoint, self.params, PHYSICS_DT_S, w)
        position = row[S.POS : S.POS + 3].tolist()
        pybullet.applyExternalForce(
            body, -1, w[:3].tolist(), position, pybullet.WORLD_FRAME, physicsClientId=c
        )
        pybullet.applyExternalTorque(body, -1, w[3:].tolist(), pybullet.WORLD_FRAME, physicsClientId=c)
        pybullet.stepSimulation(physicsClientId=c)
        touched = self._touched()
        if touched == "floor":
            self._rest()
        self._read()
        return touched

    def _touched(self) -> str | None:
        """Name of what the drone touches, solids before the floor it may stand on."""
        contacts = pybullet.getContactPoints(bodyA=self._body, physicsClientId=self._client)
        names = [self._names[c[2]] for c in contacts if c[8] < _TOUCH_M]
        return min(names, key=lambda n: n == "floor") if names else None

    def _rest(self) -> None:
        """Stop the sphere from sliding and rolling where the drone would stand on its feet."""
        (_, _, vz), _ = pybullet.getBaseVelocity(self._body, physicsClientId=self._client)
        pybullet.resetBaseVelocity(self._body, (0.0, 0.0, vz), (0.0, 0.0, 0.0), physicsClientId=self._client)

    def _read(self) -> None:
        """Copy Bullet's body into the state row; angular velocity turns from world into body frame."""
        row = self.row
        position, quat = pybullet.getBasePositionAndOrientation(self._body, physicsClientId=self._client)
        velocity, spin = pybullet.getBaseVelocity(self._body, physicsClientId=self._client)
        row[S.POS : S.POS + 3], row[S.QUAT : S.QUAT + 4], row[S.VEL : S.VEL + 3] = position, quat, velocity
        row[S.RATE : S.RATE + 3] = _to_body(quat, spin)

    def close(self) -> None:
        """Disconnect from Bullet; harmless when done before."""
        super().close()
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            self._client = -1


def _to_body(
    quat: tuple[float, float, float, float], v: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Rotate a world vector into the body frame of a unit quaternion (x, y, z, w)."""
    qx, qy, qz, qw = quat
    n = 1.0 / math.sqrt(qx * qx + qy * qy + qz * qz + qw * qw)
    qx, qy, qz, qw = qx * n, qy * n, qz * n, qw * n
    ax = 2 * (qz * v[1] - qy * v[2])
    ay = 2 * (qx * v[2] - qz * v[0])
    az = 2 * (qy * v[0] - qx * v[1])
    return (
        v[0] + qw * ax - qy * az + qz * ay,
        v[1] + qw * ay - qz * ax + qx * az,
        v[2] + qw * az - qx * ay + qy * ax,
    )

"""The drone node: a simulated world or a Crazyflie behind the same topics and services."""

from __future__ import annotations

import sys
from typing import Any

from std_msgs.msg import Empty
from std_srvs.srv import SetBool, Trigger

from reprohrl.contracts.errors import LinkError
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.limits import clamp
from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from ros_nodes import convert, qos
from ros_nodes.backends.base import Backend
from ros_nodes.configuration.drone import DroneConfig
from ros_nodes.drone_topics import DroneTopics
from ros_nodes.flight_loop import FlightLoop, LoopSettings
from ros_nodes.flight_types import Order, Phase, Supervised
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import key
from ros_nodes.trace import now_ns

DEFAULT_HEIGHT_M = 0.8
LIMITS = SafetyConfig()
"""A last bound on what goes to the drone, whoever published it; the supervisor never exceeds it."""


class DroneNode(Stage):
    """Flies the supervised commands on `command`; hovers, then lands when they stop."""

    CONFIG = DroneConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("drone", **kwargs)
        self.loop: FlightLoop | None = None
        self._backend: Backend | None = None
        self._flights = 0

    def configure(self) -> None:
        self._backend = backend = self._make_backend()
        self.topics = DroneTopics(self, simulated=backend.simulated, source=self.get_name())
        self.topics.describe(backend.describe())
        self.listen(m.Command, "command", self._on_command, qos.COMMANDS)
        self.create_service(srv.TakeOff, "drone/take_off", self._take_off)
        self.create_service(srv.Land, "drone/land", self._land)
        self.create_service(Trigger, "drone/emergency_stop", self._emergency_stop)
        self.listen(Empty, "drone/dead_man", self._on_dead_man)
        self.create_service(SetBool, "drone/freeze_camera", self._freeze)
        self.every(0.1, self._watch)

    def activate(self) -> None:
        v, backend = self.values, self._backend or self._make_backend()
        self._backend = None  # the loop opens it and closes it; a second activation makes another
        wait_s = float(v["command_wait_s"]) if backend.simulated else 0.2
        settings = LoopSettings(
            wait_s, float(v["speed"]), hover_s=float(v["hover_after_s"]), land_s=float(v["land_after_s"])
        )
        self.loop = FlightLoop(backend, self.topics, settings, flights=self._flights)
        self.loop.start()

    def deactivate(self) -> None:
        """Land, and let go of the drone."""
        if self.loop is not None:
            self.loop.stop()
            self._flights = self.loop.flight
            self.loop = None

    def cleanup(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    def _make_backend(self) -> Backend:
        v = self.values
        if v["backend"] == "sim":
            from ros_nodes.backends.simulated import SimulatedBackend, SimulationSettings

            return SimulatedBackend(
                SimulationSettings(v["task"], v["seed"], v["split"], v["goals"], v["grey"], v["world"])
            )
        from ros_nodes.backends.crazyflie import CrazyflieBackend

        return CrazyflieBackend(
            v["uri"], v["camera_host"], v["camera_port"], ros_now=self.now_s, task=v["task"], seed=v["seed"],
            calibration=v["calibration"], dead_man_s=float(v["dead_man_s"]),
        )  # fmt: skip

    def _on_command(self, message: m.Command) -> None:
        heard = now_ns()
        command = convert.command_from_msg(message)
        if not command.is_finite():
            raise ValueError("a command that is not finite")
        if self.loop is None:
            return
        self.loop.supervised(
            Supervised(
                key(message.header.stamp), clamp(command, LIMITS), Order(message.reaction), message.reason,
                tuple(message.trace), heard,
            )
        )

    def _take_off(self, request: srv.TakeOff.Request, response: srv.TakeOff.Response) -> srv.TakeOff.Response:
        """Answer at once; the climb shows in `state`, a failure in `events`."""
        if self.loop is None:
            response.message = "the drone node is not active"
            return response
        if self.loop.phase is not Phase.GROUND:
            response.message = f"the drone is not on the ground: {self.loop.phase.name.lower()}"
            return response
        climb = self.loop.take_off(request.height_m or DEFAULT_HEIGHT_M)
        climb.add_done_callback(
            lambda done: self._failed("take_off_failed", done.exception()) if done.exception() else None
        )
        response.success, response.flight = True, self.loop.flight + 1
        return response

    def _land(self, request: srv.Land.Request, response: srv.Land.Response) -> srv.Land.Response:
        """Answer at once; the descent shows in `state`."""
        if self.loop is None:
            response.message = "the drone node is not active"
            return response
        self.loop.land(request.reason or "asked to land")
        response.success = True
        return response

    def _emergency_stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """Cut the motors now; the drone falls, and is locked until it is restarted."""
        if self.loop is None:
            response.message = "the drone node is not active"
            return response
        self.loop.emergency_stop("the operator pressed stop")
        response.success, response.message = True, "the motors are cut"
        return response

    def _on_dead_man(self, message: Empty) -> None:
        if self.loop is not None:
            self.loop.backend.feed_dead_man()

    def _freeze(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        response.success = self.loop is not None and self.loop.backend.freeze_camera(request.data)
        return response

    def _failed(self, name: str, error: BaseException | None) -> None:
        if self.loop is not None:
            self.topics.event(self.loop.backend.now(), name, Order.LAND, str(error))

    def _watch(self) -> None:
        """Keep telling where the drone is while it climbs or sinks; end with the flight thread."""
        if self.loop is None:
            return
        if not self.loop.alive:
            raise LinkError(self.loop.failure or "the flight thread ended")
        if self.loop.phase in (Phase.TAKING_OFF, Phase.LANDING):
            observation = self.loop.backend.rest()
            self.topics.observed(observation, self.loop)
            self.topics.answered(observation, self.loop)


def main() -> int:
    return run(DroneNode)


if __name__ == "__main__":
    sys.exit(main())

"""The navigator node: features and option in, a velocity command out that keeps what distance it has to."""

from __future__ import annotations

import sys
from typing import Any

from geometry_msgs.msg import Twist

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.mission.keeper import Keeper
from reprohrl.policies.registry import make_navigator
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.configuration.navigator import NavigatorConfig
from ros_nodes.event_kinds import event
from ros_nodes.pairing import Pairing
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import NS, key
from ros_nodes.teleop import Teleop
from ros_nodes.trace import extend, now_ns

Work = tuple[m.ObjectFeatures, m.Option]


class NavigatorNode(Stage):
    """Publishes `raw_command`, which only the supervisor hears.

    While the mission has something to avoid, each frame's detections are waited for, too.
    """

    CONFIG = NavigatorConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("navigator", **kwargs)

    def configure(self) -> None:
        self._navigator = make_navigator(self.values["navigator"])
        self._keeper = Keeper()
        self._pairs: Pairing[m.ObjectFeatures, m.Option] = Pairing()
        self._seen: Pairing[Work, m.Detections] = Pairing()
        self._mission_id = 0
        self._commands = self.create_publisher(m.Command, "raw_command", qos.STAGES)
        self.listen(m.ObjectFeatures, "features", self._on_features)
        self.listen(m.Option, "option", self._on_option)
        self.listen(m.Detections, "detections", self._on_detections)
        self._teleop: Teleop | None = None
        if self.values["teleop"]:
            self._teleop = Teleop()
            self._events = self.create_publisher(m.Event, "events", qos.EVENTS)
            self.listen(Twist, "cmd_vel", self._on_twist, qos.COMMANDS)

    def _on_features(self, message: m.ObjectFeatures) -> None:
        self._take(self._pairs.left(key(message.header.stamp), message))

    def _on_option(self, message: m.Option) -> None:
        self._take(self._pairs.right(key(message.header.stamp), message))

    def _on_detections(self, message: m.Detections) -> None:
        if (found := self._seen.right(key(message.header.stamp), message)) is not None:
            self._answer(*found)

    def _take(self, work: Work | None) -> None:
        if work is None:
            return
        if not work[1].avoid:
            self._answer(work, None)
        elif (found := self._seen.left(key(work[1].header.stamp), work)) is not None:
            self._answer(*found)

    def _answer(self, work: Work, seen: m.Detections | None) -> None:
        features, option = work
        heard = now_ns()
        if option.mission_id != self._mission_id:
            self._mission_id = option.mission_id
            self._navigator.reset(seed=self.values["seed"])
            self._keeper.reset()
        known = convert.features_from_msg(features)
        command = self._navigator.act(known, convert.option_from_msg(option))
        command = self._driven(command, option)
        if seen is not None:
            command = self._keep_away(command, known, option, seen)
        took = (now_ns() - heard) / NS
        message = convert.command_to_msg(command, stamp=option.header.stamp, took_s=took)
        message.trace = extend(option.trace, "navigator", heard)
        self._commands.publish(message)
        self.health.took("navigate", took)

    def _on_twist(self, message: Twist) -> None:
        if self._teleop is not None:
            v, turn = message.linear, message.angular
            self._teleop.heard(v.x, v.y, v.z, turn.z, self.wall_s())

    def _driven(self, own: VelocityCommand, option: m.Option) -> VelocityCommand:
        """Return what somebody outside wants instead, while somebody does; say when that changes."""
        if self._teleop is None:
            return own
        drove = self._teleop.drives
        fresh_s = float(self.values["teleop_fresh_s"])
        command = self._teleop.command(own, self.wall_s(), fresh_s=fresh_s)
        if self._teleop.drives != drove:
            name = "teleop_drives" if self._teleop.drives else "teleop_silent"
            words = f"cmd_vel {'flies the drone' if self._teleop.drives else 'gives the control back'}"
            stamp = option.header.stamp
            self._events.publish(
                event(stamp, kind=m.Event.OPERATOR, source="navigator", name=name, detail=words)
            )
        return command

    def _keep_away(
        self, command: VelocityCommand, features: ObjectFeatures, option: m.Option, seen: m.Detections
    ) -> VelocityCommand:
        avoid = convert.avoid_from_msg(option)
        return self._keeper.limit(command, features, convert.detections_from_msg(seen), avoid)


def main() -> int:
    return run(NavigatorNode)


if __name__ == "__main__":
    sys.exit(main())

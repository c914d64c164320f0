"""The goal selector node: features and mission status in, the option to follow out."""

from __future__ import annotations

import sys
from typing import Any

from reprohrl.contracts.mission import Option
from reprohrl.contracts.planner import Planner
from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.policies.decision import DecisionTrail
from reprohrl.policies.registry import make_planner
from reprohrl.reporting.palette import option_words
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.configuration.goal_selector import GoalSelectorConfig
from ros_nodes.event_kinds import event
from ros_nodes.pairing import Pairing
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import NS, key
from ros_nodes.trace import extend, now_ns

STAGE = "goal_selector"
"""What this stage is called in the chain of those that answer a frame, whichever node does it."""


class GoalSelectorNode(Stage):
    """Decides on every `SELECTOR_EVERY`-th frame of a mission and repeats the option in between."""

    CONFIG = GoalSelectorConfig

    def __init__(self, name: str = "goal_selector", **kwargs: Any) -> None:
        super().__init__(name, **kwargs)

    def make_planner(self) -> Planner:
        """Build the planner; may take long."""
        return make_planner(self.values["planner"])

    def decided(self, stamp: Any, mission_id: int) -> None:
        """Called once each frame's option is on its way."""

    def configure(self) -> None:
        self._planner = self.make_planner()
        self._pairs: Pairing[m.ObjectFeatures, m.MissionStatus] = Pairing()
        self._mission_id = 0
        self._frames = 0
        self._option: Option | None = None
        self._trail = DecisionTrail()
        self._options = self.create_publisher(m.Option, "option", qos.STAGES)
        self._decisions = self.create_publisher(m.Decision, "decision", qos.LATCHED)
        self._events = self.create_publisher(m.Event, "events", qos.EVENTS)
        self.listen(m.ObjectFeatures, "features", self._on_features)
        self.listen(m.MissionStatus, "mission_status", self._on_status)

    def _on_features(self, message: m.ObjectFeatures) -> None:
        self._answer(self._pairs.left(key(message.header.stamp), message))

    def _on_status(self, message: m.MissionStatus) -> None:
        self._answer(self._pairs.right(key(message.header.stamp), message))

    def _answer(self, pair: tuple[m.ObjectFeatures, m.MissionStatus] | None) -> None:
        if pair is None:
            return
        features, status = pair
        heard = now_ns()
        if status.mission_id != self._mission_id:
            self._mission_id, self._frames, self._option = status.mission_id, 0, None
            self._planner.reset(seed=self.values["seed"])
            self._trail.reset()
        if self._option is None or self._frames % SELECTOR_EVERY == 0:
            self._option = self._planner.decide(
                convert.features_from_msg(features), convert.status_from_msg(status)
            )
        self._frames += 1
        took = (now_ns() - heard) / NS
        message = convert.option_to_msg(
            self._option, stamp=status.header.stamp, mission_id=status.mission_id, avoid=status.avoid,
            took_s=took,
        )  # fmt: skip
        message.trace = extend(status.trace, STAGE, heard)
        self._options.publish(message)
        self.health.took("plan", took)
        self._explain(self._option, features, status)
        self.decided(status.header.stamp, status.mission_id)

    def _explain(self, option: Option, features: m.ObjectFeatures, status: m.MissionStatus) -> None:
        """Tell each decision with its reason, once the option is on its way."""
        known = convert.status_from_msg(status)
        seen = known.goal >= 0 and features.values[known.goal * features.columns] > 0
        decision = self._trail.update(option, known, visible=bool(seen))
        if decision is None:
            return
        self._decisions.publish(
            convert.decision_to_msg(decision, stamp=status.header.stamp, mission_id=status.mission_id)
        )
        if decision.switched and status.mission_id:
            self._events.publish(
                event(
                    status.header.stamp, kind=m.Event.DECISION, source=self.get_name(), name="option",
                    detail=f"{option_words(option)}: {decision.reason}",
                )
            )  # fmt: skip


def main() -> int:
    return run(GoalSelectorNode)


if __name__ == "__main__":
    sys.exit(main())

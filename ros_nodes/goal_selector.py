"""The goal selector node: features and mission status in, the option to follow out."""

from __future__ import annotations

import sys
import time
from typing import Any

from reprohrl.contracts.mission import Option
from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.policies.registry import make_planner
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.pairing import Pairing
from ros_nodes.parameters import Parameter
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import key


class GoalSelectorNode(Stage):
    """Decides on every `SELECTOR_EVERY`-th frame of a mission and repeats the option in between."""

    PARAMETERS = (
        Parameter("planner", "learned", "which planner: learned, rule, scripted"),
        Parameter("seed", 0, "seed of the planner", 0, 2**31),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("goal_selector", **kwargs)

    def configure(self) -> None:
        self._planner = make_planner(self.values["planner"])
        self._pairs: Pairing[m.ObjectFeatures, m.MissionStatus] = Pairing()
        self._mission_id = 0
        self._frames = 0
        self._option: Option | None = None
        self._options = self.create_publisher(m.Option, "option", qos.STAGES)
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
        began = time.perf_counter()
        if status.mission_id != self._mission_id:
            self._mission_id, self._frames, self._option = status.mission_id, 0, None
            self._planner.reset(seed=self.values["seed"])
        if self._option is None or self._frames % SELECTOR_EVERY == 0:
            self._option = self._planner.decide(
                convert.features_from_msg(features), convert.status_from_msg(status)
            )
        self._frames += 1
        took = time.perf_counter() - began
        self._options.publish(
            convert.option_to_msg(
                self._option, stamp=status.header.stamp, mission_id=status.mission_id, took_s=took
            )
        )


def main() -> int:
    return run(GoalSelectorNode)


if __name__ == "__main__":
    sys.exit(main())

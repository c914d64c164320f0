"""The navigator node: features and option in, a velocity command out."""

from __future__ import annotations

import sys
from typing import Any

from reprohrl.policies.registry import make_navigator
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.configuration.navigator import NavigatorConfig
from ros_nodes.pairing import Pairing
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import NS, key
from ros_nodes.trace import extend, now_ns


class NavigatorNode(Stage):
    """Publishes `raw_command`, which only the supervisor hears."""

    CONFIG = NavigatorConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("navigator", **kwargs)

    def configure(self) -> None:
        self._navigator = make_navigator(self.values["navigator"])
        self._pairs: Pairing[m.ObjectFeatures, m.Option] = Pairing()
        self._mission_id = 0
        self._commands = self.create_publisher(m.Command, "raw_command", qos.STAGES)
        self.listen(m.ObjectFeatures, "features", self._on_features)
        self.listen(m.Option, "option", self._on_option)

    def _on_features(self, message: m.ObjectFeatures) -> None:
        self._answer(self._pairs.left(key(message.header.stamp), message))

    def _on_option(self, message: m.Option) -> None:
        self._answer(self._pairs.right(key(message.header.stamp), message))

    def _answer(self, pair: tuple[m.ObjectFeatures, m.Option] | None) -> None:
        if pair is None:
            return
        features, option = pair
        heard = now_ns()
        if option.mission_id != self._mission_id:
            self._mission_id = option.mission_id
            self._navigator.reset(seed=self.values["seed"])
        command = self._navigator.act(convert.features_from_msg(features), convert.option_from_msg(option))
        took = (now_ns() - heard) / NS
        message = convert.command_to_msg(command, stamp=option.header.stamp, took_s=took)
        message.trace = extend(option.trace, "navigator", heard)
        self._commands.publish(message)
        self.health.took("navigate", took)


def main() -> int:
    return run(NavigatorNode)


if __name__ == "__main__":
    sys.exit(main())

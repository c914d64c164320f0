"""The language planner node: a goal selector that reads, beside the flight, and says why it decides."""

from __future__ import annotations

import sys
from typing import Any

from reprohrl.contracts.planner import Planner
from reprohrl.language.free import FREE
from reprohrl.language.models.model import LanguageModel
from reprohrl.planners.asynchronous import Asynchronous
from reprohrl.planners.registry import make_planner
from reprohrl.planners.trace import Explains, Trace
from reprohrl.planners.worker import Thinking
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.configuration.language_planner import LanguagePlannerConfig, settings_of
from ros_nodes.event_kinds import event
from ros_nodes.goal_selector import GoalSelectorNode
from ros_nodes.operator_desk import OperatorDesk
from ros_nodes.stage import run
from ros_nodes.words_action import WordsAction


class LanguagePlannerNode(GoalSelectorNode):
    """Answers every frame as the goal selector does; the model thinks in a thread of its own.

    While it thinks, fails, or names nothing legal, the learned selector decides, and the trace says why.
    """

    CONFIG = LanguagePlannerConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("language_planner", **kwargs)

    def configure(self) -> None:
        super().configure()
        self._model = str(settings_of(self.values))
        self._totals = {"decisions": 0, "fallbacks": 0, "tokens": 0}
        self._cost = 0.0
        self._traces = self.create_publisher(m.PlannerTrace, "planner_trace", qos.EVENTS)
        self._desk = OperatorDesk(self)
        self._words = WordsAction(self, self._desk, self._reader())
        self.every(0.1, self._desk.watch)

    def make_planner(self) -> Planner:
        """Study the document, too, where there is one: that takes the time of its questions."""
        return make_planner(
            self.values["planner"], settings_of(self.values), thinking=Thinking.THREAD,
            progress=self.get_logger().info,
        )  # fmt: skip

    def _reader(self) -> LanguageModel | None:
        """Return the model that reads what the grammar cannot, where there is one that can."""
        able = self.values["lm"] in FREE and isinstance(self._planner, Asynchronous)
        return self._planner.model if able else None

    def deactivate(self) -> None:
        self._words.stop("the language planner is taken down")
        self._desk.close()
        if isinstance(self._planner, Asynchronous):
            self._planner.close()

    def decided(self, stamp: Any, mission_id: int) -> None:
        if not isinstance(self._planner, Explains):
            return
        for trace in self._planner.traces():
            self._tell(trace, stamp, mission_id)
        self.health.tell("thinking", "yes" if getattr(self._planner, "waiting", False) else "no")
        self.health.warning = getattr(self._planner, "trouble", "")

    def _tell(self, trace: Trace, stamp: Any, mission_id: int) -> None:
        self._traces.publish(
            convert.trace_to_msg(trace, stamp=stamp, mission_id=mission_id, model=self._model)
        )
        self._totals["fallbacks" if trace.fallback else "decisions"] += 1
        self._totals["tokens"] += trace.tokens
        self._cost += trace.cost
        self.health.took("think", trace.seconds)
        self.health.tell("model", self._model)
        for what, many in self._totals.items():
            self.health.tell(what, str(many))
        self.health.tell("cost [USD]", f"{self._cost:.4f}")
        if trace.fallback:
            self._events.publish(
                event(
                    stamp, kind=m.Event.DECISION, severity=m.Event.WARN, source="language_planner",
                    name="fallback", detail=trace.sentence(),
                )
            )  # fmt: skip


def main() -> int:
    return run(LanguagePlannerNode)


if __name__ == "__main__":
    sys.exit(main())

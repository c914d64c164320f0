"""The operator of a test: gives missions in words, hears the planner's traces and questions, answers them."""

from __future__ import annotations

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.action import ActionClient

from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from reprohrl_msgs.action import FlyWords
from ros_nodes import qos
from tests.ros.probe import Probe


class Operator(Probe):
    def __init__(self, name: str = "operator") -> None:
        super().__init__(name)
        self.traces: list[Any] = []
        self.questions: list[Any] = []
        self.health: dict[str, Any] = {}  # newest diagnostics by node
        self.told: list[Any] = []
        for kind, topic, handle in (
            (m.PlannerTrace, "planner_trace", self.traces.append),
            (m.Question, "question", self.questions.append),
        ):
            self.node.create_subscription(kind, topic, handle, qos.EVENTS)
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 50)
        self.words = ActionClient(self.node, FlyWords, "fly_words")
        self.answers = self.node.create_client(srv.AnswerQuestion, "answer_question")
        self.asks = self.node.create_client(srv.AskOperator, "ask_operator")

    def ready(self) -> None:
        """Wait for a graph that is up."""
        self.until(lambda: (s := self.newest("graph_status")) is not None and s.ready, "the graph", 90.0)
        self.until(self.words.server_is_ready, "fly_words", 40.0)

    def say(self, words: str, *, confirm: bool = False) -> Any:
        """Give a mission in words; returns the goal's handle."""
        goal = FlyWords.Goal(words=words, confirm=confirm)
        sent = self.words.send_goal_async(goal, feedback_callback=lambda f: self.told.append(f.feedback))
        self.until(sent.done, "the goal's answer")
        return sent.result()

    def asked(self, words: str = "") -> Any:
        """Wait for an open question with `words` in it, and return it."""

        def found() -> Any:
            newest = {q.id: q for q in self.questions}
            return next((q for q in newest.values() if q.open and words in q.text), None)

        return self.until(found, f"a question {words!r}", 30.0)

    def answer(self, question: Any, words: str) -> Any:
        return self.call(self.answers, srv.AnswerQuestion.Request(id=question.id, answer=words))

    def _on_diagnostics(self, message: Any) -> None:
        for status in message.status:
            self.health[status.name.strip("/")] = status

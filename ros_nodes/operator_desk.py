"""What the operator is asked and answers: one topic, two services, a deadline for each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future

from reprohrl.contracts.vocabulary import did_you_mean
from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from ros_nodes import convert, qos

if TYPE_CHECKING:
    from ros_nodes.stage import Stage

MOST_OPEN = 8


@dataclass(slots=True)
class Asked:
    """An open question; `answer` gets the words, or "" at the deadline [s, wall time]."""

    message: m.Question
    deadline: float
    answer: Future = field(default_factory=Future)


def chosen(answer: str, choices: Sequence[str]) -> str:
    """Return the choice that an answer means, by its words or its number; "" for none of them."""
    words = answer.strip()
    if not choices:
        return words
    if words.isdigit() and 1 <= int(words) <= len(choices):
        return choices[int(words) - 1]
    return next((c for c in choices if c.lower() == words.lower()), "")


class OperatorDesk:
    """Publishes questions, newest last, and gives out their answers."""

    def __init__(self, node: Stage) -> None:
        self._node = node
        self._open: dict[int, Asked] = {}
        self._count = 0
        self._questions = node.create_publisher(m.Question, "question", qos.EVENTS)
        # It answers late: in the node's own group it would keep all other callbacks waiting meanwhile.
        late = ReentrantCallbackGroup()
        node.create_service(srv.AskOperator, "ask_operator", self._on_ask, callback_group=late)
        node.create_service(srv.AnswerQuestion, "answer_question", self._on_answer)

    async def ask(
        self, text: str, choices: Sequence[str] = (), *, about: str = "", timeout_s: float = 0.0
    ) -> str:
        """Return the operator's answer, "" when none came in time."""
        asked = self.open(text, choices, about=about, timeout_s=timeout_s)
        return str(await asked.answer) if asked is not None else ""

    def open(
        self, text: str, choices: Sequence[str] = (), *, about: str = "", timeout_s: float = 0.0
    ) -> Asked | None:
        """Publish a question; None when too many wait for an answer already."""
        if len(self._open) >= MOST_OPEN:
            return None
        self._count += 1
        patience = timeout_s if timeout_s > 0 else float(self._node.values["answer_s"])
        message = m.Question(id=self._count, text=text, about=about, choices=list(choices), open=True)
        asked = Asked(message, self._node.wall_s() + patience)
        self._open[self._count] = asked
        self._publish(message)
        self._node.get_logger().info(f"question {self._count}: {text} [{', '.join(choices)}]")
        return asked

    def watch(self) -> None:
        """Close the questions whose time is over."""
        now = self._node.wall_s()
        for number in [n for n, asked in self._open.items() if now > asked.deadline]:
            self._settle(number, "")

    def close(self) -> None:
        """Wait for no answer any more."""
        for number in list(self._open):
            self._settle(number, "")

    def withdraw(self, number: int) -> None:
        if number in self._open:
            self._settle(number, "")

    async def _on_ask(
        self, request: srv.AskOperator.Request, response: srv.AskOperator.Response
    ) -> srv.AskOperator.Response:
        if not self._node.active or not request.question.strip():
            response.message = "the question is empty" if self._node.active else "the node is not active"
            return response
        asked = self.open(request.question, request.choices, timeout_s=request.timeout_s)
        if asked is None:
            response.message = f"{MOST_OPEN} questions wait already"
            return response
        response.answer = str(await asked.answer)
        response.answered = bool(response.answer)
        response.message = "" if response.answered else "nobody answered in time"
        return response

    def _on_answer(
        self, request: srv.AnswerQuestion.Request, response: srv.AnswerQuestion.Response
    ) -> srv.AnswerQuestion.Response:
        number = request.id or min(self._open, default=0)
        if number not in self._open:
            waiting = ", ".join(map(str, self._open)) or "none"
            response.message = f"question {number} waits for no answer; open: {waiting}"
            return response
        choices = self._open[number].message.choices
        answer = chosen(request.answer, choices)
        if not answer:
            guess = did_you_mean(request.answer, list(choices)) if choices else ""
            said = f"{request.answer!r} is no answer; there are: {', '.join(choices)}"
            response.message = (said + (f" ({guess})" if guess else "")) if choices else "the answer is empty"
            return response
        self._settle(number, answer)
        response.success = True
        return response

    def _settle(self, number: int, answer: str) -> None:
        asked = self._open.pop(number)
        asked.message.open, asked.message.answer = False, answer
        self._publish(asked.message)
        asked.answer.set_result(answer)

    def _publish(self, message: m.Question) -> None:
        message.header = convert.header(self._node.get_clock().now().to_msg(), convert.BASE)
        self._questions.publish(message)

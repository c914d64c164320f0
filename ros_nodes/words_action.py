"""The FlyWords action: reads a mission in words, asks where it is not clear, has the mission node fly it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from rclpy.action import ActionClient, ActionServer, CancelResponse, GoalResponse
from rclpy.task import Future

from reprohrl.language.answering import answered
from reprohrl.language.free import read_with_model
from reprohrl.language.models.model import LanguageModel
from reprohrl.language.parse import parse_mission
from reprohrl.language.parsed import Parsed, Remark
from reprohrl.language.plain import mission_to_plain
from reprohrl_msgs import msg as m
from reprohrl_msgs.action import FlyMission, FlyWords
from ros_nodes import qos
from ros_nodes.fly_mission import AGAIN_S, ATTEMPTS

if TYPE_CHECKING:
    from ros_nodes.operator_desk import OperatorDesk
    from ros_nodes.stage import Stage

MOST_QUESTIONS = 6
GRAMMAR = "grammar"
LOOK_S = 0.1
YES, NO = "fly", "do not fly"


class WordsAction:
    """One mission in words at a time. `stop` ends it whatever it waits for."""

    def __init__(self, node: Stage, desk: OperatorDesk, model: LanguageModel | None = None) -> None:
        """`model` reads what the grammar cannot; what it read is always shown before it is flown."""
        self._node, self._desk, self._model = node, desk, model
        self._busy = False
        self._question = 0
        self._stopped = ""
        self._flight: Any = None  # the goal handle at the mission node
        self._feedback = FlyWords.Feedback()
        self._refusal = ""
        self._flown = Future()  # the mission node's result, None when that node died
        node.listen(m.Event, "events", self._on_event, qos.EVENTS)
        self._fly = ActionClient(node, FlyMission, "fly_mission")
        self._server = ActionServer(
            node, FlyWords, "fly_words", self._execute,
            goal_callback=self._on_goal, cancel_callback=self._on_cancel,
        )  # fmt: skip

    def stop(self, why: str) -> None:
        """Withdraw what is asked, or cancel what is flown."""
        self._stopped = self._stopped or why
        self._desk.withdraw(self._question)
        if self._flight is not None:
            self._flight.cancel_goal_async()

    def _on_goal(self, goal: FlyWords.Goal) -> GoalResponse:
        if not self._node.active or self._busy or not goal.words.strip():
            why = "no words" if not goal.words.strip() else "another mission in words is under way"
            self._node.get_logger().error(
                f"refused: {why if self._node.active else 'the node is not active'}"
            )
            return GoalResponse.REJECT
        self._busy = True
        return GoalResponse.ACCEPT

    def _on_cancel(self, goal_handle: Any) -> CancelResponse:
        self.stop("cancelled by the operator")
        return CancelResponse.ACCEPT

    async def _execute(self, goal_handle: Any) -> FlyWords.Result:
        self._stopped, self._feedback, self._flight = "", FlyWords.Feedback(), None
        try:
            result = await self._read_and_fly(goal_handle)
        finally:
            self._busy = False
        if goal_handle.is_cancel_requested:
            goal_handle.canceled()
        elif result.success:
            goal_handle.succeed()
        else:
            goal_handle.abort()
        return result

    async def _read_and_fly(self, goal_handle: Any) -> FlyWords.Result:
        asked = goal_handle.request
        parsed = await self._read(asked.words, asked.language)
        questions = 0
        while parsed.questions and not parsed.refusals and questions < MOST_QUESTIONS:
            questions += 1
            question = parsed.questions[0]
            about = parsed.text[question.start : question.end]
            answer = await self._ask(goal_handle, question, about)
            if not answer:
                return self._lost(parsed, f"nobody answered: {question.text}")
            parsed = answered(parsed, answer)
        if parsed.mission is None:
            return self._lost(parsed, _why_not(parsed))
        self._feedback.understood = list(parsed.understood)
        self._feedback.notes = [note.text for note in parsed.notes]
        goal_handle.publish_feedback(self._feedback)
        if asked.confirm or questions or parsed.source != GRAMMAR:  # what was not said plainly is shown first
            whole = Remark("; ".join(parsed.understood) + "?", choices=(YES, NO))
            if await self._ask(goal_handle, whole, parsed.text) != YES:
                return self._lost(parsed, "the operator did not confirm the mission")
        return await self._have_it_flown(goal_handle, parsed)

    async def _read(self, words: str, language: str) -> Parsed:
        """Read by the grammar; where that refuses or asks, by the model in a thread of its own."""
        parsed = parse_mission(words, language=language)
        if parsed.ok or self._model is None:
            return parsed
        model, found = self._model, list[Parsed]()
        timeout_s = float(self._node.values["timeout_s"])

        def read() -> None:
            found.append(read_with_model(words, model, timeout_s=timeout_s))

        thread = threading.Thread(target=read, daemon=True, name="reading a mission")
        thread.start()
        while thread.is_alive() and not self._stopped:
            await self._pause(LOOK_S)
        return found[0] if found and (found[0].ok or not parsed.questions) else parsed

    async def _ask(self, goal_handle: Any, remark: Remark, about: str) -> str:
        if self._stopped:
            return ""
        asked = self._desk.open(remark.text, remark.choices, about=about)
        if asked is None:
            return ""
        self._question = asked.message.id
        f = self._feedback
        f.question, f.question_id, f.choices = remark.text, asked.message.id, list(remark.choices)
        goal_handle.publish_feedback(f)
        answer = str(await asked.answer)
        f.question, f.question_id, f.choices, self._question = "", 0, [], 0
        return answer

    async def _have_it_flown(self, goal_handle: Any, parsed: Parsed) -> FlyWords.Result:
        if self._stopped:
            return self._lost(parsed, self._stopped)
        if not self._fly.server_is_ready() or parsed.mission is None:
            return self._lost(parsed, "the mission node does not answer")
        goal = FlyMission.Goal(mission=json.dumps(mission_to_plain(parsed.mission)))
        self._flight = await self._accepted(goal_handle, goal)
        if self._flight is None:
            return self._lost(parsed, f"the mission node refused the mission: {self._refusal}")
        if self._stopped:
            self._flight.cancel_goal_async()
        self._flown = Future()
        result = self._flight.get_result_async()
        result.add_done_callback(lambda answer: self._flown.set_result(answer.result().result))
        done = await self._flown
        self._flight = None
        if done is None:
            return self._lost(parsed, "the mission node died; the drone lands")
        return FlyWords.Result(
            success=done.success, understood=list(parsed.understood), reached=list(done.reached),
            reason=done.reason, elapsed_s=done.elapsed_s, run_dir=done.run_dir,
        )  # fmt: skip

    async def _accepted(self, goal_handle: Any, goal: FlyMission.Goal) -> Any:
        """Return the flight's handle, None where the mission node goes on refusing."""
        self._refusal = "its log says why"
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._pause(AGAIN_S)
            sent = await self._fly.send_goal_async(
                goal, feedback_callback=lambda f: self._pass_on(goal_handle, f.feedback)
            )
            if sent.accepted:
                return sent
            if self._stopped:
                break
        return None

    async def _pause(self, seconds: float) -> None:
        over = Future()
        timer = self._node.create_timer(seconds, lambda: over.set_result(None), clock=self._node.wall)
        await over
        self._node.destroy_timer(timer)

    def _on_event(self, message: m.Event) -> None:
        if message.name == "mission_refused":
            self._refusal = message.detail
        reborn = message.name == "node_restarted" and message.detail.startswith("mission:")
        if reborn and not self._flown.done():
            self._flown.set_result(None)

    def _pass_on(self, goal_handle: Any, flown: FlyMission.Feedback) -> None:
        f = self._feedback
        f.index, f.goal, f.option, f.elapsed_s = flown.index, flown.goal, flown.option, flown.elapsed_s
        if goal_handle.is_active:
            goal_handle.publish_feedback(f)

    def _lost(self, parsed: Parsed, why: str) -> FlyWords.Result:
        reason = self._stopped or why
        self._node.get_logger().error(f"not flown: {reason}")
        return FlyWords.Result(understood=list(parsed.understood), reason=reason)


def _why_not(parsed: Parsed) -> str:
    """Return the first refusal or question with the words it is about."""
    remarks = (*parsed.refusals, *parsed.questions)
    if not remarks:
        return "the words say nothing to do"
    place = parsed.text[remarks[0].start : remarks[0].end]
    return f'"{place}": {remarks[0].text}' if place else remarks[0].text

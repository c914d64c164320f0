"""A planner that flies its current option while its thinker thinks, and never waits for it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import MissionStatus, Option
from reprohrl.contracts.planner import Planner
from reprohrl.language.models.model import LanguageModel
from reprohrl.language.render import Rendering, render
from reprohrl.mission.ordered import ordered_option
from reprohrl.planners.legal import TOWARDS, Candidate, followed, known, legal, open_goals, sane
from reprohrl.planners.thinker import Request, Thinker
from reprohrl.planners.trace import Trace
from reprohrl.planners.worker import Job, Thinking, Worker

KEPT_TRACES = 64


@dataclass(frozen=True, slots=True)
class Patience:
    """Flight time [s]: of one thought, between thoughts while nothing happens, and after a failed one."""

    think_s: float = 60.0
    again_s: float = 10.0
    first_retry_s: float = 2.0
    longest_retry_s: float = 30.0


class Asynchronous:
    """Asks its thinker when something happened; its decision is flown until the next one.

    A thought that is late, fails, or names nothing legal is replaced by the fallback, with the reason in
    the trace. Whatever the thinker says, only options out of `legal` leave this planner.
    """

    def __init__(
        self, thinker: Thinker, fallback: Planner, *, patience: Patience | None = None,
        thinking: Thinking = Thinking.THREAD, rendering: Rendering | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.name = thinker.name
        self.patience = patience or Patience()
        self._thinker, self._fallback = thinker, fallback
        self._thinking, self._now = thinking, now
        self._rendering = rendering
        self._worker = Worker(thinker, thinking, now=now)
        self._traces: deque[Trace] = deque(maxlen=KEPT_TRACES)
        self._forget()

    def reset(self, *, seed: int = 0) -> None:
        self._worker.leave()
        self._fallback.reset(seed=seed)
        self._thinker.reset(seed=seed)
        self._traces.clear()
        self._forget()

    def _forget(self) -> None:
        self._choice: Option | None = None
        self._offered: tuple[Candidate, ...] = ()
        self._situation: object = None
        self._next_ask = float("-inf")
        self._failures = 0
        self._trouble = ""
        self._before, self._chosen_before = "", ""
        self._stamp = 0.0

    @property
    def waiting(self) -> bool:
        return self._worker.busy

    @property
    def model(self) -> LanguageModel | None:
        """The language model its thinker asks, where it asks one."""
        return getattr(self._thinker, "model", None)

    @property
    def trouble(self) -> str:
        """Why the fallback flies; "" while the thinker's decisions do."""
        return self._trouble

    def traces(self) -> list[Trace]:
        found = list(self._traces)
        self._traces.clear()
        return found

    def close(self) -> None:
        """Wait for nothing; a thought still under way is noted as one that came too late."""
        if self._worker.busy:
            self._worker.leave()
            self._fail(None, self._stamp, "the flight ended before the decision")

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        features = sane(features)
        self._stamp = features.stamp
        ordered = ordered_option(features, status)
        if ordered is not None:
            return ordered
        self._collect(features, status)
        if self._should_ask(features, status):
            self._ask(features, status)
            if self._thinking is Thinking.INLINE:
                self._collect(features, status)
        option = followed(self._choice, features, status) if self._choice is not None else None
        if option is None:
            self._choice = None
            option = self._safe_fallback(features, status)
        return option

    def _should_ask(self, features: ObjectFeatures, status: MissionStatus) -> bool:
        if self._worker.busy:
            return False
        if self._failures:
            return features.stamp >= self._next_ask
        return self._situation != _situation(features, status) or features.stamp >= self._next_ask

    def _ask(self, features: ObjectFeatures, status: MissionStatus) -> None:
        self._offered = legal(features, status)
        self._situation = _situation(features, status)
        observation = render(features, status, rendering=self._rendering)
        request = Request(
            observation, tuple(c.phrase for c in self._offered), features.stamp, self.patience.think_s,
            self._before, self._chosen_before,
        )  # fmt: skip
        if not self._worker.ask(request):
            self._fail(None, features.stamp, f"{self._worker.stuck} thoughts hang")

    def _collect(self, features: ObjectFeatures, status: MissionStatus) -> None:
        stamp = features.stamp
        job = self._worker.poll(stamp)
        if job is not None:
            self._take(job, features, status)
        elif self._worker.waited_s(stamp) > self.patience.think_s:
            self._worker.leave()
            self._fail(None, stamp, f"no decision within {self.patience.think_s:g} s")

    def _take(self, job: Job, features: ObjectFeatures, status: MissionStatus) -> None:
        thought, stamp = job.thought, features.stamp
        if thought is None:
            return self._fail(job, stamp, job.error or "the thinker returned nothing")
        if not (isinstance(thought.index, int) and 0 <= thought.index < len(self._offered)):
            return self._fail(job, stamp, thought.reason or "nothing legal was chosen")
        chosen = self._offered[thought.index]
        if followed(chosen.option, features, status) is None:
            return self._fail(job, stamp, f'"{chosen.phrase}" is over meanwhile', patient=False)
        self._choice = chosen.option
        self._failures, self._trouble = 0, ""
        self._next_ask = stamp + self.patience.again_s
        self._before, self._chosen_before = job.request.observation, chosen.phrase
        self._traces.append(
            Trace(
                self.name, job.request.stamp, stamp, job.seconds, chosen.phrase, thought.reason, thought.steps
            )
        )

    def _fail(self, job: Job | None, stamp: float, why: str, *, patient: bool = True) -> None:
        self._choice, self._trouble = None, why
        if patient:
            wait = min(self.patience.first_retry_s * 2**self._failures, self.patience.longest_retry_s)
            self._failures += 1
            self._next_ask = stamp + wait
        else:
            self._situation = None
        asked = job.request.stamp if job is not None else stamp
        steps = job.thought.steps if job is not None and job.thought is not None else ()
        seconds = job.seconds if job is not None else 0.0
        self._traces.append(Trace(self.name, asked, stamp, seconds, "", "", steps, why))

    def _safe_fallback(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        """Return the fallback's option, turned to the current goal where it names one that is not open."""
        option = self._fallback.decide(features, status)
        if option.kind in TOWARDS and option.goal not in open_goals(status):
            again = followed(replace(option, goal=status.goal), features, status)
            return again if again is not None else option
        return option


def _situation(features: ObjectFeatures, status: MissionStatus) -> object:
    """Return what makes a new decision worth its time when it changes."""
    goals = sorted(open_goals(status))  # whichever is the current one: a choice makes no new situation
    kinds = tuple((c.option.kind, c.option.goal) for c in legal(features, status) if c.option.goal < 0)
    return status.index, tuple(goals), tuple(known(features, g) for g in goals), kinds

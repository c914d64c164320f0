"""What every planner keeps: learned, rule, scripted, and those that read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from reprohrl.contracts.mission import MissionPhase, OptionKind
from reprohrl.planners.asynchronous import Asynchronous, Patience
from reprohrl.planners.registry import PLANNERS as NAMES
from reprohrl.planners.thinker import Request, Thinker, Thought
from reprohrl.planners.trace import Trace
from reprohrl.planners.worker import MOST_STUCK, Thinking
from reprohrl.policies.registry import make_planner
from tests.contract.planners import PLANNERS, READING, flight, is_open, is_proper, reading


def test_the_suite_knows_every_planner() -> None:
    assert set(PLANNERS) == set(NAMES)


@pytest.mark.parametrize("name", PLANNERS)
@pytest.mark.parametrize("garbage", [False, True], ids=["plain", "garbage"])
def test_options_are_legal_whatever_the_detector_says(name: str, garbage: bool) -> None:
    planner = PLANNERS[name]()
    assert planner.name == name
    for seed in range(2):
        planner.reset(seed=seed)
        for moment in flight(seed, frames=20 if garbage else 70 - 40 * seed, garbage=garbage):
            option = planner.decide(moment.features, moment.status)
            assert not (wrong := is_proper(option, moment)), wrong
            if name in READING and moment.status.phase is MissionPhase.ACTIVE:
                assert not (wrong := is_open(option, moment)), wrong


@pytest.mark.parametrize("name", PLANNERS)
def test_the_same_seed_gives_the_same_options(name: str) -> None:
    planner = PLANNERS[name]()

    def options() -> list[tuple[OptionKind, int]]:
        planner.reset(seed=5)
        said = [planner.decide(m.features, m.status) for seed in (5, 2, 4) for m in flight(seed, frames=25)]
        return [(o.kind, o.goal) for o in said]

    first = options()
    for moment in flight(6, frames=7):  # another mission between leaves nothing behind
        planner.decide(moment.features, moment.status)
    assert options() == first and len(set(first)) > 1


@pytest.mark.parametrize("name", PLANNERS)
@pytest.mark.parametrize(
    ("phase", "kind"),
    [
        (MissionPhase.PAUSED, OptionKind.HOLD),
        (MissionPhase.RETURNING, OptionKind.RETURN),
        (MissionPhase.SUCCEEDED, OptionKind.LAND),
        (MissionPhase.FAILED, OptionKind.LAND),
        (MissionPhase.CANCELLED, OptionKind.LAND),
    ],
)
def test_a_mission_that_is_not_active_has_its_option(
    name: str, phase: MissionPhase, kind: OptionKind
) -> None:
    from dataclasses import replace

    planner, moment = PLANNERS[name](), next(flight(1))
    status = replace(moment.status, phase=phase)
    assert planner.decide(moment.features, status).kind is kind


class Faulty:
    """A thinker that goes wrong in one way, for good or for its first times."""

    name, deterministic = "faulty", True

    def __init__(self, fault: Callable[[Request], object], times: int | None = None) -> None:
        self._fault, self._times = fault, times
        self.asked = 0

    def reset(self, *, seed: int = 0) -> None:
        self.asked = 0

    def think(self, request: Request) -> Thought:
        self.asked += 1
        if self._times is not None and self.asked > self._times:
            return Thought(0, "well again")
        return self._fault(request)  # type: ignore[return-value]


def _crash(request: Request) -> object:
    raise ZeroDivisionError("a bug")


FAULTS = {
    "crashing": (_crash, "ZeroDivisionError: a bug"),
    "lying": (lambda r: Thought(99, ""), "nothing legal was chosen"),
    "negative": (lambda r: Thought(-1, "named nothing"), "named nothing"),
    "silent": (lambda r: None, "the thinker returned nothing"),
    "babbling": (lambda r: Thought("fly through the wall", ""), "nothing legal was chosen"),  # type: ignore[arg-type]
    "true": (lambda r: Thought(True, ""), ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_thinker_leaves_the_flight_to_the_learned_selector_with_a_reason(fault: str) -> None:
    what, why = FAULTS[fault]
    planner, learned = reading(Faulty(what)), make_planner("learned")
    traces: list[Trace] = []
    for moment in flight(3, frames=30):
        option = planner.decide(moment.features, moment.status)
        traces += planner.traces()
        assert not (wrong := is_proper(option, moment)), wrong
        expected = learned.decide(moment.features, moment.status)
        if why and expected.goal in (-1, *moment.status.open):
            assert (option.kind, option.goal) == (expected.kind, expected.goal)
    if why:
        assert traces and all(why in t.fallback and not t.option for t in traces)
        assert why in planner.trouble
        assert len(traces) < 12, "it is asked less and less often"


def test_a_thinker_that_recovers_decides_again() -> None:
    planner = reading(Faulty(_crash, times=2))
    for moment in flight(3, frames=40):
        planner.decide(moment.features, moment.status)
    said = planner.traces()
    assert [bool(t.fallback) for t in said[:3]] == [True, True, False] and planner.trouble == ""


class Slow:
    """Thinks until it is let go."""

    name, deterministic = "slow", False

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def reset(self, *, seed: int = 0) -> None: ...

    def think(self, request: Request) -> Thought:
        self.asked += 1
        self.go.wait(30.0)
        return Thought(len(request.candidates) - 1, "at last")


def beside(thinker: Thinker, think_s: float) -> Asynchronous:
    """A planner that thinks in a thread, on a wall clock that stands still: only flight time passes."""
    patience = Patience(think_s=think_s)
    return Asynchronous(
        thinker, make_planner("learned"), patience=patience, thinking=Thinking.THREAD, now=lambda: 0.0
    )


def test_a_hanging_thinker_is_given_up_and_the_drone_never_waits() -> None:
    thinker = Slow()
    planner, moments = beside(thinker, 2.0), list(flight(3, frames=60))
    traces: list[Trace] = []
    try:
        for moment in moments:
            option = planner.decide(moment.features, moment.status)
            traces += planner.traces()
            assert not (wrong := is_proper(option, moment)), wrong
        assert "no decision within 2 s" in traces[0].fallback
        assert thinker.asked == MOST_STUCK, "no more threads hang than that"
        assert "hang" in traces[-1].fallback
    finally:
        thinker.go.set()
    deadline = time.monotonic() + 10.0
    while planner._worker.stuck and time.monotonic() < deadline:
        time.sleep(0.01)
    assert planner._worker.stuck == 0, "threads that come back are forgotten, with what they say"


def test_the_option_stays_while_the_next_thought_takes_its_time() -> None:
    thinker = Slow()
    planner, moments = beside(thinker, 60.0), list(flight(3, frames=60))
    thinker.go.set()
    first = planner.decide(moments[0].features, moments[0].status)
    assert first.kind in OptionKind
    deadline = time.monotonic() + 10.0
    while planner.waiting and not planner._worker._job.done.is_set() and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.005)
    chosen = planner.decide(moments[1].features, moments[1].status)
    assert chosen.kind is OptionKind.HOLD, "the last candidate is to hold"
    thinker.go.clear()
    try:
        for moment in moments[2:25]:
            if moment.status.phase is MissionPhase.ACTIVE:
                assert planner.decide(moment.features, moment.status).kind is OptionKind.HOLD
        assert planner.waiting and thinker.asked >= 2
    finally:
        thinker.go.set()


def test_reset_forgets_a_thought_under_way() -> None:
    thinker = Slow()
    planner, moments = beside(thinker, 60.0), list(flight(3, frames=4))
    planner.decide(moments[0].features, moments[0].status)
    assert planner.waiting
    planner.reset(seed=0)
    assert not planner.waiting and planner.traces() == []
    thinker.go.set()


LEAVING = """
import threading, time
from reprohrl.planners.thinker import Request, Thought
from reprohrl.planners.worker import Thinking, Worker

class Long:
    name, deterministic = "long", False
    def reset(self, *, seed=0): ...
    def think(self, request):
        print("thinking", flush=True)
        request.given_up.wait(60.0)
        time.sleep(0.2)
        print("came back", flush=True)
        return Thought(0, "")

worker = Worker(Long(), Thinking.THREAD)
worker.ask(Request("", ("hold",), 0.0, 60.0))
"""


def test_a_process_that_ends_tells_its_thinker_and_lets_it_come_back() -> None:
    """A thread inside torch at the interpreter's end aborts the process: no exit status, no report."""
    import subprocess
    import sys

    left = subprocess.run([sys.executable, "-c", LEAVING], capture_output=True, text=True, timeout=60)
    assert left.returncode == 0, left.stderr
    assert left.stdout.split("\n")[:2] == ["thinking", "came back"]


def test_a_thought_that_outlasts_the_flight_is_noted() -> None:
    thinker = Slow()
    planner, moments = beside(thinker, 60.0), list(flight(3, frames=3))
    try:
        for moment in moments:
            planner.decide(moment.features, moment.status)
        planner.close()
        (trace,) = planner.traces()
        assert trace.fallback == "the flight ended before the decision"
        assert trace.stamp == moments[-1].features.stamp and not planner.waiting
    finally:
        thinker.go.set()

"""Who belongs to the graph, in what state, and which transition comes next. Pure: no ROS, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ros_nodes.graces import grace_s


class Primary(IntEnum):
    """As in lifecycle_msgs/State."""

    UNKNOWN = 0
    UNCONFIGURED = 1
    INACTIVE = 2
    ACTIVE = 3
    FINALIZED = 4


class Step(IntEnum):
    """As in lifecycle_msgs/Transition."""

    CONFIGURE = 1
    CLEANUP = 2
    ACTIVATE = 3
    DEACTIVATE = 4
    SHUTDOWN = 5


REACHES = {
    Step.CONFIGURE: Primary.INACTIVE,
    Step.CLEANUP: Primary.UNCONFIGURED,
    Step.ACTIVATE: Primary.ACTIVE,
    Step.DEACTIVATE: Primary.INACTIVE,
    Step.SHUTDOWN: Primary.FINALIZED,
}
DOWNWARD = {
    Primary.ACTIVE: Step.DEACTIVATE,
    Primary.INACTIVE: Step.CLEANUP,
    Primary.UNCONFIGURED: Step.SHUTDOWN,
}
UP_S = 60.0
"""Wall time a transition upward may take: models load."""

MORE_S = 10.0
"""Wall time a transition downward may take beyond what the node needs to end: it may be busy first."""

HUNG_S = 3.0
"""Silence after which a node that may be started again is hung, although its process lives."""

STALL_S = 0.5
"""A longer time between two steps is a stall of the roster's own, in which it may have missed heartbeats."""

UNHEARD_S = 3.0
"""A node that goes on beating in its old state this long after a request never got it."""

GONE_S = 5.0
"""Silence after which a node need not be taken down any more: a busy one may be late with its heartbeat."""

WORDS_S = 1.0
"""What is waited for the words of a node that refused."""

ATTEMPTS = 3
"""Requests without any effect after which a node counts as failed."""


@dataclass(slots=True)
class Member:
    """One managed node. Times are seconds of the caller's clock; -1: never."""

    name: str
    critical: bool = True
    state: Primary = Primary.UNKNOWN
    session: str = ""
    heard: float = -1.0
    restarts: int = 0
    trouble: str = ""
    failed: bool = False
    failure: str = ""
    pending: Step | None = None
    asked: float = -1.0
    refused: float = -1.0
    attempts: int = 0
    lost: bool = False
    given_up: bool = False


class Roster:
    """Brings its members to a goal: up in their order, down in reverse, and back up when one died.

    Those that hang and may be killed for it are in `hung`, with the reason, until the caller clears it.

    Every method takes the time `now` [s]; `step` says which transitions to ask for.
    """

    def __init__(
        self,
        names: Sequence[str],
        critical: Iterable[str],
        *,
        restarted: Iterable[str] = (),
        timeout_s: float = 1.0,
        hung_s: float = HUNG_S,
        patience_s: float = 15.0,
    ) -> None:
        """`restarted` are started again when they end.

        timeout_s: silence that makes a member missing; hung_s: silence that makes a `restarted` one hung;
        patience_s: to wait for one that may be missing.
        """
        needed = set(critical)
        self._restarted = set(restarted)
        self.members = {name: Member(name, name in needed) for name in names}
        self.goal = Primary.UNKNOWN
        self.was_up = False
        self.news: list[tuple[str, str]] = []
        self.hung: list[tuple[str, str]] = []
        self._timeout_s, self._hung_s, self._patience_s = timeout_s, hung_s, patience_s
        self._since = 0.0
        self._stepped = self._awake = float("-inf")

    def aim(self, goal: Primary, now: float) -> None:
        """Bring the graph to `goal` from now on; what failed before is tried anew."""
        self.goal, self._since, self.was_up = goal, now, False
        for member in self.members.values():
            member.failed, member.attempts = False, 0

    def heard(self, name: str, session: str, state: int, trouble: str, now: float) -> None:
        """Take a heartbeat; those of nodes that do not belong here are passed over."""
        member = self.members.get(name)
        if member is None:
            return
        if session != member.session:
            if member.session:
                member.restarts += 1
                self._tell("node_restarted", f"{name}: a new process, number {member.restarts + 1}")
            member.session, member.pending, member.attempts = session, None, 0
            member.failed = member.lost = member.given_up = False
        elif member.lost:
            member.lost = False
            self._tell("node_back", f"{name} is heard again")
        if member.state != state:
            member.attempts = 0
        member.state, member.heard, member.trouble = Primary(state), now, trouble
        reached = member.pending is not None and REACHES[member.pending] == member.state
        self._settle(member, now)
        if reached or member.state is Primary.FINALIZED or now - member.asked > UNHEARD_S:
            member.pending = None

    def asked(self, name: str, step: Step, now: float) -> None:
        """Note that a transition was asked for."""
        member = self.members[name]
        member.pending, member.asked, member.refused = step, now, -1.0
        member.attempts += 1

    def vanished(self, name: str) -> None:
        """Note that a member's services are gone: it will not answer any more."""
        self.members[name].pending = None

    def answered(self, name: str, step: Step, success: bool, now: float) -> None:
        """Take the answer to a request. What it led to is told by the next heartbeat alone.

        Answers and heartbeats overtake each other; heartbeats do not overtake one another.
        """
        member = self.members[name]
        if member.pending is not step:
            return
        member.heard = now
        if not success and member.attempts == 1:  # what was asked twice may be refused as done already
            member.refused = now
            self._settle(member, now)

    def step(self, now: float) -> list[tuple[str, Step]]:
        """Return the transitions to ask for now."""
        if now - self._stepped > STALL_S:
            self._awake = now
        self._stepped = now
        for member in self.members.values():
            self._watch(member, now)
        if self.goal is Primary.UNKNOWN:
            return []
        wanted = self._up(now) if self.goal is Primary.ACTIVE else self._down(now)
        if self.goal is Primary.ACTIVE and self.ready(now):
            if not self.was_up:
                self._tell("graph_up", f"{len(self.members)} nodes are active")
            self.was_up = True
        return wanted

    def alive(self, member: Member, now: float) -> bool:
        """Tell whether a member is there: heard lately, or busy with a transition."""
        if member.state is Primary.FINALIZED or member.heard < 0:
            return False
        return member.pending is not None or now - member.heard <= self._timeout_s

    def ready(self, now: float) -> bool:
        """Tell whether all that flying needs is active."""
        return not self.missing(now)

    def missing(self, now: float) -> list[str]:
        """Say of each flight-critical node that is not active, or silent, why."""
        return [self._why(m, now) for m in self.members.values() if m.critical and not self._flies(m, now)]

    def failed(self) -> str:
        """Say why the graph cannot reach its goal, '' while it may."""
        bad = [
            f"{m.name}: {m.trouble or m.failure}" for m in self.members.values() if m.failed and m.critical
        ]
        return "; ".join(bad)

    def done(self, now: float) -> bool:
        """Tell whether the goal is reached, by all who are there."""
        if self.goal is Primary.ACTIVE:
            return self.ready(now)
        there = [m for m in self.members.values() if self._there(m, now)]
        return all(m.pending is None and self._rank(m.state) <= self._rank(self.goal) for m in there)

    def _up(self, now: float) -> list[tuple[str, Step]]:
        wanted = []
        clear = True  # all members before this one are active, or out of the game
        for member in self.members.values():
            if self.alive(member, now) and member.pending is None and not member.failed:
                if member.state is Primary.UNCONFIGURED:
                    wanted.append((member.name, Step.CONFIGURE))
                elif member.state is Primary.INACTIVE and clear:
                    wanted.append((member.name, Step.ACTIVATE))
            clear = clear and self._passes(member, now)
        return wanted

    def _passes(self, member: Member, now: float) -> bool:
        """Tell whether those behind `member` may be activated."""
        if member.state is Primary.ACTIVE and member.pending is None:
            return True
        if self.was_up and not self.alive(member, now):
            return True  # the others wait for nobody who died
        return not member.critical and (member.failed or now - self._since > self._patience_s)

    def _down(self, now: float) -> list[tuple[str, Step]]:
        """The last of the highest state goes first, one at a time."""
        there = [m for m in self.members.values() if self._there(m, now)]
        above = [m for m in there if self._rank(m.state) > self._rank(self.goal) and not m.failed]
        if not above or any(m.pending is not None for m in there):
            return []
        top = max(self._rank(m.state) for m in above)
        last = [m for m in above if self._rank(m.state) == top][-1]
        return [(last.name, DOWNWARD[last.state])]

    def _there(self, member: Member, now: float) -> bool:
        """Tell whether a member has to be taken down: it lives, or is only late with its heartbeat."""
        late = member.heard >= 0 and now - member.heard <= GONE_S
        return member.state is not Primary.FINALIZED and (late or member.pending is not None)

    def _watch(self, member: Member, now: float) -> None:
        if member.pending is not None and now - member.asked > (most := deadline_s(member)):
            why = f"did not {member.pending.name.lower()} within {most:g} s"
            self._fail(member, why)
            member.pending = None
            if member.name in self._restarted or self.goal is Primary.FINALIZED:
                self._give_up(member, why)
        self._settle(member, now)
        if member.attempts > ATTEMPTS and not member.failed:
            self._fail(member, f"did not answer {ATTEMPTS} requests")
        gone = member.heard >= 0 and not self.alive(member, now) and member.state is not Primary.FINALIZED
        if gone and not member.lost and self.goal is Primary.ACTIVE:
            member.lost = True
            self._tell("node_lost", f"{member.name}: no heartbeat for {now - member.heard:.1f} s")
        heedless = member.name in self._restarted and self.goal not in (Primary.UNKNOWN, Primary.FINALIZED)
        if gone and heedless and now - max(member.heard, self._awake) > self._hung_s:
            self._give_up(member, f"no heartbeat for {now - member.heard:.1f} s")

    def _give_up(self, member: Member, why: str) -> None:
        """Have the member killed, once for each process."""
        if not member.given_up:
            member.given_up = True
            self.hung.append((member.name, why))

    def _settle(self, member: Member, now: float) -> None:
        """Let a refused transition fail once the member has said why, or has said nothing for a while."""
        if member.pending is None or member.refused < 0:
            return
        if member.trouble or now - member.refused > WORDS_S:
            step, member.pending = member.pending, None
            self._fail(member, f"could not {step.name.lower()}")

    def _fail(self, member: Member, why: str) -> None:
        member.failed, member.failure = True, why
        self._tell("transition_failed", f"{member.name} {why}: {member.trouble}".removesuffix(": "))

    def _flies(self, member: Member, now: float) -> bool:
        return member.state is Primary.ACTIVE and self.alive(member, now)

    def _why(self, member: Member, now: float) -> str:
        if member.heard < 0:
            return f"{member.name}: never heard"
        if not self.alive(member, now) and member.state is not Primary.FINALIZED:
            return f"{member.name}: silent for {now - member.heard:.1f} s"
        failure = member.failure if member.failed else ""
        return f"{member.name}: {member.trouble or failure or member.state.name.lower()}"

    def _tell(self, name: str, detail: str) -> None:
        self.news.append((name, detail))

    @staticmethod
    def _rank(state: Primary) -> int:
        """How far up a state is."""
        return 0 if state in (Primary.FINALIZED, Primary.UNKNOWN) else int(state)


def deadline_s(member: Member) -> float:
    """Return the wall time the member may take for its pending transition [s]."""
    upward = member.pending in (Step.CONFIGURE, Step.ACTIVATE)
    return UP_S if upward else grace_s(member.name) + MORE_S

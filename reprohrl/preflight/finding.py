"""`Finding`: one line of `reprohrl doctor`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from reprohrl.contracts.errors import UserError


class State(IntEnum):
    """How much a finding matters: nothing to do, worth knowing, and not to be flown with."""

    OK = 0
    NOTE = 1
    FAILED = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, what that rests on, and what to type or do about it."""

    name: str
    state: State
    evidence: str
    fix: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name, "state": self.state.name.lower(), "evidence": self.evidence, "fix": self.fix
        }  # fmt: skip


class NotReadyError(UserError):
    """Flight is refused; `findings` are the checks that failed."""

    def __init__(self, findings: list[Finding], override: str) -> None:
        self.findings = findings
        what = "; ".join(f"{f.name}: {f.evidence}" for f in findings)
        fixes = "; ".join(dict.fromkeys(f.fix for f in findings if f.fix))
        super().__init__(
            f"flight is refused: {what}",
            why=f"{len(findings)} of the checks before flight failed",
            fix=f"{fixes or 'mend it'}; or, knowing better: {override}",
        )


def worst(findings: Iterable[Finding]) -> State:
    """Return the state of the worst finding."""
    return max((f.state for f in findings), default=State.OK)


def failed(findings: Iterable[Finding]) -> list[Finding]:
    return [f for f in findings if f.state is State.FAILED]


def require(findings: Iterable[Finding], *, override: str) -> None:
    """Raise `NotReadyError` when a check failed; `override` says how to fly all the same."""
    if bad := failed(findings):
        raise NotReadyError(bad, override)

"""What a training may choose. Names follow the paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from reprohrl.lmrl.tasks import Task


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one algorithm on one task."""

    steps: int = 600  # updates; rounds of play and updates for the online algorithms
    rows: int = 64  # windows of play in one update
    rate: float = 2e-3  # learning rate of Adam
    gamma: float = 0.99  # discount with each action word
    tau: float = 0.95  # expectile of V
    conservatism: float = 0.01  # weight of the term that keeps Q near the recorded words
    warm: int = 0  # first updates of ILQL on the returns; first rounds of PPO for the values alone
    polyak: float = 0.1  # how far the target network moves in an update
    beta: float = 16.0  # how much the values move the policy
    clip: float = 0.2
    lam: float = 0.95
    kl: float = 0.001  # weight of the divergence from the cloned policy
    value_rate: float = 3e-3  # learning rate of PPO's values
    rollouts: int = 32  # episodes in one online round
    passes: int = 2  # how often a round's play is learned from
    keep: float = 0.1  # share of episodes that filtered cloning keeps
    width: int = 64
    layers: int = 2
    page: int = 0  # 1: words know their line and column, and heads look along them

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


ALGORITHMS: dict[str, dict[str, Any]] = {
    "bc": {"steps": 800},
    "filtered-bc": {"steps": 800},
    "mc": {"steps": 1200},
    "ilql": {"steps": 2500, "warm": 300},
    "ppo": {"steps": 20, "rate": 3e-4, "warm": 1, "passes": 4, "kl": 0.01},
    "online-filtered-bc": {"steps": 20, "rate": 3e-4},
}


def settings_for(task: Task, algorithm: str, changes: dict[str, Any] | None = None) -> Settings:
    """Return an algorithm's settings on a task: first the task's, then the algorithm's, then those of both.

    Raises `UserError` for an algorithm that is none.
    """
    if algorithm not in ALGORITHMS:
        raise UserError(
            f"there is no algorithm {algorithm!r}", why=f"there are: {', '.join(ALGORITHMS)}",
            fix=did_you_mean(algorithm, list(ALGORITHMS)) or "for example --algo bc,ilql",
        )  # fmt: skip
    base = Settings(keep=task.keep)
    for part in (task.settings.get("", {}), ALGORITHMS[algorithm], task.settings.get(algorithm, {})):
        base = replace(base, **part)
    return replace(base, **(changes or {}))


def parse(words: list[str]) -> dict[str, Any]:
    """Read `beta=8 steps=100`. Raises `UserError` for a name or number that is none."""
    kinds = {f.name: (int if f.type == "int" else float) for f in fields(Settings)}
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in kinds:
            raise UserError(
                f"--set {word} changes nothing", why=f"there are: {', '.join(kinds)}",
                fix=did_you_mean(name, list(kinds)) or "for example --set beta=8",
            )  # fmt: skip
        try:
            found[name] = kinds[name](float(text))
        except (ValueError, OverflowError):
            raise UserError(f"--set {word}: {text!r} is no number", fix=f"for example {name}=1") from None
        if found[name] < 0:
            raise UserError(f"--set {word}: {name} cannot be negative", fix=f"for example {name}=1")
    return found

"""What every agent's settings have in common, and how they are changed from the command line."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self, Union, get_args, get_origin

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

_COUNTS = ("steps", "environments", "threads", "parts", "eval_every", "eval_episodes", "checkpoint_every")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """Settings of one training run; an agent adds its own hyper-parameters in a subclass.

    steps             decision steps in all, summed over the environments
    environments      how many are stepped together
    threads           of torch and of the simulator
    parts             worlds the environments are split into, each with its own seed; what a cluster spreads
    success_target    stop when an evaluation reaches this share; None: use all steps
    eval_every        decision steps between two evaluations on held-out episodes
    eval_episodes     episodes of one evaluation
    checkpoint_every  decision steps between two checkpoints, and the most a kill can cost
    """

    task: str = "MC-3"
    seed: int = 0
    steps: int = 2_000_000
    environments: int = 256
    threads: int = 1
    parts: int = 1
    success_target: float | None = None
    eval_every: int = 200_000
    eval_episodes: int = 200
    checkpoint_every: int = 500_000

    def __post_init__(self) -> None:
        """Raises `UserError` with all that is out of range."""
        counts = (
            "steps",
            "environments",
            "threads",
            "parts",
            "eval_every",
            "eval_episodes",
            "checkpoint_every",
        )
        wrong = [f"{n} is {getattr(self, n)}, must be at least 1" for n in counts if getattr(self, n) < 1]
        if self.seed < 0:
            wrong.append(f"seed is {self.seed}, must not be negative")
        if self.success_target is not None and not 0 < self.success_target <= 1:
            wrong.append(f"success_target is {self.success_target:g}, must be a share in (0, 1]")
        if wrong:
            raise UserError("these settings cannot be", why="; ".join(wrong))

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as JSON holds them (tuples become lists)."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the settings that `as_dict` gave; unknown names raise `UserError`."""
        _check_names(cls, values)
        read: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**read)

    def with_words(self, words: Iterable[str]) -> Self:
        """Return a copy changed by words such as `learning_rate=3e-4` or `hidden=64,64`."""
        return replace(self, **parse_words(type(self), words))


def parse_words(config: type[AgentConfig], words: Iterable[str]) -> dict[str, Any]:
    """Return the values of `name=value` words by the types of `config`; raises `UserError`."""
    pairs: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise UserError(f"{word!r} is not a setting", fix="write it as name=value")
        pairs[name.strip().replace("-", "_")] = text.strip()
    _check_names(config, pairs)
    kinds = typing.get_type_hints(config)
    return {name: _value(name, kinds[name], text) for name, text in pairs.items()}


def _check_names(config: type[AgentConfig], names: Iterable[str]) -> None:
    known = [f.name for f in fields(config)]
    for name in names:
        if name not in known:
            raise UserError(
                f"there is no setting {name!r}",
                why=f"there are: {', '.join(known)}",
                fix=did_you_mean(name, known) or "use one of them",
            )


def _value(name: str, kind: Any, text: str) -> Any:
    """Read `text` as the type `kind` of a field."""
    if get_origin(kind) in (Union, types.UnionType):
        choices = [c for c in get_args(kind) if c is not type(None)]
        return None if text.lower() in ("none", "") else _value(name, choices[0], text)
    try:
        if kind is bool:
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
                text.lower()
            ]
        if kind is int:
            return _whole(text)
        if kind is float:
            return float(text)
        if get_origin(kind) is tuple:
            inner = get_args(kind)[0]
            return tuple(_value(name, inner, part) for part in text.strip("()[] ").split(",") if part.strip())
    except (KeyError, ValueError) as error:
        shown = getattr(kind, "__name__", str(kind))
        raise UserError(f"{name}={text} cannot be read", why=f"{name} is a {shown}") from error
    return text


def _whole(text: str) -> int:
    """Read 500000, 500_000 or 5e5."""
    number = float(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)

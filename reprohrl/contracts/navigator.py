"""The interface of the low level: one option in, one velocity command out."""

from __future__ import annotations

from typing import Protocol

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Option


class Navigator(Protocol):
    """Follows options. Called once per frame (10 Hz). It may remember its previous command."""

    name: str

    def reset(self, *, seed: int = 0) -> None: ...

    def act(self, features: ObjectFeatures, option: Option) -> VelocityCommand: ...

"""Algorithms of LMRL-Gym over one small transformer. `load_policy(folder)` gives back what one learned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reprohrl.training.lmrl.talker import Talker


def load_policy(folder: str | Path) -> Talker:
    """Return the policy of a finished run, for example runs/lmrl/maze-fo/ilql/seed0."""
    from reprohrl.training.lmrl.store import load_policy as load

    return load(Path(folder))

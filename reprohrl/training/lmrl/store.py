"""The folder of one run: its settings, its words, where it stands, its curve, its result."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from reprohrl.contracts.errors import UserError
from reprohrl.lmrl.tasks import task
from reprohrl.lmrl.words import Words
from reprohrl.training.lmrl.model import Shape, Speaker, Valuer
from reprohrl.training.lmrl.settings import Settings
from reprohrl.training.lmrl.talker import Talker


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run lives: `root`/task/algorithm/seedN."""

    root: Path
    task: str
    algorithm: str
    seed: int

    @property
    def folder(self) -> Path:
        return self.root / self.task / self.algorithm / f"seed{self.seed}"

    @property
    def data(self) -> Path:
        return self.root / self.task / f"data-seed{self.seed}.jsonl"

    @property
    def cloned(self) -> Place:
        """The cloned policy that the other algorithms start from."""
        return Place(self.root, self.task, "bc", self.seed)

    @property
    def finished(self) -> bool:
        return (self.folder / "result.json").exists()


def write_json(path: Path, content: Any) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read", why=str(error), fix="reprohrl lmrl train") from error


def save(place: Place, content: dict[str, Any]) -> None:
    """Put a training's state away; a crash leaves the one before."""
    place.folder.mkdir(parents=True, exist_ok=True)
    part = place.folder / "state.pt.part"
    with part.open("wb") as stream:
        torch.save(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(place.folder / "state.pt")


def load(place: Place) -> dict[str, Any] | None:
    """Return the state that was put away last; None where there is none."""
    path = place.folder / "state.pt"
    if not path.exists():
        return None
    try:
        found: dict[str, Any] = torch.load(path, weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError) as error:
        raise UserError(f"{path} cannot be read", why=str(error), fix="train again with --fresh") from error
    return found


def check(place: Place, settings: Settings) -> None:
    """Refuse to go on with a run that was begun with other settings."""
    path = place.folder / "config.json"
    wanted = settings.to_dict()
    if not path.exists():
        write_json(path, {"task": place.task, "algorithm": place.algorithm, "seed": place.seed,
                          "settings": wanted})  # fmt: skip
        return
    begun = read_json(path)["settings"]
    changed = sorted(k for k in {*begun, *wanted} if begun.get(k) != wanted.get(k))
    if changed:
        name = changed[0]
        raise UserError(
            f"{place.folder} was begun with {name}={begun.get(name)}",
            why=f"{name}={wanted.get(name)} is asked for now",
            fix="--fresh to begin again, or another --out",
        )


def load_policy(folder: Path) -> Talker:
    """Return the policy of a finished or begun run. Raises `UserError` where there is none."""
    config = read_json(folder / "config.json")
    place = Place(folder.parents[2], config["task"], config["algorithm"], int(config["seed"]))
    kept = load(place)
    if kept is None:
        raise UserError(f"{folder} holds no trained policy", fix="reprohrl lmrl train")
    what = task(config["task"])
    words, shape = (
        Words(tuple(kept["words"]), tuple((a, b) for a, b in kept["phrases"])),
        Shape(**kept["shape"]),
    )
    speaker = Speaker(shape)
    speaker.load_state_dict(kept["modules"]["speaker"])
    valuer = None
    for name in ("target", "valuer"):
        if name in kept["modules"] and valuer is None and config["algorithm"] in ("mc", "ilql"):
            valuer = Valuer(shape)
            valuer.load_state_dict(kept["modules"][name])
    return Talker(
        words, speaker, turns=what.turns, most_words=what.most_words, valuer=valuer,
        beta=float(config["settings"]["beta"]), seed=place.seed,
    )  # fmt: skip

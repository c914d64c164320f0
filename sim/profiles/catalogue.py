"""Profiles by name or by file."""

from __future__ import annotations

import json
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from sim.profiles.profile import Profile, from_dict

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the names of the shipped profiles."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load_profile(name: str | Path) -> Profile:
    """Return a shipped profile, or the one in a JSON file. Raises `UserError`."""
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        path = Path(name)
    if path.suffix != ".json" or not path.is_file():
        raise UserError(
            f"there is no randomisation profile {str(name)!r}",
            why=f"there are: {', '.join(names())}; or the path of a JSON file",
            fix=did_you_mean(str(name), names()) or "reprohrl tune profiles",
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read", why=str(error)) from error
    return from_dict(content, where=str(path))

"""What a launch leaves behind: a summary of each flight, even where no recorder was left to write one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Tell = Callable[[str, str], None]


@dataclass(slots=True)
class Happenings:
    """Processes that ended by themselves: required ones, others, and those that were started again."""

    deaths: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)


def settle(folder: Path, values: Mapping[str, str], seen: Happenings, tell: Tell) -> bool:
    """Complete the summary of one flight, show it, and tell whether the flight succeeded."""
    file = folder / "summary.json"
    summary = json.loads(file.read_text()) if file.exists() else _short_summary(folder, values, seen)
    for name, words in (("deaths", seen.deaths), ("restarts", seen.restarts)):
        if words:
            summary[name] = words
    _write(file, summary)
    if (folder / "report.html").exists():
        from reprohrl.cli.outcome import show

        show(summary, folder)
    else:
        tell("launch", f"no report, but a summary: {file}")
    return bool(summary["success"])


def settle_swarm(folder: Path, drones: Mapping[str, Mapping[str, str]], seen: Happenings, tell: Tell) -> bool:
    """Complete the summary of each drone, write one of all, and tell whether all succeeded."""
    told: dict[str, Any] = {}
    for name, values in drones.items():
        own = Path(values["run_dir"])
        own.mkdir(parents=True, exist_ok=True)
        tell("launch", f"{name}:")
        settle(own, values, _of(name, seen), tell)
        summary = json.loads((own / "summary.json").read_text())
        told[name] = {key: summary.get(key) for key in ("success", "outcome", "mission", "goals_reached")}
    success = all(one["success"] for one in told.values())
    _write(folder / "summary.json", {"success": success, "drones": told, "deaths": seen.deaths})
    return success


def _of(name: str, seen: Happenings) -> Happenings:
    """Return what happened to the nodes of one drone, and to what all of them share."""

    def own(words: list[str]) -> list[str]:
        return [w for w in words if w.startswith(f"{name}/") or "/" not in w.split(" ")[0]]

    return Happenings(own(seen.deaths), own(seen.losses), own(seen.restarts))


def _short_summary(folder: Path, values: Mapping[str, str], seen: Happenings) -> dict[str, Any]:
    mission = folder / "mission.json"
    told = json.loads(mission.read_text()) if mission.exists() else {}
    words = [*seen.deaths, *seen.losses, *([told["reason"]] if told else [])]
    reason = "; ".join(words) or "the launch ended before a flight"
    return {
        "success": False, "outcome": f"{reason} (no recording)",
        "mission_succeeded": told.get("code") == 0,
        "mission": values["mission_goals"].split(","), "deaths": seen.deaths,
        "task": values["task"], "seed": int(values["seed"]), "backend": values["backend"],
    }  # fmt: skip


def _write(file: Path, summary: dict[str, Any]) -> None:
    """Replace the file at once: a reader sees the old one or the new one."""
    draft = file.with_suffix(".json.part")
    draft.write_text(json.dumps(summary, indent=2) + "\n")
    draft.replace(file)

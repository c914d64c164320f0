"""The log of a sweep for people: what was spent, what was tried, what came out."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprohrl.policies.manifest import replace_file
from reprohrl.training.harness.curve import read_curve

if TYPE_CHECKING:
    from reprohrl.training.harness.sweep import Plan


def write_log(study: Any, plan: Plan) -> dict[str, Any]:
    """Write `sweep.json`, `trials.csv` and `best.json` into the plan's folder; return the first's content."""
    from reprohrl.training.harness.sweep import settings_of

    rows = [_row(t, plan, settings_of(plan, t.params)) for t in study.get_trials(deepcopy=False)]
    told = [r for r in rows if r["state"] in ("complete", "pruned")]
    best = max((r for r in told if r["state"] == "complete"), key=lambda r: r["success"], default=None)
    log = {
        "agent": plan.agent,
        "task": plan.base.task,
        "budget": {
            "trials": plan.trials,
            "steps_per_trial": plan.base.steps,
            "steps": plan.trials * plan.base.steps,
            "trials_done": len(told),
            "steps_used": sum(r["steps"] for r in told),
            "wall_s": round(sum(r["wall_s"] for r in told), 1),
        },
        "seed": plan.seed,
        "parallel": plan.parallel,
        "prune": plan.prune,
        "settings": plan.base.as_dict(),
        "space": {k: {"kind": type(v).__name__.lower(), **asdict(v)} for k, v in plan.space.items()},
        "trials": rows,
        "best": best,
    }
    replace_file(plan.folder / "sweep.json", (json.dumps(log, indent=2) + "\n").encode())
    replace_file(plan.folder / "trials.csv", _csv(rows, list(plan.space)).encode())
    if best is not None:
        replace_file(plan.folder / "best.json", (json.dumps(best["settings"], indent=2) + "\n").encode())
    return log


def _row(trial: Any, plan: Plan, settings: dict[str, Any]) -> dict[str, Any]:
    curve = plan.folder / "trials" / str(trial.number) / "curve.csv"
    last = read_curve(curve)[-1:] if curve.exists() else []
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "success": trial.value,
        "steps": last[0].steps if last else 0,
        "wall_s": last[0].wall_s if last else 0.0,
        "settings": settings,
    }


def _csv(rows: list[dict[str, Any]], names: list[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ["number", "state", "success", "steps", "wall_s"]
    writer.writerow([*head, *names])
    for row in rows:
        writer.writerow([*(row[h] for h in head), *(row["settings"].get(n) for n in names)])
    return text.getvalue()


def read_log(folder: Path) -> dict[str, Any]:
    """Return the content of a sweep's `sweep.json`."""
    content: dict[str, Any] = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    return content

"""A sweep spends the budget it was given, tries the same whenever it is stopped, and says what it tried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.train, pytest.mark.timeout(300)]
pytest.importorskip("stable_baselines3")
pytest.importorskip("optuna")

from reprohrl.cli.main import main  # noqa: E402
from reprohrl.contracts.errors import UserError  # noqa: E402
from reprohrl.training.harness.jobs import run_jobs  # noqa: E402
from reprohrl.training.harness.sweep import Plan, sweep  # noqa: E402
from reprohrl.training.harness.sweep_log import read_log  # noqa: E402
from tests.fakes.corridor import CorridorConfig  # noqa: E402

AGENT = "tests.fakes.corridor"
TRIALS = 8


def run(folder: Path, *, stop_after: int = 0, resume: bool = False, **changes: Any) -> dict[str, Any]:
    """Sweep in `folder`; break off when `stop_after` trials were told."""
    told: list[str] = []

    def hear(sentence: str) -> None:
        told.append(sentence)
        if len(told) == stop_after:
            raise KeyboardInterrupt

    plan = Plan(AGENT, CorridorConfig(steps=1024, **changes), TRIALS, folder, parallel=2)
    sweep(plan, lambda jobs: run_jobs(jobs, follow=lambda progress: None), told=hear, resume=resume)
    return read_log(folder)


def tried(log: dict[str, Any]) -> list[Any]:
    return [(t["settings"], t["state"], t["success"], t["steps"]) for t in log["trials"]]


def test_a_stopped_sweep_goes_on_as_if_it_were_not(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "stopped", stop_after=3)
    with pytest.raises(UserError, match="already holds a sweep"):
        run(tmp_path / "stopped")
    with pytest.raises(UserError, match="other settings"):
        run(tmp_path / "stopped", resume=True, environments=8)
    assert tried(run(tmp_path / "stopped", resume=True)) == tried(whole)
    budget = whole["budget"]
    assert budget["trials_done"] == budget["trials"] == TRIALS
    assert budget["steps"] == TRIALS * 1024 >= budget["steps_used"]
    assert any(t["state"] == "pruned" for t in whole["trials"])
    assert whole["trials"][0]["settings"] == {"learning_rate": 1e-3, "hidden": 16}
    assert not list((tmp_path / "whole").glob("trials/*/checkpoints"))


def test_the_verb_writes_settings_that_train_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sweep", AGENT, "--trials", "2", "--steps", "512", "--out", str(tmp_path)]
    assert main(words) == 0
    assert "2 trials" in capsys.readouterr().out
    best = tmp_path / AGENT / "corridor" / "best.json"
    out = tmp_path / "best"
    assert main(["train", AGENT, "--settings", str(best), "--steps", "512", "--out", str(out)]) == 0
    settings = json.loads((out / "run.json").read_text())["config"]
    assert json.loads(best.read_text()).items() <= settings.items()
    assert main(["sweep", "tests.fakes.corridor_without_agent"]) == 2

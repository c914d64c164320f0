"""The training verbs, on runs of a few seconds; needs the training extras."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reprohrl.cli.main import main

pytestmark = [pytest.mark.train, pytest.mark.timeout(600)]
pytest.importorskip("torch")

TINY = (
    "environments=32", "rollout=8", "scenes=20", "eval_episodes=4", "eval_every=20000", "hidden=16,16",
    "checkpoint_every=20000", "minibatch=256", "warm_up=1",
)  # fmt: skip


def test_both_levels_are_trained_exported_and_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, models = tmp_path / "run", tmp_path / "models"
    words = ["--task", "S1", "--steps", "8000", "--out", str(run)]
    words += [word for setting in TINY for word in ("--set", setting)]
    assert main(["train", "ours", *words]) == 0
    assert main(["train", "ours", *words]) == 2
    assert "--resume" in capsys.readouterr().err
    assert main(["export", "ours", str(run), "--out", str(models)]) == 0
    assert main(["models", "verify", "--dir", str(models)]) == 0
    assert sorted(p.name for p in models.iterdir()) == [
        "manifest.json", "navigator.onnx", "ours.curve.csv", "ours.md", "selector.onnx",
    ]  # fmt: skip
    listed = json.loads((models / "manifest.json").read_text())["models"]
    assert listed["navigator"]["provenance"]["config"]["agent"] == "ours"


def test_an_unfinished_run_is_not_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "ours", str(tmp_path), "--out", str(tmp_path / "models")]) == 2
    assert "no finished run" in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


def test_all_says_what_it_would_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "all", "--dry-run", "--models", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "would train the detector" in said and "runs/train/ours/ours/seed-0" in said

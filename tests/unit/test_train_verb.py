"""The training verb, on a run of a few seconds; needs the training extras."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprohrl.cli.main import main

pytestmark = [pytest.mark.train, pytest.mark.timeout(600)]
pytest.importorskip("stable_baselines3")


def test_a_policy_is_trained_exported_and_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, models = tmp_path / "runs", tmp_path / "models"
    words = ["--steps", "8192", "--out", str(out), "--models", str(models)]
    assert main(["train", "navigator", *words]) == 0
    assert main(["train", "navigator", *words]) == 2
    assert "--resume" in capsys.readouterr().err
    assert main(["train", "navigator", *words, "--resume"]) == 0
    assert main(["models", "verify", "--dir", str(models)]) == 0
    again = tmp_path / "again"
    checkpoint = out / "navigator" / "checkpoint.zip"
    assert main(["export", "navigator", str(checkpoint), "--out", str(again)]) == 0
    assert (again / "navigator.onnx").exists()

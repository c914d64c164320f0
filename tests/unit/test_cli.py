"""The front door answers in sentences, fast, and with the right exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reprohrl.cli.launch import parse_arguments
from reprohrl.cli.main import main
from reprohrl.cli.missing import explain
from reprohrl.contracts.errors import UserError

VERBS = (
    "fly",
    "mission",
    "launch",
    "eval",
    "bench",
    "show",
    "train",
    "export",
    "models",
    "report",
    "replay",
    "inject",
    "doctor",
    "gap",
    "virtual-crazyflie",
)


def test_the_help_of_the_front_door_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert not [verb for verb in VERBS if verb not in text]


@pytest.mark.parametrize("verb", [v for v in VERBS if v != "models"])
def test_every_verb_shows_examples_and_has_a_page(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    assert f"reprohrl {verb}" in capsys.readouterr().out
    pages = Path(__file__).parents[2] / "docs" / "guide"
    assert any(f"reprohrl {verb}" in page.read_text() for page in pages.glob("*.md"))


def test_the_front_door_loads_nothing_heavy() -> None:
    code = "import sys, reprohrl.cli.main; print([m for m in %r if m in sys.modules])"
    heavy = ("numpy", "cv2", "onnxruntime", "pybullet", "numba", "torch", "rclpy", "cflib")
    out = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, timeout=60)
    assert out.stdout.strip() == "[]", out.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["flie"], 2, 'did you mean "fly"?'),
        (["eval", "--task", "MC3"], 2, 'did you mean "MC-3"?'),
        (["eval", "--planner", "lerned"], 2, 'did you mean "learned"?'),
        (["eval", "--rung", "R9"], 2, "there are: R0, R1, R2"),
        (["fly", "--goals", "spere,cone"], 2, 'did you mean "sphere"?'),
        (["fly", "--world", "fats"], 2, 'did you mean "fast"?'),
        (["launch", "multigaol"], 2, 'did you mean "multigoal"?'),
        (["launch", "multigoal", "goals=cone"], 2, "goals:=cone"),
        (["report", "nowhere"], 2, "nowhere has no flight.mcap"),
        (["export", "ours", "nowhere"], 2, "there is no nowhere"),
        (["fly", "--sed", "3"], 2, "--seed"),
    ],
)
def test_a_mistake_is_answered_in_sentences_with_status_2(
    words: list[str], status: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == status
    text = capfd.readouterr()
    assert said in text.err + text.out
    assert "Traceback" not in text.err


def test_launch_arguments_are_read_as_ros_writes_them() -> None:
    assert parse_arguments(["goals:=a,b", "uri:=udp://127.0.0.1:19850", "x:="]) == {
        "goals": "a,b",
        "uri": "udp://127.0.0.1:19850",
        "x": "",
    }
    with pytest.raises(UserError, match="not a launch argument: seed"):
        parse_arguments(["seed"])


def test_a_missing_package_is_named_with_its_extra() -> None:
    told = explain(ModuleNotFoundError("No module named 'pybullet'", name="pybullet"))
    assert told is not None and "reprohrl[sim]" in told.fix
    told = explain(ModuleNotFoundError("No module named 'numba'", name="numba"))
    assert told is not None and "pip install reprohrl" in told.fix
    assert explain(ModuleNotFoundError("No module named 'x'", name="x")) is None


def test_a_dry_run_of_training_says_what_it_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "all", "--dry-run", "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert "train the detector with seed 5" in said and "runs/train/ours/ours/seed-5" in said


def test_eval_writes_its_numbers_and_the_same_again(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.json", "b.json")]
    scripted = ["--planner", "scripted", "--navigator", "scripted", "--world", "fast", "--workers", "1"]
    for file in files:
        words = ["eval", "--task", "S1", "--rung", "R0", "--episodes", "2", *scripted, "--json", str(file)]
        assert main(words) == 0
    first, second = (json.loads(f.read_text()) for f in files)
    assert first == second
    assert first["numbers"]["all"]["episodes"] == 2
    assert [e["seed"] for e in first["episodes"]] == [0, 1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "b.json"]


def test_fly_writes_a_run_and_exits_with_the_missions_result(tmp_path: Path) -> None:
    words = ["fly", "--task", "S1", "--seed", "1", "--rung", "R0", "--world", "fast", "--no-video"]
    words += ["--planner", "scripted", "--navigator", "scripted", "--out", str(tmp_path / "run")]
    status = main(words)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert status == (0 if summary["success"] else 1)
    assert summary["judged"] and summary["task"] == "S1" and summary["seed"] == 1
    assert {"summary.json", "flight.mcap", "report.html"} == {p.name for p in (tmp_path / "run").iterdir()}

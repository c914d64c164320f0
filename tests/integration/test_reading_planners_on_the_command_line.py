"""`reprohrl fly` and `eval` with planners that read: their options, and what is wrong with some."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reprohrl.cli.main import main
from reprohrl.cli.replay import stack_of
from reprohrl.contracts.errors import UserError
from reprohrl.reporting.mcap import read_mcap
from tests.fakes.chat_server import answer, chat_server

FAST = ["--world", "fast", "--rung", "R1", "--task", "MC-2", "--seed", "3", "--navigator", "routes"]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPROHRL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def first_goal(prompt: str) -> str:
    return prompt.split("Legal actions:\n- ")[1].splitlines()[0]


def test_fly_with_a_model_behind_an_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-test")
    with chat_server(answer(first_goal)) as server:
        words = ["fly", *FAST, "--planner", "direct", "--lm", "openai", "--lm-endpoint", server.address]
        words += ["--lm-model", "small", "--lm-price", "1000,0", "--no-video", "--out", str(tmp_path / "run")]
        assert main(words) == 0
    asked = len(server.requests)
    page = (tmp_path / "run" / "report.html").read_text()
    assert f"{0.1 * asked:.4f} USD" in page, "100 tokens asked each time, at 1000 USD for a million"
    with pytest.raises(UserError, match="cannot be replayed"):
        stack_of(read_mcap(tmp_path / "run" / "flight.mcap").header)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["planner"] == "direct with openai small" and summary["success"]
    assert any(e["kind"] == "planner" and "direct: " in e["event"] for e in summary["events"])
    assert server.requests[0][1]["Authorization"] == "Bearer sk-secret-of-the-test"
    for file in (tmp_path / "run").iterdir():
        assert b"sk-secret-of-the-test" not in file.read_bytes(), f"{file.name} holds the key"


def test_eval_with_spring_and_a_document(tmp_path: Path) -> None:
    document = tmp_path / "rules.md"
    document.write_text("The cube may only be visited after the torus.\n")
    words = [
        "eval",
        "--world",
        "fast",
        "--rung",
        "R1",
        "--task",
        "MC-2",
        "--navigator",
        "routes",
        "--workers",
        "1",
    ]
    words += ["--planner", "spring", "--lm", "rules", "--document", str(document), "--episodes", "2"]
    assert main([*words, "--json", str(tmp_path / "out.json")]) == 0
    written = json.loads((tmp_path / "out.json").read_text())
    assert len(written["episodes"]) == 2 and "spring" in json.dumps(written)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--planner", "sprin"], 'did you mean "spring"'),
        (["--planner", "spring", "--lm", "gpt"], "there are: rules, tiny, smollm2, hf, openai"),
        (["--planner", "spring", "--lm", "openai"], "needs an endpoint"),
        (["--planner", "spring", "--lm", "rules", "--document", "/nowhere.md"], "there is no such file"),
        (["--planner", "spring", "--lm", "rules", "--dag", "/nowhere.yaml"], "there is no such file"),
        (["--planner", "learned", "--document", "x.md"], "does not read"),
        (["--document", "x.md"], "does not read"),
        (["--planner", "direct", "--lm-price", "cheap"], "no pair of prices"),
        (["--planner", "direct", "--lm-price", "1,-2"], "not below zero"),
        (["--planner", "ilql"], "needs a trained policy"),
        (["--planner", "ilql", "--policy", "/nowhere"], "there is no policy"),
    ],
)
def test_what_is_wrong_is_said_before_anything_flies(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fly", *FAST, "--no-video", *words]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_help_names_every_planner_and_model(capsys: pytest.CaptureFixture[str]) -> None:
    from reprohrl.language.models.registry import MODELS
    from reprohrl.planners.registry import PLANNERS

    assert main(["fly", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in (*PLANNERS, *MODELS, "--document", "--dag", "--policy"))

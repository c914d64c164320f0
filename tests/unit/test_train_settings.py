"""Settings of trainings: what is read, what is refused, and how it is said. Needs no torch."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from reprohrl.cli.main import main
from reprohrl.cli.training import describe, seed_list, whole_number
from reprohrl.contracts.errors import UserError
from reprohrl.training.agents import registry
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.harness.pace import Pace, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(AgentConfig):
    rate: float = 1e-3
    hidden: tuple[int, ...] = (64, 64)
    warm: bool = False
    note: str | None = None


def test_words_are_read_by_the_type_of_their_field() -> None:
    words = ["rate=3e-4", "hidden=128,64", "warm=yes", "note=none", "steps=5e6", "success-target=0.9"]
    config = Settings().with_words(words)
    assert config == Settings(
        rate=3e-4, hidden=(128, 64), warm=True, note=None, steps=5_000_000, success_target=0.9
    )
    assert Settings.from_dict(json.loads(json.dumps(config.as_dict()))) == config


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("ratte=1", 'did you mean "rate"'),
        ("rate", "is not a setting"),
        ("steps=1.5", "steps is a int"),
        ("warm=perhaps", "cannot be read"),
        ("environments=0", "environments is 0, must be at least 1"),
        ("success_target=95", "must be a share"),
    ],
)
def test_a_wrong_word_is_a_sentence(word: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        Settings().with_words([word])
    assert said in str(error.value)


def test_numbers_and_seeds_are_written_as_people_write_them() -> None:
    assert [whole_number(t) for t in ("2e6", "500_000", "7")] == [2_000_000, 500_000, 7]
    assert seed_list("0-2,5,1") == [0, 1, 2, 5]
    for text in ("1.5", "many", "inf"):
        with pytest.raises(UserError, match="is not a whole number"):
            whole_number(text)
    with pytest.raises(UserError, match="names no seeds"):
        seed_list("a-b")


def test_the_live_line_says_rate_success_and_time_left() -> None:
    line = describe(Progress(1_200_000, 2_000_000, 41_300.4, 0.82, 1000, float("nan"), 19.4, 1_000_000))
    assert line == ("1.20 M of 2.00 M steps  41,300 steps/s  success 82.0 %  19 s left  saved at 1.00 M")


def test_the_pace_forgets_what_is_long_ago() -> None:
    now = [0.0]
    pace = Pace(100.0, 50.0, wall=lambda: now[0], cpu=lambda: 0.0)
    for second in range(100):
        now[0] = float(second)
        rate = pace.rate(1000 * second if second < 50 else 50_000 + 10 * second)
    assert pace.wall_s == 199.0 and pace.cpu_s == 50.0
    assert rate == pytest.approx(10)


@pytest.mark.parametrize("name", registry.names())
def test_every_agent_declares_itself_without_torch(name: str) -> None:
    agent = registry.get(name)
    assert agent.name == name and agent.summary
    settings = agent.config()
    assert agent.config.from_dict(settings.as_dict()) == settings
    assert set(agent.search) <= {f.name for f in fields(agent.config)}
    assert agent.train is None or agent.search, "an agent that learns can be tuned"


def test_what_cannot_be_trained_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "flat-pp", "--out", str(tmp_path)]) == 2
    assert 'did you mean "flat-ppo"' in capsys.readouterr().err
    assert main(["train", "scripted", "--out", str(tmp_path)]) in (1, 2)
    assert "learns nothing" in capsys.readouterr().err
    assert main(["train", "flat-ppo", "--dry-run", "--seeds", "0-1", "--out", str(tmp_path)]) == 0
    assert str(tmp_path / "seed-1") in capsys.readouterr().out
    assert main(["train", "flat-ppo", "--seed", "0", "--seeds", "0-1"]) == 2
    assert main(["train", "flat-ppo", "--steps", "5", "--set", "steps=6"]) == 2
    assert "given twice" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())

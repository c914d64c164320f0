"""The failsafe table is data: what the documentation shows and what runs are the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reprohrl.cli.main import main
from reprohrl.safety.bridge import BridgeConfig, bridge_rules
from reprohrl.safety.conditions import Condition, rules
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.firmware import LEVEL_OUT_S, SHUTDOWN_S
from reprohrl.safety.table import Layer, Severity, markdown, meaning, table

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "safety.md"


def test_the_guide_shows_the_table_of_the_code() -> None:
    assert markdown(table()) in GUIDE.read_text(), "run: reprohrl safety --markdown, and paste it"


def test_every_rule_that_acts_is_a_row_and_every_row_of_a_layer_is_a_rule() -> None:
    rows = {(r.layer, r.condition, r.reaction, r.after_s) for r in table()}
    acting = {(Layer.SUPERVISOR, str(r.condition), r.reaction.word, r.after_s) for r in rules(SafetyConfig())}
    acting |= {
        (Layer.BRIDGE, str(r.condition), r.reaction.word, r.after_s) for r in bridge_rules(BridgeConfig())
    }
    assert acting == {row for row in rows if row[0] is not Layer.FIRMWARE}


@pytest.mark.parametrize("condition", list(Condition))
def test_every_condition_says_what_it_means(condition: Condition) -> None:
    assert len(meaning(condition, SafetyConfig())) > 10


def test_silence_is_answered_before_the_firmware_answers_it() -> None:
    bridge = BridgeConfig()
    assert bridge.hover_after_s < LEVEL_OUT_S
    assert bridge.land_after_s < SHUTDOWN_S
    silences = {
        Condition.SILENT_POLICY, Condition.STALE_COMMAND, Condition.STALE_STATE, Condition.INVALID_COMMAND,
    }  # fmt: skip
    assert all(r.after_s < SHUTDOWN_S for r in rules(SafetyConfig()) if r.condition in silences)


def test_the_verb_prints_it_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["safety", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {r["severity"] for r in rows} == {str(s) for s in Severity}
    assert main(["safety", "--markdown"]) == 0
    assert capsys.readouterr().out == markdown(table())
    assert main(["safety"]) == 0
    assert "Failsafes" in capsys.readouterr().out

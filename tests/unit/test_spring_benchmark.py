"""The benchmark of SPRING: its manuals tell the truth, its judge sees what happened, its table adds up."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.spring import __main__ as command
from benchmarks.spring.crafter_words import ACTIONS
from benchmarks.spring.drone_missions import Rules, Watch, draw, flown
from benchmarks.spring.table import mean_interval, page, summarise
from benchmarks.spring.variants import VARIANTS, thinker
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.planners.spring.dag import load_dag
from reprohrl.planners.thinker import Request

FULL, FLAT, REMOVED, NONE = VARIANTS


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPROHRL_CACHE", str(tmp_path / "cache"))


def test_rules_are_drawn_from_the_scenes_own_goals_and_stay_the_same() -> None:
    for seed in range(5):
        rules, lacking = draw(seed)
        assert draw(seed) == (rules, lacking) and 0 <= lacking < 3
        assert len({rules.first, rules.second, rules.third, rules.forbidden}) == 4
        assert all(rules.manual().count(s) == 1 for s in rules.sentences)
    assert len({draw(seed)[1] for seed in range(20)}) == 3, "each fact is taken out somewhere"


RULES = Rules(0, 1, 2, 3)


@pytest.mark.parametrize(
    ("visits", "verdict"),
    [
        ([0, 1, 2], ""),
        ([1], "too early"),
        ([0, 2], "too early"),
        ([2], "too early"),
        ([0, 3], "forbidden"),
        ([3], "forbidden"),
    ],
)
def test_the_judge_knows_the_rules(visits: list[int], verdict: str) -> None:
    watch, now = Watch(RULES), 0.0

    def tick(index: int, contact: str = "") -> Any:
        goals = tuple([*visits, 5])
        status = SimpleNamespace(mission=SimpleNamespace(goals=goals), index=index)
        truth = SimpleNamespace(goal_distance_m=(0.4,) * 6, contact=contact)
        return SimpleNamespace(step=SimpleNamespace(status=status), truth=truth, now=now)

    for index in range(len(visits) + 1):
        now += 1.0
        said = watch(tick(index))
    assert verdict in watch.verdict and bool(said) == bool(verdict)
    if not verdict:
        now += 9.0
        assert watch(tick(3)) is None, "it is watched for a while"
        now += 2.0
        assert watch(tick(3)) == "kept the rules"


@pytest.mark.parametrize(
    ("contact", "far", "words"), [("wall", 0.4, "touched wall"), ("", 2.0, "and was not")]
)
def test_the_judge_believes_the_simulator(contact: str, far: float, words: str) -> None:
    watch = Watch(RULES)
    status = SimpleNamespace(mission=SimpleNamespace(goals=(0, 1)), index=1)
    truth = SimpleNamespace(goal_distance_m=(far,) * 6, contact=contact)
    said = watch(SimpleNamespace(step=SimpleNamespace(status=status), truth=truth, now=0.0))  # type: ignore[arg-type]
    assert words in str(said)


def test_the_variants_read_what_they_may_and_choose_by_it() -> None:
    rules = RULES
    names = [GOAL_CLASSES[g] for g in (rules.third, rules.second, rules.first, rules.forbidden)]
    observation = (
        f"progress: 0 of 4 reached; current {names[0]}; open {', '.join(names)}; phase active\n"
        f"sees: {', '.join(f'{n} {k + 1}.0 m ahead' for k, n in enumerate(names))}"
    )
    request = Request(observation, (*(f"go to the {n}" for n in names), "hold"), 0.0, 10.0)

    def chosen(variant: Any, removed: str) -> str:
        mind = thinker(variant, load_dag("drone"), rules.manual(), removed)
        return request.candidates[mind.think(request).index]

    first, second, third = rules.sentences
    assert chosen(FULL, first) == f"go to the {names[2]}"
    assert chosen(REMOVED, second) == f"go to the {names[0]}", "that it needs another one was taken out"
    assert chosen(REMOVED, third) == f"go to the {names[2]}"
    assert chosen(NONE, first) == chosen(FLAT, first) == f"go to the {names[0]}", "the nearest"
    with pytest.raises(ValueError, match="0 times"):
        thinker(REMOVED, load_dag("drone"), rules.manual(), "no such sentence")


def test_a_flight_keeps_rules_that_stand_in_the_document_alone() -> None:
    kept, broken = flown(FULL, 2), flown(NONE, 2)
    assert kept["kept"] and len(kept["reached"]) == 3
    assert not broken["kept"] and broken["rules"] == kept["rules"]


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for variant in VARIANTS:
        good = 8 if variant is FULL else 1
        for seed in range(10):
            kept = seed < good
            found.append({"world": "drone", "variant": variant.name, "kept": kept,
                          "verdict": "kept the rules" if kept else "visited the forbidden cone"})  # fmt: skip
            found.append({"world": "crafter", "variant": variant.name, "reward": float(seed % 3),
                          "achieved": ["collect_wood"][: seed % 2]})  # fmt: skip
    return found


def test_the_table_adds_up() -> None:
    numbers = summarise(rows())
    full = numbers["drone"][FULL.name]
    assert (full["kept"], full["flights"], full["failures"]) == (8, 10, {"forbidden": 2})
    assert full["interval"] == pytest.approx([0.4902, 0.9433], abs=1e-3), "Wilson's"
    mean, low, high = numbers["crafter"][FULL.name]["reward"]
    assert mean == pytest.approx(0.9) and low < mean < high
    text = page(numbers)
    assert "| full SPRING | 8 of 10 | 49 to 94 % | forbidden 2 |" in text and "nan" not in text
    assert math.isnan(mean_interval([])[0])


def test_an_interrupted_benchmark_goes_on_and_makes_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[Any] = []
    by_key = {(r["world"], r["variant"]): r for r in rows()}

    def run(episode: Any) -> dict[str, Any]:
        if len(ran) == 3:
            ran.append(None)
            raise KeyboardInterrupt
        ran.append(episode.key)
        return {**by_key[episode.world, episode.variant.name], "seed": episode.seed}

    monkeypatch.setattr(command.Episode, "run", run)
    words = ["spring", "--flights", "2", "--games", "1", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", words)
    assert command.main() == 130
    with (tmp_path / ".spring.part").open("a") as half:
        half.write('{"key": ["dro')
    assert command.main() == 0
    keys = [k for k in ran if k is not None]
    assert len(keys) == 12 and len({json.dumps(k) for k in keys}) == 12, "no episode was run twice"
    made = json.loads((tmp_path / "spring.json").read_text())
    assert len(made["episodes"]) == 12 and not (tmp_path / ".spring.part").exists()
    assert "| full SPRING |" in capsys.readouterr().out


def test_the_published_numbers_are_those_of_their_episodes() -> None:
    written = json.loads((command.RESULTS / "spring.json").read_text())
    assert written["numbers"] == json.loads(json.dumps(summarise(written["episodes"])))
    assert page(summarise(written["episodes"])) in command.PAGE.read_text()


@pytest.mark.train
class TestCrafter:
    """The game itself, where it is installed."""

    @pytest.fixture(autouse=True)
    def game(self) -> None:
        pytest.importorskip("crafter")

    def test_the_manual_says_what_the_game_does(self) -> None:
        import crafter

        from benchmarks.spring.crafter_play import manual
        from reprohrl.language.models.rules.crafting import _provides, _recipes, _walkable
        from reprohrl.planners.spring.document import paragraphs

        lines, data = paragraphs(manual()), crafter.constants
        recipes = {
            name.lower().replace(" ", "_"): (needs, near) for name, needs, near in _recipes(_bare(lines))
        }
        for name, info in data.make.items():
            assert recipes[f"make_{name}"] == (dict(info["uses"]), list(info["nearby"]))
        for name in ("table", "furnace", "plant"):
            assert recipes[f"place_{name}"] == (dict(data.place[name]["uses"]), [])
        for thing in ("tree", "stone", "coal", "iron", "diamond", "water", "grass"):
            (gives,) = data.collect[thing]["receive"]
            (needs,) = data.collect[thing]["require"] or ("nothing",)
            assert _provides(thing, lines) == (gives, needs.replace("_", " "))
        assert _walkable(lines) == set(data.walkable)

    def test_the_words_name_every_action_of_the_game(self) -> None:
        import crafter

        assert sorted(ACTIONS.values()) == sorted(crafter.constants.actions)

    def test_an_observation_tells_what_is_around(self) -> None:
        import crafter

        from benchmarks.spring.crafter_words import observe

        env = crafter.Env(seed=1, size=(63, 63))
        env.reset()
        env._world[(31, 32)] = "tree"
        env._world[(32, 30)] = "water"
        env._player.inventory["wood_pickaxe"] = 1
        env._player.facing = (-1, 0)
        lines = observe(env, "Do").splitlines()
        assert lines[0] == "You took action Do."
        assert "- tree 1 step to your west" in lines and "You face tree at your front." in lines
        assert "- water 2 steps to your north" in lines and "- wood pickaxe: 1" in lines
        assert "- health: 9/9" in lines

    def test_a_fact_of_the_manual_reaches_the_game(self) -> None:
        from benchmarks.spring.crafter_play import play

        full, none = play(FULL, 4, 60), play(NONE, 4, 60)
        assert "collect_wood" in full["achieved"] and not none["achieved"]
        lacking = play(REMOVED, 4, 60)
        assert "place_table" in full["achieved"] and "place_table" not in lacking["achieved"]


def _bare(lines: list[str]) -> list[str]:
    return [line.partition(": ")[2] or line for line in lines]

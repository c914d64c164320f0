"""The report says what the ledgers say, and what they do not."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reprohrl.bench.claims import ceilings, halved_sentence, lead, lead_sentences
from reprohrl.bench.curves import band, pixel_ratio, reached, read_runs
from reprohrl.bench.methods import METHODS
from reprohrl.bench.numbers import numbers
from reprohrl.bench.report.build import write_report
from reprohrl.bench.report.charts import Band, curves
from reprohrl.bench.results import load
from reprohrl.evaluation.statistics import wilson
from reprohrl.training.agents import registry
from tests.unit.bench_folders import fill, request, write_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench of which flat-ppo on S1 and random on MC-3 are missing, with its trained runs."""
    folder = tmp_path_factory.mktemp("bench")
    fill(folder, request(), leave_out=(("flat-ppo", "S1"), ("random", "MC-3")))
    for seed in range(3):
        write_run(folder / "train", "ours", "MC-3", seed, steps_to_90=300_000, budget=1_000_000)
        write_run(folder / "train", "flat-ppo", "S1", seed, steps_to_90=4_000 + 2_000 * seed, budget=10_000)
        write_run(folder / "train", "pixel-ppo", "S1", seed, steps_to_90=8_000_000, budget=2_000_000)
    write_report(folder, folder / "train", models={"navigator": "abc"})
    return folder


def test_the_page_stands_alone(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "prefers-color-scheme: dark" in page and 'name="viewport"' in page
    ElementTree.fromstring(page[page.index("<main>") : page.index("</main>") + 7])


def test_every_figure_of_the_markdown_is_a_picture_of_its_own(folder: Path) -> None:
    names = re.findall(r"\]\((figures/[^)]+)\)", (folder / "report.md").read_text())
    assert len(names) >= 10
    for name in names:
        assert ElementTree.parse(folder / name).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_rates_in_the_report_are_those_of_the_ledgers(folder: Path) -> None:
    group = load(folder).group("scripted", "C1", "R1")
    assert group is not None
    good = sum(r.success for r in group.flat())
    low, high = wilson(good, 200)
    shown = f"{100 * good / 200:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
    assert shown in (folder / "report.md").read_text()
    cells = json.loads((folder / "results.json").read_text())["cells"]
    (cell,) = [c for c in cells if (c["method"], c["task"], c["rung"]) == ("scripted", "C1", "R1")]
    assert cell["success"]["rate"] == good / 200
    seen, unseen = cell["in_view"]["flights"], cell["out_of_view"]["flights"]
    assert (seen, unseen) == (133, 67)


def test_what_was_not_run_is_listed(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    section = text[text.index("## What was not run") : text.index("## How it was measured")]
    assert "| flat PPO | R1 | 0 of 200 | S1 (seed 0), S1 (seed 1), S1 (seed 2) |" in section
    assert "| random | R2-bullet | 0 of 40 | MC-3 |" in section
    assert "pixel PPO: not asked for." in section and "X2R" in section
    assert "map planner (bound) does not fly from frames" in section


def test_every_failure_has_a_command_that_shows_it(folder: Path) -> None:
    results = load(folder)
    failed = sum(not r.success for g in results.groups for r in g.flat())
    rows = list(csv.DictReader((folder / "failures.csv").open()))
    assert len(rows) == failed
    ours = next(r for r in rows if r["method"] == "ours" and r["rung"] == "R1")
    wanted = f"reprohrl show --task {ours['task']} --seed {ours['seed']} --method ours --rung R1"
    assert ours["command"] == f"{wanted} --train-seed {ours['train_seed']}"
    assert wanted in (folder / "report.html").read_text()


def test_the_gap_to_the_other_renderer_stands_beside_each_rate(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    table = text[text.index("## From camera frames (R2)") :]
    line = next(row for row in table.splitlines() if row.startswith("| scripted"))
    assert line.count("<br>gap") == 3


def test_the_published_leads_are_read_in_both_senses(folder: Path) -> None:
    assert ceilings(18) == (82.0, pytest.approx(84.7458, abs=1e-3))
    assert ceilings(5) == (95.0, pytest.approx(95.238, abs=1e-3))
    found = lead(load(folder), "C1", "R1")
    assert found is not None and found.other.name == "flat-ppo"
    assert found.points == pytest.approx(100 * (found.ours.value - found.theirs.value))
    assert found.relative == pytest.approx(100 * (found.ours.value / found.theirs.value - 1))
    said = " ".join(lead_sentences(found, 18))
    assert "no method could lead it by 18 points here" in said
    text = (folder / "report.md").read_text()
    assert "as in the paper" not in text and "are not known" in text


def test_a_plain_sentence_says_whether_failures_are_halved(folder: Path) -> None:
    results = load(folder)
    found = lead(results, "C1", "R1")
    assert found is not None
    removed = found.comparison.failures_removed
    assert removed.low > 0.5 and "are at least halved" in halved_sentence(found)
    other_way = lead(results, "S1", "R1")
    assert other_way is not None and other_way.other.name == "scripted"


def test_curves_say_what_it_took(folder: Path) -> None:
    runs = read_runs(folder / "train")
    assert len(runs) == 9 and all(r.held_out and r.finished for r in runs)
    entries = {(e.method, e.task): e for e in reached(runs)}
    features, pixels = entries["flat-ppo", "S1"], entries["pixel-ppo", "S1"]
    assert (features.reached, features.steps, features.steps_range) == (3, 6_000, (4_000, 8_000))
    assert pixels.reached == 0 and math.isnan(pixels.steps)
    ratio = pixel_ratio(list(entries.values()), "S1", "flat-ppo", "pixel-ppo")
    assert ratio is not None and ratio.bound
    assert ratio.value == pytest.approx(2_000_000 / 6_000)
    assert "**at least 333 times**" in (folder / "report.md").read_text()


def test_a_band_spans_the_seeds(folder: Path) -> None:
    data = band([r for r in read_runs(folder / "train") if r.method == "flat-ppo"], wall=False)
    assert (data.low <= data.middle).all() and (data.middle <= data.high).all()
    assert data.x[0] == 1_000 and data.x[-1] == pytest.approx(10_000)
    middle = data.middle[data.x >= 6_000][0]
    assert middle == pytest.approx(0.9)


def test_a_logarithmic_axis_names_its_powers() -> None:
    line = Band("a", "#000000", [900, 2e6], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9])
    picture = curves([line], unit="steps")
    assert all(f">{word}<" in picture for word in ("100", "1k", "10k", "1M", "10M"))


def test_a_cell_that_is_not_whole_is_marked_and_its_seeds_share_their_episodes(tmp_path: Path) -> None:
    asked = request(methods=("ours",), tasks=("S1",), rungs=("R1",), train_seeds={"ours": (0, 1)})
    fill(tmp_path, asked)
    for path, keep in zip(sorted(tmp_path.rglob("ours-s*.jsonl")), (150, 90), strict=True):
        path.write_text("\n".join(path.read_text().splitlines()[: keep + 1]) + "\n")
    (group,) = load(tmp_path).groups
    assert not group.complete and len(group.runs) == 2 and len(group.episodes) == 90
    assert numbers(group).success.trials == 180
    write_report(tmp_path, tmp_path / "train")
    text = (tmp_path / "report.md").read_text()
    assert " ◦" in text and "150 of 200" in text and "90 of 200" in text


def test_an_empty_bench_gives_a_report_that_says_so(tmp_path: Path) -> None:
    fill(tmp_path, request(), leave_out=tuple((m, t) for m in METHODS for t in ("S1", "C1", "MC-3")))
    write_report(tmp_path, tmp_path / "train")
    text = (tmp_path / "report.md").read_text()
    assert "Nothing was flown yet." in text and "No learning curve was found" in text


def test_the_methods_are_the_agents_of_the_registry() -> None:
    assert set(registry.MODULES) <= set(METHODS)
    for name in registry.names():
        agent, method = registry.get(name), METHODS[name]
        assert (agent.train is not None) == method.learned
        assert (agent.kind == "bound") == (method.role == "upper bound")

"""Measure what SPRING carries from a document: `python -m benchmarks.spring [--quick]`.

Every variant flies and plays the same seeds with the same deterministic reader of rules, which knows only
what its prompt says. That is a claim about the pipeline and none about large models. Each finished episode is
kept, so an interrupted run goes on; the tables go into docs/spring.md, all numbers into
benchmarks/results/spring.json.

Examples:
  python -m benchmarks.spring --quick --out /tmp/spring   a taste: 3 flights and 2 games of each
  python -m benchmarks.spring                             the whole table (about half an hour on 2 cores)
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import track

from benchmarks.spring.crafter_play import STEPS, play
from benchmarks.spring.drone_missions import flown
from benchmarks.spring.table import page, summarise
from benchmarks.spring.variants import VARIANTS, Variant
from reprohrl.flight.log import versions
from reprohrl.policies.manifest import replace_file

RESULTS = Path("benchmarks/results")
PAGE = Path("docs/spring.md")
BEGIN, END = "<!-- made by python -m benchmarks.spring: begin -->", "<!-- end -->"


@dataclass(frozen=True)
class Episode:
    world: str
    variant: Variant
    seed: int
    steps: int = 0

    @property
    def key(self) -> list[Any]:
        return [self.world, self.variant.name, self.seed, self.steps]

    def run(self) -> dict[str, Any]:
        if self.world == "drone":
            return flown(self.variant, self.seed)
        return play(self.variant, self.seed, self.steps)


def episodes(flights: int, games: int, steps: int) -> Iterator[Episode]:
    for variant in VARIANTS:
        for seed in range(flights):
            yield Episode("drone", variant, seed)
        for seed in range(games):
            yield Episode("crafter", variant, seed, steps)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prog="python -m benchmarks.spring",
    )
    parser.add_argument("--flights", type=int, default=40, help="drone missions of each variant")
    parser.add_argument("--games", type=int, default=12, help="Crafter episodes of each variant")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps of a Crafter episode")
    parser.add_argument("--quick", action="store_true", help="3 flights and 2 games of 60 steps each")
    parser.add_argument(
        "--out", type=Path, default=None, help="a folder instead of the repository's own files"
    )
    options = parser.parse_args()
    if options.quick:
        options.flights, options.games, options.steps = 3, 2, 60
    folder = options.out or RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    ledger = folder / ".spring.part"
    done = _read(ledger)
    wanted = list(episodes(options.flights, options.games, options.steps))
    todo = [e for e in wanted if json.dumps(e.key) not in done]
    try:
        with ledger.open("a") as sink:
            for episode in track(todo, description="SPRING", disable=not sys.stderr.isatty()):
                row = {
                    "key": episode.key,
                    "world": episode.world,
                    "variant": episode.variant.name,
                    **episode.run(),
                }
                sink.write(json.dumps(row) + "\n")
                sink.flush()
                done[json.dumps(episode.key)] = row
    except KeyboardInterrupt:
        print(f"Stopped; what is finished is in {ledger}, the same command goes on.", file=sys.stderr)
        return 130
    rows = [done[json.dumps(e.key)] for e in wanted]
    numbers = summarise(rows)
    written = {
        "command": f"python -m benchmarks.spring --flights {options.flights} --games {options.games} "
        f"--steps {options.steps}",
        "numbers": numbers, "versions": versions(), "episodes": rows,
    }  # fmt: skip
    replace_file(folder / "spring.json", (json.dumps(written, indent=1) + "\n").encode())
    tables = page(numbers)
    if options.out is None:
        _insert(PAGE, tables)
    ledger.unlink(missing_ok=True)
    print(tables)
    return 0


def _read(ledger: Path) -> dict[str, dict[str, Any]]:
    """Return the finished episodes; a last line that was cut off is left out."""
    rows: dict[str, dict[str, Any]] = {}
    for line in ledger.read_text().splitlines() if ledger.exists() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        rows[json.dumps(row["key"])] = row
    return rows


def _insert(file: Path, tables: str) -> None:
    """Put the tables between the page's marks."""
    text = file.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    replace_file(file, f"{head}{BEGIN}\n\n{tables}\n\n{END}{tail}".encode())


if __name__ == "__main__":
    sys.exit(main())

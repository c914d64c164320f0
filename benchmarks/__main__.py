"""Remake the numbers of the README: `python -m benchmarks [--quick] [--out FOLDER]`.

Runs `reprohrl eval` for every cell, keeps one JSON file per cell in FOLDER (docs/results), and prints
the README's table. A cell whose file exists is not flown again, so an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from reprohrl.cli.main import main as reprohrl

METHODS = ("learned", "scripted")


@dataclass(frozen=True)
class Cell:
    """One line of the table: both methods fly the same scenes."""

    task: str
    rung: str
    colour: bool
    episodes: int
    renderer: str = "ray"

    def name(self, method: str) -> str:
        camera = "colour" if self.colour else "grey"
        return f"{self.task}-{self.rung}-{camera}-{self.renderer}-{method}.json".lower()

    def arguments(self) -> list[str]:
        words = ["--task", self.task, "--rung", self.rung, "--episodes", str(self.episodes)]
        words += ["--color"] if self.colour else []
        return words + (["--renderer", self.renderer] if self.renderer != "ray" else [])


CELLS = (
    Cell("S1", "R2", False, 50),
    Cell("MC-3", "R2", False, 50),
    Cell("C1", "R2", False, 50),
    Cell("MC-3", "R2", True, 50),
    Cell("MC-3", "R2", False, 50, "bullet"),
    Cell("MC-3", "R0", False, 200),
)


def fly(cell: Cell, method: str, folder: Path) -> Path:
    path = folder / cell.name(method)
    if not path.exists():
        words = ["eval", *cell.arguments(), "--planner", method, "--navigator", method]
        status = reprohrl([*words, "--json", str(path), "--resume"])
        if status:
            raise SystemExit(status)
    return path


def line(cell: Cell, files: list[Path]) -> str:
    """Return the table's line: success and its interval per method, and the command."""
    cells = []
    for file in files:
        n = json.loads(file.read_text())["numbers"]["all"]
        low, high = (100 * v for v in n["wilson95"])
        cells.append(f"{100 * n['success_rate']:.0f} % [{low:.0f}, {high:.0f}], n = {n['episodes']}")
    camera = "colour" if cell.colour else "grey"
    look = ", Bullet's renderer" if cell.renderer == "bullet" else ""
    command = f"`reprohrl eval {' '.join(cell.arguments())}`"
    return f"| {cell.task}, {cell.rung}, {camera}{look} | {' | '.join(cells)} | {command} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five episodes a cell, into runs/bench")
    parser.add_argument("--out", type=Path, help="folder of the JSON files")
    asked = parser.parse_args()
    folder = asked.out or Path("runs/bench" if asked.quick else "docs/results")
    folder.mkdir(parents=True, exist_ok=True)
    cells = CELLS if not asked.quick else [Cell(c.task, c.rung, c.colour, 5, c.renderer) for c in CELLS]
    lines = [line(cell, [fly(cell, method, folder) for method in METHODS]) for cell in cells]
    sys.stdout.write("| task | learned | scripted | command |\n|---|---|---|---|\n" + "\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Make the pictures in docs/media: a flight's report in headless Chromium, and an annotated camera image.

Run: python tools/screenshots.py [RUN]   (flies MC-3, seed 1, where no run is named). Chromium is needed here
and nowhere else in the project: apt install chromium.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
MEDIA = ROOT / "docs" / "media"
SIZE = (1200, 1960)
COLOURS = 64
AT_S = 12.0
"""The moment of the flight that is shown."""

BUDGET_MS = 20_000
DEADLINE_S = 120.0


def browser() -> str:
    """Return the path of Chromium or Chrome."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise SystemExit("there is no Chromium on this machine: apt install chromium")


def shoot(page: Path, picture: Path) -> None:
    """Save what the browser shows of `page` at `AT_S`, in few colours."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder, "raw.png")
        subprocess.run(
            [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--window-size={SIZE[0]},{SIZE[1]}", f"--virtual-time-budget={BUDGET_MS}",
             f"--screenshot={raw}", f"{page.resolve().as_uri()}#t={AT_S}"],
            check=True, capture_output=True, timeout=DEADLINE_S,
        )  # fmt: skip
        save(cv2.imread(str(raw)), picture)


def save(image: np.ndarray, picture: Path) -> None:
    from PIL import Image

    rgb = Image.fromarray(np.ascontiguousarray(image[..., ::-1]))
    rgb.quantize(COLOURS * 2).save(picture, optimize=True)
    sys.stdout.write(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1024} kB\n")


def annotated(run: Path, picture: Path) -> None:
    """Save the image the monitor node would publish on `camera/annotated` at `AT_S`."""
    from reprohrl.reporting.decisions import Explained
    from reprohrl.reporting.mcap import read_mcap
    from reprohrl.reporting.palette import option_words
    from ros_nodes.pictures import annotated as draw

    log, explained = read_mcap(run / "flight.mcap"), Explained()
    for row in log.rows:
        explained.row(row)
        if row.stamp - log.rows[0].stamp >= AT_S and row.option is not None and explained.switch is not None:
            frame = cv2.imdecode(np.frombuffer(row.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
            words = (option_words(row.option), explained.switch.reason)
            drawn = draw(np.asarray(frame, np.uint8), row.detections, row.option, words, width=648)
            return save(drawn[..., ::-1], picture)


def main() -> int:
    MEDIA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder, "run")
        if len(sys.argv) == 1:
            words = ["fly", "--task", "MC-3", "--seed", "1", "--out", str(run)]
            subprocess.run([sys.executable, "-m", "reprohrl", *words], check=True, cwd=ROOT)
        shoot(run / "report.html", MEDIA / "report.png")
        annotated(run, MEDIA / "annotated.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

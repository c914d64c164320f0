"""Read a recorded flight, print how often its goals were seen: `python read_a_flight.py runs/<stamp>`."""

import sys
from pathlib import Path

from reprohrl.reporting.mcap import read_mcap
from reprohrl.reporting.run import latest_run

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else latest_run()
log = read_mcap(folder / "flight.mcap")
for name in log.header.goals:
    seen = [row for row in log.rows if any(d.name == name for d in row.detections.items)]
    print(f"{name}: in view in {len(seen)} of {len(log.rows)} frames")
print(f"it ended with: {log.outcome}")

"""Write the golden flight anew: today's answers to its frames and states become the recording.

    python -m tests.golden.record_replay                      the same frames, today's answers
    python -m tests.golden.record_replay runs/X/flight.mcap   the first frames of another flight

Only where the decisions are meant to change; say why in the commit.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reprohrl.cli.replay import read, stack_of, write_replayed
from reprohrl.replay.replay import replay

GOLDEN = Path(__file__).with_name("replay") / "flight.mcap"
FRAMES = 50


def main(arguments: list[str]) -> None:
    log = read(Path(arguments[0]) if arguments else GOLDEN)
    log.rows = log.rows[:FRAMES]
    log.events = [e for e in log.events if e.stamp <= log.rows[-1].stamp]
    log.outcome, log.judged = "the first frames of a flight", ""
    write_replayed(log, replay(log, stack_of(log.header), chained=True), GOLDEN)


if __name__ == "__main__":
    main(sys.argv[1:])

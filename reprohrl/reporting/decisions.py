"""The decisions of a logged flight: which option, since when, why, with the scores of all of them."""

from __future__ import annotations

from collections.abc import Iterable

from reprohrl.flight.log import LogRow
from reprohrl.policies.decision import Decision, DecisionTrail


class Explained:
    """Follows the rows of a log; `last` is the newest decision, `switch` the one its option began with."""

    def __init__(self) -> None:
        self._trail = DecisionTrail()
        self.switch: Decision | None = None

    @property
    def last(self) -> Decision | None:
        return self._trail.last

    def row(self, row: LogRow) -> Decision | None:
        """Return the decision made on this row, None where the option was repeated."""
        if row.option is None:
            return None
        status = row.status
        seen = status is not None and any(d.class_id == status.goal for d in row.detections.items)
        decision = self._trail.update(row.option, status, visible=seen)
        if decision is not None and decision.switched:
            self.switch = decision
        return decision


def switches(rows: Iterable[LogRow]) -> list[Decision]:
    """Return the decisions that changed the option."""
    explained = Explained()
    made = [explained.row(row) for row in rows]
    return [d for d in made if d is not None and d.switched]

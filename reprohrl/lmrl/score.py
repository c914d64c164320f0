"""The paper's score: 0 is the worst possible, 50 the average of the data set, 100 the best possible.

Source: Abdulhai et al., LMRL-Gym, arXiv 2311.18232, score normalisation of the Maze task.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Returns that stand for 0, 50 and 100."""

    worst: float
    average: float
    best: float

    def normalise(self, score: float) -> float:
        """Return the score on the paper's scale; two straight lines that meet at 50."""
        if score < self.average:
            return 50.0 * (score - self.worst) / (self.average - self.worst)
        return 50.0 + 50.0 * (score - self.average) / (self.best - self.average)

"""What the training environments draw their episodes from, and what they pay for."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.envs.detector_model import DetectorErrors


@dataclass(frozen=True, slots=True)
class Rewards:
    """Per tick unless said otherwise. `progress` is per metre toward the current goal."""

    progress: float = 1.0
    reached: float = 3.0
    contact: float = -10.0
    timeout: float = -2.0
    time: float = -0.005
    found: float = 0.5
    too_close: float = -0.15
    too_close_m: float = 0.30
    rush: float = -0.2  # per m/s of speed, growing as solids come nearer than rush_m
    rush_m: float = 0.5
    smoothness: float = -0.02
    climb: float = -0.05


@dataclass(frozen=True, slots=True)
class NavigationConfig:
    """Episodes of the low level: whole missions, so that each leg starts where the last one ended."""

    tasks: dict[str, float] = field(
        default_factory=lambda: {
            "MC-3": 0.35,
            "MC-4": 0.2,
            "MC-2": 0.1,
            "C1": 0.1,
            "MS-3": 0.1,
            "MS-4": 0.05,
            "S1": 0.1,
        }
    )
    """Task ids and the share of episodes each gets."""
    scenes: int = 4000
    """Train scenes drawn once and reused; seeds 0 .. scenes-1 of the train split."""
    leg_limit_s: float = 40.0
    detector: DetectorErrors = field(default_factory=DetectorErrors)
    randomise: float = 0.7
    """Strength of the drone's parameter randomisation in [0, 1]."""
    delay_substeps: tuple[int, int] = (8, 40)
    """Command delay at 240 Hz: 33 to 167 ms."""
    forget_s: tuple[float, float] = (2.0, 12.0)
    """A goal not seen for this long (drawn per episode) is searched for instead of flown to."""
    rewards: Rewards = field(default_factory=Rewards)

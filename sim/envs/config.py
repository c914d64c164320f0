"""What the training environments draw their episodes from, and what they pay for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sim.envs.detector_model import NO_ERRORS, R1_ERRORS, TRAINING_ERRORS, DetectorErrors
from sim.envs.detector_noise import DetectorNoise, load_noise
from sim.profiles.profile import Profile


class Rewards(NamedTuple):
    """Per tick unless said otherwise. `progress` is per metre toward where the option leads."""

    progress: float = 1.0
    reached: float = 3.0
    contact: float = -10.0
    timeout: float = -2.0
    time: float = -0.01
    found: float = 0.5
    new_floor: float = 0.25  # per m^2 of floor looked at for the first time, while searching
    too_close: float = -0.15
    too_close_m: float = 0.30
    rush: float = -0.2  # per m/s of speed, growing as solids come nearer than rush_m
    rush_m: float = 0.5
    smoothness: float = -0.02
    climb: float = -0.05


class Noise(NamedTuple):
    """What the drone's own senses get wrong: standard deviations, and the bias odometry drifts by."""

    range_ratio: float = 0.02
    velocity_mps: float = 0.04
    velocity_bias_mps: float = 0.008
    height_m: float = 0.005
    attitude_rad: float = 0.005
    yaw_rate_radps: float = 0.02


REWARDS, NOISE = Rewards(), Noise()
NO_NOISE = Noise(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Settings(NamedTuple):
    """What the compiled loops read of a `NavigationConfig`."""

    errors: DetectorErrors
    fitted: DetectorNoise
    fitted_share: float
    rewards: Rewards
    noise: Noise
    strength_low: float
    strength_high: float
    delay_low: float
    delay_high: float
    leg_limit_s: float
    forget_low_s: float
    forget_high_s: float
    home_share: float
    stray_share: float
    judged: bool


@dataclass(frozen=True, slots=True)
class NavigationConfig:
    """Episodes: whole missions, so that each leg starts where the last one ended."""

    tasks: dict[str, float] = field(
        default_factory=lambda: {
            "MC-3": 0.25,
            "MC-4": 0.2,
            "X2R": 0.2,
            "XM": 0.05,
            "XA": 0.05,
            "C1": 0.1,
            "MS-3": 0.1,
            "S1": 0.05,
        }
    )
    """Task ids and the share of episodes each gets."""
    scenes: int = 3000
    """Train scenes drawn once and reused; seeds 0 .. scenes-1 of the train split."""
    first_scene: int = 0
    leg_limit_s: float = 40.0
    detector: DetectorErrors = TRAINING_ERRORS
    fitted_share: float = 0.5
    """Share of episodes that err as the shipped detector was measured to, instead of by `detector`."""
    strength: tuple[float, float] = (0.0, 1.5)
    """The episode's factor on all detector error rates is drawn from here."""
    noise: Noise = NOISE
    randomise: float = 0.7
    """Strength of the drone's parameter randomisation in [0, 1]; a `profile` takes its place."""
    profile: Profile | None = None
    """Where drones are drawn from; see `sim.profiles.training.with_profile` for their delays, too."""
    delay_substeps: tuple[int, int] = (8, 40)
    """Command delay at 240 Hz: 33 to 167 ms."""
    forget_s: tuple[float, float] = (4.0, 60.0)
    """A goal not seen for this long (drawn per episode) is searched for instead of flown to."""
    home_share: float = 0.25
    """Share of missions that end with the flight home."""
    stray_share: float = 0.1
    """Share of episodes in which options are also drawn at random, as a poor selector would."""
    rewards: Rewards = REWARDS
    threads: int = 0
    """Threads that step the world; 0: one for a small batch, else as many as numba may use."""

    def settings(self, *, judged: bool) -> Settings:
        return Settings(
            self.detector, load_noise(), self.fitted_share, self.rewards, self.noise, *self.strength,
            *map(float, self.delay_substeps),
            self.leg_limit_s, *self.forget_s, self.home_share, self.stray_share, judged,
        )  # fmt: skip


def rung_config(rung: str) -> NavigationConfig:
    """Return the episodes of a perception rung: `"R0"` truth boxes, `"R1"` with the benchmark's errors."""
    if rung == "R0":
        return NavigationConfig(
            detector=NO_ERRORS, strength=(1.0, 1.0), delay_substeps=(8, 9), randomise=0.3, leg_limit_s=60.0,
            forget_s=(60.0, 60.1), stray_share=0.0, fitted_share=0.0,
        )  # fmt: skip
    return NavigationConfig(
        detector=R1_ERRORS, strength=(1.0, 1.0), delay_substeps=(24, 37), randomise=0.3, leg_limit_s=60.0,
        forget_s=(60.0, 60.1), stray_share=0.0, fitted_share=0.0,
    )  # fmt: skip

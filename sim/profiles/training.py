"""A profile as the episodes of the training environments."""

from __future__ import annotations

from dataclasses import replace

from sim.envs.config import NavigationConfig
from sim.profiles.profile import Profile
from sim.profiles.rows import delay_substeps


def with_profile(config: NavigationConfig, profile: Profile) -> NavigationConfig:
    """Return `config` with drones drawn from `profile`, and its whole loop delay on their commands.

    The batched worlds see at once: what link, setpoint period and camera take is played as the commands'.
    """
    return replace(config, profile=profile, delay_substeps=delay_substeps(profile))

"""DroneNav-Text: our own missions as a text game, one option a second, on the batched simulator.

The observation is what every text agent reads (`reprohrl.language.render`) with the legal options; the
action is an option in words. Reward -1 for each second, 0 for the one in which the mission succeeds, -4 for
words that are no legal option (the drone holds), and 20 less where the drone touches something or the goal's
time runs out, which ends the game, as do 60 options. Judged by the simulator's truth, as in the benchmark.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.lmrl.game import Turn

TASK = "MC-2"
SECONDS, LIMIT = 1.0, 60
LOST, ILLEGAL = -20.0, -4.0
Split = Literal["train", "test"]
TRAIN: Split = "train"
TEST: Split = "test"
TEST_SEEDS = 1_000_000
"""Seeds from here on are test scenes; those below are training scenes."""


class DroneNav:
    """The game. `task` and `rung` are the benchmark's."""

    def __init__(self, *, task: str = TASK, rung: str = "R0") -> None:
        self.task, self.rung = task, rung
        self.legal: dict[str, Option] = {}
        self.features: ObjectFeatures | None = None
        self.status: MissionStatus | None = None
        self._world: Any = None
        self._options = 0

    def reset(self, seed: int) -> str:
        from sim.envs.config import rung_config
        from sim.envs.navigation import BatchNavigation

        number, split = seed, TRAIN
        if seed >= TEST_SEEDS:
            number, split = seed - TEST_SEEDS, TEST
        self._world = BatchNavigation(
            1, rung_config(self.rung), seed, episodes=[(self.task, number, split)], by_rule=False
        )
        self._world.reset()
        self._options = 0
        return self._text()

    def step(self, action: str) -> Turn:
        option = self.legal.get(" ".join(action.split()))
        reward = -1.0 if option is not None else ILLEGAL
        self._fly(option or Option(OptionKind.HOLD))
        self._options += 1
        over = bool(self._world.over[0])
        if over:
            reward = 0.0 if self.succeeded else reward + LOST
        return Turn(self._text(), reward, over or self._options >= LIMIT)

    @property
    def succeeded(self) -> bool:
        """Whether the mission is done, by the simulator's truth."""
        from sim.envs.world import SUCCESS

        return bool(self._world.outcome[0] == SUCCESS)

    def _fly(self, option: Option) -> None:
        from reprohrl.contracts.rates import TICK_HZ
        from reprohrl.policies.observation import GO_TO, PASS, RETURN, SEARCH, STILL
        from sim.envs.teacher import pilot_actions

        skills = {
            OptionKind.GO_TO: GO_TO, OptionKind.SEARCH: SEARCH, OptionKind.PASS: PASS,
            OptionKind.RETURN: RETURN,
        }  # fmt: skip
        w = self._world
        skill = np.array([skills.get(option.kind, STILL)])
        goal = np.array([option.goal if option.goal >= 0 else int(w.goal[0])])
        if option.kind is OptionKind.RETURN:
            w.declare_absent(np.array([True]))
            goal[:] = -1
        w.set_options(skill, goal)
        for _ in range(round(SECONDS * TICK_HZ)):
            if w.over[0]:
                return
            command = pilot_actions(w, w.skill, w.target)
            command[w.skill == STILL] = 0.0
            w.step(command)

    def _text(self) -> str:
        from reprohrl.language.render import Rendering, render
        from reprohrl.planners.legal import legal

        self.features, self.status = self._seen(), self._progress()
        self.legal = {c.phrase: c.option for c in legal(self.features, self.status)}
        told = render(
            self.features, self.status, rendering=Rendering(coarse=True, mission=False, around=False)
        )
        return f"{told}\noptions: {', '.join(self.legal)}\n"

    def _seen(self) -> ObjectFeatures:
        w = self._world
        stamp = float(w.time_s[0])
        x, y, z = (float(v) for v in w.position[0])
        vx, vy, vz = (float(v) for v in w.velocity[0])
        roll, pitch, yaw = (float(v) for v in w.attitude[0])
        front, back, left, right, up = (float(v) for v in w.ranges[0])
        state = DroneState(
            stamp, position=(x, y, z), velocity=(vx, vy, vz), attitude=(roll, pitch, yaw),
            yaw_rate=float(w.yaw_rate[0]), height=z, ranges=(front, back, left, right, up), flying=True,
        )  # fmt: skip
        views = (w.values[0].copy(), w.sectors[0].copy(), w.looked[0].copy())
        return ObjectFeatures(*views, state, stamp, w.routes[0].copy())

    def _progress(self) -> MissionStatus:
        w = self._world
        goals = tuple(int(g) for g in w.legs[0, : int(w.num_legs[0])])
        phase = MissionPhase.RETURNING if w.returning[0] else MissionPhase.ACTIVE
        return MissionStatus(
            Mission(goals), min(int(w.index[0]), len(goals)), phase, float(w.time_s[0]),
            elapsed_s=float(w.time_s[0]), leg_elapsed_s=float(w.leg_s[0]),
        )  # fmt: skip

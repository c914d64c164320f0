"""A double DQN with a uniform replay memory, for agents whose two levels learn side by side."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Array32 = NDArray[np.float32]


class DoubleDqn:
    """van Hasselt, Guez, Silver 2016: the online network chooses the next action, the target rates it.

    Each transition carries its own discount, 0 where nothing follows, so that options of any length fit.
    """

    def __init__(
        self,
        inputs: int,
        actions: int,
        hidden: tuple[int, ...],
        *,
        capacity: int,
        learning_rate: float,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.actions, self.capacity = actions, capacity
        self.network, self.target = (_mlp(inputs, actions, hidden) for _ in range(2))
        self.target.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=learning_rate)
        self.rng = np.random.default_rng(seed)
        self.size = self._at = 0
        self._state = np.zeros((capacity, inputs), np.float32)
        self._next = np.zeros((capacity, inputs), np.float32)
        self._action = np.zeros(capacity, np.int64)
        self._reward = np.zeros(capacity, np.float32)
        self._discount = np.zeros(capacity, np.float32)

    def choose(self, observation: Array32, explore: float) -> NDArray[np.int64]:
        """Return actions (N,) for scaled observations (N, D), at random in the share `explore`."""
        with torch.no_grad():
            best = self.network(torch.from_numpy(observation)).argmax(dim=1).numpy()
        wild = self.rng.random(len(best)) < explore
        return np.where(wild, self.rng.integers(0, self.actions, len(best)), best)

    def remember(
        self,
        state: Array32,
        action: NDArray[np.int64],
        reward: NDArray[Any],
        after: Array32,
        discount: NDArray[Any],
    ) -> None:
        """Keep transitions, one per row."""
        rows = (self._at + np.arange(len(state))) % self.capacity
        self._state[rows], self._next[rows], self._action[rows] = state, after, action
        self._reward[rows], self._discount[rows] = reward, discount
        self._at = int((self._at + len(state)) % self.capacity)
        self.size = min(self.size + len(state), self.capacity)

    def learn(self, batch: int) -> float:
        """Take one gradient step; return the loss."""
        rows = self.rng.integers(0, self.size, batch)
        after = torch.from_numpy(self._next[rows])
        with torch.no_grad():
            best = self.network(after).argmax(dim=1, keepdim=True)
            value = self.target(after).gather(1, best).squeeze(1)
            wanted = torch.from_numpy(self._reward[rows]) + torch.from_numpy(self._discount[rows]) * value
        action = torch.from_numpy(self._action[rows])[:, None]
        given = self.network(torch.from_numpy(self._state[rows])).gather(1, action).squeeze(1)
        loss = nn.functional.smooth_l1_loss(given, wanted)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self.optimiser.step()
        return float(loss.detach())

    def renew_target(self) -> None:
        self.target.load_state_dict(self.network.state_dict())

    def save(self, path: Path) -> None:
        kept = slice(0, self.size)
        memory = [a[kept] for a in (self._state, self._next, self._action, self._reward, self._discount)]
        torch.save(
            {
                "network": self.network.state_dict(), "target": self.target.state_dict(),
                "optimiser": self.optimiser.state_dict(), "memory": [torch.from_numpy(m) for m in memory],
                "at": self._at,
            },
            path,
        )  # fmt: skip

    def restore(self, path: Path) -> None:
        kept = torch.load(path, weights_only=True)
        self.network.load_state_dict(kept["network"])
        self.target.load_state_dict(kept["target"])
        self.optimiser.load_state_dict(kept["optimiser"])
        memory = [m.numpy() for m in kept["memory"]]
        self.size, self._at = len(memory[0]), int(kept["at"])
        own: list[NDArray[Any]] = [self._state, self._next, self._action, self._reward, self._discount]
        for array, rows in zip(own, memory, strict=True):
            array[: self.size] = rows


class NStep:
    """Turns single steps of many rows into n-step transitions that never run past the end of an option."""

    def __init__(self, steps: int, gamma: float) -> None:
        self.gamma = gamma
        self._steps: deque[tuple[NDArray[Any], ...]] = deque(maxlen=steps)

    def add(
        self,
        state: Array32,
        action: NDArray[np.int64],
        reward: NDArray[Any],
        after: Array32,
        ended: NDArray[np.bool_],
        cut: NDArray[np.bool_],
    ) -> tuple[NDArray[Any], ...] | None:
        """Take one step; return (state, action, reward, after, discount) of the step n ago, if there is one.

        `ended` (N,): nothing follows. `cut` (N,): what follows belongs to another option.
        """
        self._steps.append((state, action, reward, after, ended, ended | cut))
        if len(self._steps) < (self._steps.maxlen or 1):
            return None
        total, weight = np.zeros(len(state)), 1.0
        last, discount = np.empty_like(state), np.zeros(len(state))
        alive = np.ones(len(state), bool)
        for _, _, gain, seen, over, stop in self._steps:
            total += np.where(alive, weight * gain, 0.0)
            weight *= self.gamma
            last[alive] = seen[alive]
            discount = np.where(alive, np.where(over, 0.0, weight), discount)
            alive = alive & ~stop
        first = self._steps[0]
        return first[0], first[1], total, last, discount


def _mlp(inputs: int, outputs: int, hidden: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size in hidden:
        layers += [nn.Linear(inputs, size), nn.ReLU()]
        inputs = size
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))

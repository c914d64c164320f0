"""Text-Nav: find the stale food in a house of eight rooms and shut it into the fridge, in TextWorld.

The house, the objects and the quest are those of the paper's repository: shutting the stale food into the
fridge wins and gives 1, eating it loses, everything else gives 0. Each text lists the admissible
commands, less examining, looking and the inventory. Fully observed, the text also tells the room and what is
carried; partially observed, it does not. The recorded play of the paper ends after 15 commands; so does ours.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from reprohrl.lmrl.game import Turn

ROOMS = ("bedroom", "office", "bathroom", "living room", "kitchen", "dining room", "garden", "backyard")
LIMIT = 15
REDUNDANT = ("examine", "look", "inventory")
OBJECTIVE = (
    "Your objective is to put the stale food on the table in the living room into the fridge in the kitchen."
)
PASSAGES = (
    ("bedroom", "west", "living room", "east"),
    ("living room", "west", "dining room", "east"),
    ("dining room", "west", "kitchen", "east"),
    ("kitchen", "north", "garden", "south"),
    ("living room", "south", "office", "north"),
    ("office", "east", "bathroom", "west"),
    ("bedroom", "south", "bathroom", "north"),
    ("kitchen", "west", "backyard", "east"),
)
THINGS = (
    ("bedroom", "s", "table", (("o", "bowl"),)),
    ("office", "c", "chest", (("o", "utensils"),)),
    ("living room", "s", "table", (("f", "stale food"), ("f", "fresh food"))),
    ("dining room", "s", "table", (("o", "coffee cup"), ("o", "plate"))),
    ("kitchen", "c", "fridge", (("f", "fruit"),)),
)
"""Room, kind (s: a supporter, c: a closed container), name, and what is on or in it (f: food, o: other)."""


def build(start: str) -> Any:
    """Return the TextWorld game that begins in room `start`, and its options."""
    from textworld import GameMaker, GameOptions
    from textworld.generator.game import Event, Quest

    options = GameOptions()
    options.seeds = 1234
    options.grammar.include_adj = False
    options.grammar.only_last_action = True
    options.grammar.blend_instructions = True
    options.grammar.blend_descriptions = True
    maker = GameMaker(options)
    rooms = {name: maker.new_room(name) for name in ROOMS}
    for here, way, there, back in PASSAGES:
        maker.connect(getattr(rooms[here], way), getattr(rooms[there], back))
    named: dict[str, Any] = {}
    for room, kind, name, contents in THINGS:
        holder = named[name] = maker.new(type=kind, name=name)
        if kind == "c":
            maker.add_fact("closed", holder)
        rooms[room].add(holder)
        for sort, thing in contents:
            named[thing] = maker.new(type=sort, name=thing)
            holder.add(named[thing])
    maker.set_player(rooms[start])
    food, fridge = named["stale food"], named["fridge"]
    eaten = Event(conditions={maker.new_fact("eaten", food)})
    shut = Event(conditions={maker.new_fact("in", food, fridge), maker.new_fact("closed", fridge)})
    maker.quests = [Quest(win_events=[], fail_events=[eaten]), Quest(win_events=[shut], reward=1)]
    game = maker.build()
    game.objective = OBJECTIVE
    return game, options


def compiled(start: str) -> Path:
    """Return the story file of a start room; it is compiled once and kept in the user's cache."""
    import textworld
    import textworld.generator

    recipe = inspect.getsource(build) + repr((ROOMS, PASSAGES, THINGS, OBJECTIVE, textworld.__version__))
    mark = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reprohrl" / "text_nav"
    path = cache / f"{start.replace(' ', '-')}-{mark}.z8"
    if path.exists() and path.with_suffix(".json").exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        game, options = build(start)
        options.path = str(Path(scratch) / "game.z8")
        made = Path(textworld.generator.compile_game(game, options))
        made.with_suffix(".json").replace(path.with_suffix(".json"))
        made.replace(path)
    return path


class TextNav:
    """The game. `fully_observed` chooses what its texts tell."""

    def __init__(self, *, fully_observed: bool = True) -> None:
        self.fully_observed = fully_observed
        self.admissible: tuple[str, ...] = ()
        self.room = ""
        self._env: Any = None
        self._start = ""
        self._commands = 0

    def reset(self, seed: int) -> str:
        return self.start(ROOMS[int(np.random.default_rng(seed).integers(len(ROOMS)))])

    def start(self, room: str) -> str:
        """Begin in `room`; return the first text."""
        import textworld

        if self._env is None or self._start != room:
            self.close()
            wanted = textworld.EnvInfos(
                feedback=True, description=True, admissible_commands=True, location=True, inventory=True,
                score=True, won=True, lost=True,
            )  # fmt: skip
            self._env = textworld.start(str(compiled(room)), wanted)
            self._start = room
        self._commands = 0
        return self._text(self._env.reset(), first=True)

    def step(self, action: str) -> Turn:
        state, _, done = self._env.step(" ".join(action.split()) or "wait")
        self._commands += 1
        reward = 1.0 if state["won"] else 0.0
        return Turn(self._text(state, first=False), reward, bool(done) or self._commands >= LIMIT)

    def close(self) -> None:
        """End the interpreter of the story."""
        if self._env is not None:
            self._env.close()
            self._env = None

    def _text(self, state: Any, *, first: bool) -> str:
        commands = tuple(c for c in state["admissible_commands"] or () if not any(r in c for r in REDUNDANT))
        found = re.search("-= (.*) =-", state["description"] or "")
        self.admissible, self.room = commands, (found.group(1).lower() if found else "")
        said = re.sub(r"(> *)?-=.*=-\S*", "", state["feedback"])
        parts = [OBJECTIVE if first else "", _tail(said) if first else said.strip()]
        if self.fully_observed:
            parts += [f"Room: {self.room}.", (state["inventory"] or "").strip()]
        parts.append(f"Admissible commands: {', '.join(commands)}")
        return " ".join(" ".join(p.split()) for p in parts if p) + "\n"


def _tail(feedback: str) -> str:
    """Return the first feedback without TextWorld's banner and welcome."""
    _, _, rest = feedback.partition(OBJECTIVE)
    return (rest or feedback.rpartition("\n\n\n")[2]).strip()

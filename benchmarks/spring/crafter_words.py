"""Crafter in words: what the player sees, faces, has, and can do."""

from __future__ import annotations

from typing import Any

ACTIONS: dict[str, str] = {
    "Noop": "noop", "Move West": "move_left", "Move East": "move_right", "Move North": "move_up",
    "Move South": "move_down", "Do": "do", "Sleep": "sleep", "Place Stone": "place_stone",
    "Place Table": "place_table", "Place Furnace": "place_furnace", "Place Plant": "place_plant",
    "Make Wood Pickaxe": "make_wood_pickaxe", "Make Stone Pickaxe": "make_stone_pickaxe",
    "Make Iron Pickaxe": "make_iron_pickaxe", "Make Wood Sword": "make_wood_sword",
    "Make Stone Sword": "make_stone_sword", "Make Iron Sword": "make_iron_sword",
}  # fmt: skip
"""Names of the actions for people -> the game's."""

VIEW = (4, 3)
"""Cells in sight to each side, and up and down."""

STATUS = ("health", "food", "drink", "energy")


def observe(env: Any, last: str = "") -> str:
    """Return what stands around the player of a `crafter.Env`, as lines; `last` is its last action's name."""
    player, world = env._player, env._world
    x, y = (int(v) for v in player.pos)
    nearest: dict[str, tuple[int, int, int]] = {}
    lines = [f"You took action {last}."] if last else []
    for dx in range(-VIEW[0], VIEW[0] + 1):
        for dy in range(-VIEW[1], VIEW[1] + 1):
            thing = _thing(world, (x + dx, y + dy))
            if (dx or dy) and thing:
                steps = abs(dx) + abs(dy)
                if thing not in nearest or (steps, dx, dy) < nearest[thing]:
                    nearest[thing] = (steps, dx, dy)
    lines.append("You see:")
    beside = [(1, dx, dy) for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0))]
    seen = [(t, *place) for t, place in nearest.items() if place[0] > 1]
    seen += [(t, *place) for place in beside if (t := _thing(world, (x + place[1], y + place[2])))]
    for thing, steps, dx, dy in sorted(seen, key=lambda s: (s[1], s[0], s[2], s[3])):
        lines.append(f"- {thing} {steps} step{'s' * (steps > 1)} to your {_where(dx, dy)}")
    faced = _thing(world, (x + player.facing[0], y + player.facing[1]))
    lines.append(f"You face {faced or 'nothing'} at your front.")
    lines.append("Your status:")
    lines += [f"- {name}: {player.inventory[name]}/9" for name in STATUS]
    have = {n.replace("_", " "): c for n, c in player.inventory.items() if n not in STATUS and c > 0}
    lines.append("Your inventory:" if have else "You have nothing in your inventory.")
    lines += [f"- {name}: {count}" for name, count in have.items()]
    return "\n".join(lines)


def _thing(world: Any, place: tuple[int, int]) -> str:
    if not (0 <= place[0] < world.area[0] and 0 <= place[1] < world.area[1]):
        return ""
    material, thing = world[place]
    return type(thing).__name__.lower() if thing is not None else str(material or "")


def _where(dx: int, dy: int) -> str:
    parts = ["north" if dy < 0 else "south"] * bool(dy) + ["west" if dx < 0 else "east"] * bool(dx)
    return "-".join(parts)

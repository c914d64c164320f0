"""Colours of pictures and reports, one per meaning. RGB, 0 to 255."""

from __future__ import annotations

import colorsys

from reprohrl.contracts.mission import Option, OptionKind
from reprohrl.contracts.vocabulary import GOAL_CLASSES, OBSTACLE_ID

Colour = tuple[int, int, int]

PAPER: Colour = (250, 250, 247)
INK: Colour = (32, 36, 44)
MUTED: Colour = (120, 126, 138)
LINE: Colour = (222, 222, 214)
WALL: Colour = (64, 70, 84)
FLOOR: Colour = (255, 255, 255)
OBSTACLE: Colour = (176, 180, 188)
TRAIL: Colour = (37, 99, 235)
GOOD: Colour = (22, 140, 88)
BAD: Colour = (205, 52, 52)
WARN: Colour = (217, 131, 16)

CLASS_COLOURS: tuple[Colour, ...] = (
    (220, 68, 55),  # sphere
    (38, 110, 222),  # cube
    (233, 142, 22),  # cone
    (20, 150, 110),  # cylinder
    (142, 76, 190),  # torus
    (196, 158, 10),  # pyramid
)


def class_colour(class_id: int) -> Colour:
    """Return the colour a class is drawn in, whatever its own paint is."""
    if 0 <= class_id < len(CLASS_COLOURS):
        return CLASS_COLOURS[class_id]
    if class_id == OBSTACLE_ID or class_id < len(GOAL_CLASSES):
        return OBSTACLE
    r, g, b = colorsys.hsv_to_rgb((class_id * 0.61803) % 1.0, 0.6, 0.8)
    return (int(r * 255), int(g * 255), int(b * 255))


def option_colour(option: Option | None) -> Colour:
    """Return the goal's colour for go-to, a paler one while looking for it, orange for giving it up and
    flying home, grey for the rest."""
    if option is not None and option.kind is OptionKind.RETURN:
        return WARN
    if option is None or option.kind not in (OptionKind.GO_TO, OptionKind.SEARCH, OptionKind.PASS):
        return MUTED
    colour = class_colour(option.goal)
    if option.kind is OptionKind.GO_TO:
        return colour
    r, g, b = ((c + 2 * 245) // 3 for c in colour)
    return (r, g, b)


def option_words(option: Option | None) -> str:
    """Return the option as people say it."""
    if option is not None and option.kind is OptionKind.RETURN:
        return "return home"
    return str(option).replace("_", " ") if option is not None else "waiting"


def css(colour: Colour) -> str:
    return f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}"

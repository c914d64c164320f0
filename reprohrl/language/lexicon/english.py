"""English. Keys of `WORDS` are the letters of `T`; phrases are separated by commas, articles left out.

`REAL` are words of their own, not misspelt ones of these lists.
"""

from __future__ import annotations

ARTICLES = "the a an"
OBJECTS = {
    "sphere": "sphere, ball, globe, orb",
    "cube": "cube, block",
    "cone": "cone",
    "cylinder": "cylinder, can shape",
    "torus": "torus, ring, donut, doughnut",
    "pyramid": "pyramid",
}
PLURALS = {
    "sphere": "spheres, balls, globes, orbs",
    "cube": "cubes, blocks",
    "cone": "cones",
    "cylinder": "cylinders",
    "torus": "tori, rings, donuts, doughnuts",
    "pyramid": "pyramids",
}
WORDS = {
    "T": (
        "person, people, persons, human, humans, man, woman, men, women, pedestrian, pedestrians, "
        "walker, walkers, anybody, anyone, someone, everybody, everyone, obstacle, obstacles"
    ),
    "A": (
        "all, all objects, all goals, all shapes, all things, every object, every goal, every shape, "
        "everything, all of them, each object, all six objects"
    ),
    "j": "whatever, what, object, thing, new object, whatever thing, whichever object",
    "J": (
        "behind door, behind doorway, behind opening, beyond door, beyond doorway, in next room, in "
        "other room, on other side, other side of door, other side of doorway, behind it"
    ),
    "U": (
        "through door, through doorway, through opening, through gate, past doorway, through next "
        "door, through next doorway, into next room, into other room, to next room, to other room"
    ),
    "c": (
        "red, green, blue, yellow, orange, purple, violet, pink, white, black, grey, gray, brown, "
        "cyan, magenta, big, small, large, little, tall, tiny, huge, golden, dark, light, bright, "
        "coloured, colored"
    ),
    "V": (
        "visit, visiting, visits, visited, visit to, fly, flying, flies, flown, go, going, head, "
        "heading, move, moving, travel, approach, approaching, find, finding, see, seeing, inspect, "
        "inspecting, check, check out, checking, reach, reaching, look at, look for, looking at, "
        "looking for, search, searching, search for, seek, proceed, navigate, stop at, stop by, drop "
        "by, touch, touching, examine, locate, make your way, pass by"
    ),
    "X": "skip, leave out, avoid, avoiding, shun, evade",
    "N": "not, never, don't, dont, do not, no, nor, must not, mustn't, should not, shouldn't, cannot",
    "z": "without",
    "K": "near, close, closer, nearer, close to, too close, too near, anywhere near, within reach of",
    "S": "keep, keeping, stay, staying, steer, steering, remain, remaining, maintain, maintaining",
    "Q": "away, clear, distance, off, apart, far",
    "o": "hover, hovering, wait, waiting, hold, holding, pause, pausing, linger, rest",
    "h": (
        "home, back, base, start, starting point, return, returning, start point, where you started, "
        "where you took off, takeoff point, launch point, homewards"
    ),
    "D": "land, landing, touch down, set down",
    "p": (
        "patrol, patrolling, circle, circling, back and forth, shuttle, alternate, keep flying, keep "
        "visiting, keep going, keep circling, keep patrolling, over and over, again and again, "
        "commute"
    ),
    "r": "repeat, repeating, repeat it, whole thing",
    "x": "times, rounds",
    "%": "percent, per cent, pct, %",
    "B": "battery, charge, battery level, battery charge, battery power, power, accumulator",
    "<": (
        "below, under, less than, lower than, falls to, drops to, falls below, drops below, falls "
        "under, drops under, down to, at or below, reaches, hits"
    ),
    "+": "above, over, more than, higher than, exceeds",
    ">": "at least, minimum, no less than, not less than",
    "L": (
        "at most, no more than, not more than, maximum, no longer than, not longer than, longer than, "
        "takes longer than, up to, at latest, at maximum, takes more than, latest, takes over"
    ),
    "W": "you have, within, inside of, in less than, in under, in at most, in no more than",
    "I": "in",
    "R": "for",
    "G": "with",
    "Y": "by",
    "i": "if, when, once, as soon as, whenever, in case",
    "u": "until, till, as long as until",
    "e": (
        "each, per goal, per object, each goal, each object, for each, for each goal, for each "
        "object, for every goal, on each, apiece, every goal takes, per target, each one"
    ),
    "y": (
        "in any order, any order, in whatever order, in whichever order, whichever order, whatever "
        "order, order does not matter, order doesn't matter, order is free, either order, in either "
        "order, order is up to you, in order you like, in arbitrary order, in any sequence, order is "
        "not important, in whichever order you like, in any order you like, regardless of order, no "
        "matter order"
    ),
    "t": (
        "then, afterwards, after that, next, after this, subsequently, thereafter, followed by, "
        "later, continue, continue with, after which, and then, only then"
    ),
    "b": "before, prior to, ahead of",
    "d": "before that, beforehand, before this, but first",
    "a": "after, following, only after, but only after, not before, but not before, not until after",
    "f": (
        "first, firstly, first of all, start with, begin with, starting with, beginning with, at "
        "first, to begin with"
    ),
    "l": (
        "last, lastly, finally, end with, finish with, ending with, finishing with, at end, in end, "
        "at last, last of all, end at, finish at"
    ),
    "M": "in between, in middle, secondly, in between them",
    "g": "again, once more, another time, one more time",
    "2": "both",
    "|": "or, either",
    "&": "and, plus, also, as well as, &",
    "k": "but, however, though, although, yet",
    "E": "except, except for, apart from, other than, excluding, besides, save",
    "-": (
        "between, should, to, this, that, these, those, its, have to, you have to, at, of, from, on, "
        "onto, over to, is, are, be, being, am, was, it, you, your, i, me, we, us, my, our, please, "
        "kindly, could you, can you, would you, will you, could, can, would, will, want, want you, "
        "like, i'd, drone, get, come, coming, take off, there, here, them, they, while, just, so, up, "
        "out, own, than, as, make sure, make sure to, ensure, try, try to, should be, must, must be, "
        "need to, now, mission, your mission, order, do, does, did, takes, take, falls, drops, has, "
        "had, been, which, who, let, let us, let's, goal, task, state, level, it's, always, at all "
        "times, whole time, time, abort, immediately, straight, directly, very, too, left, remaining "
        "charge, level of, hello, hi, ok, okay, thanks, thank you, stands, located, lies, waits, one, "
        "ones, in that order, in this order, that order, visit order, drone's, shape, target, goals, "
        "targets, trip, tour"
    ),
}
NUMBERS = {
    0.0: "zero",
    1.0: "one",
    2.0: "two",
    3.0: "three",
    4.0: "four",
    5.0: "five",
    6.0: "six",
    7.0: "seven",
    8.0: "eight",
    9.0: "nine",
    10.0: "ten",
    12.0: "twelve",
    15.0: "fifteen",
    20.0: "twenty",
    30.0: "thirty",
    40.0: "forty",
    45.0: "forty-five",
    50.0: "fifty",
    60.0: "sixty",
    90.0: "ninety",
    0.5: "half",
    1.5: "one and half",
    25.0: "twenty-five",
    100.0: "hundred, one hundred",
}
METRES = {
    1.0: "m, metre, metres, meter, meters",
    0.01: "cm, centimetre, centimetres, centimeter, centimeters",
    0.3048: "foot, feet, ft",
    1000.0: "km, kilometre, kilometres, kilometer, kilometers",
}
SECONDS = {
    1.0: "s, sec, secs, second, seconds",
    60.0: "min, mins, minute, minutes",
    3600.0: "h, hour, hours",
}
TIMES = {
    1.0: "once, one time",
    2.0: "twice, two times",
    3.0: "thrice",
}
VAGUE = {
    "What exactly is to be visited?": (
        "something, anything, some object, some things, stuff, any object, some, any"
    ),
    "Until when? Say each thing to do and when it ends.": "until then, in meantime",
    "Which one is meant? Say its name.": (
        "nearest, closest, farthest, furthest, whichever is closer, whichever is nearer, whichever, "
        "biggest, smallest, nearby, other, another, closer one, nearer one"
    ),
    "How often? Say a number of rounds.": (
        "several times, many times, a few times, few times, some times, sometimes, often, forever, endlessly"
    ),
    "How long, or how far? Say a number.": "for while, for bit, short while, moment, little while, bit",
    "Is a box a cube, or an obstacle?": "box, boxes",
    "Is a pillar the cylinder, or an obstacle?": "pillar, column, tube, post, pole",
}
CANNOT = {
    "It visits an object or keeps away from it; it cannot pass round, over, under or beside one.": (
        "around, all around, next to, beside, alongside, over top of, on top of, to left of, to right "
        "of, in front of, opposite, through, underneath, on your left, on your right, to your left, "
        "to your right"
    ),
    "The drone can visit, avoid, wait, pass a doorway, return and land, nothing else.": (
        "follow, following, drop, deliver, pick, pick up, carry, bring, photograph, film, record, "
        "take picture, take photo, picture, photo, video, push, pull, grab, shoot, attack, spray, "
        "chase, track, hit, ram, crash, destroy, throw, tell, count, scan, open, close door, switch, "
        "play, dance, flip, loop, land on, report"
    ),
    "Its height and speed are not a mission's business.": (
        "height, altitude, high, low, higher, lower, speed, fast, faster, slow, slowly, quickly, "
        "slower, m/s, up high, upwards, downwards"
    ),
    "It looks at battery and time alone; anything else cannot be a condition.": (
        "unless, otherwise, else, depending, provided, in case of, whether, assuming, weather"
    ),
    "The drone knows home, doorways and its objects, no other places.": (
        "outside, outdoors, north, south, east, west, kitchen, corner, window, wall, walls, ceiling, "
        "floor, upstairs, downstairs, left side, right"
    ),
}
REAL = (
    "dome bone tone zone done gone none code core cope cope corn comb tube cure cute cub cuba call "
    "hall wall tall fall mall bell bill bowl bull bald bold king wing sing rang rung bring string "
    "rink pink hope hole some rome tome dame lend lane hand band sand lamp sold gold cold hold fold "
    "mold told boat goat coat clone phone shone spore spare where there here hose house horse mouse "
    "lion line lime wine pine bank back rack pack black clock flock lock plane plant place plate late "
    "gate date rate hate fate visa vision list fist mist wrist find mind kind wind bind land lead "
    "head dead read bead load road ready heady past last fast cast mast vast best rest test nest west "
    "mane many main rain pain gain train brain drain grain car cat dog bag box fox bird word lord "
    "table cable fable stable chair hair stair bottle battle cattle rattle lake cake bake wake shake "
    "snake book hook look cook took desk mask task tree free three bee see tea sea pea lamp camp ramp "
    "damp sofa vase flower tower power shower lower mower robot moon noon soon spoon apple paper pen "
    "pencil printer laptop screen sun son plan clan plain camera drove prone crone throne ore orc "
    "horn born torn worn"
)

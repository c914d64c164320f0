"""Ways over the floor map: to the goals remembered, to floor not looked at, to where the map ends, home."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import HOME_ROUTE, MAX_ROUTE_M, NUM_ROUTES, PASS_ROUTE, SEARCH_ROUTE, R
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.perception.bearing import wrap_angle
from reprohrl.perception.compiled import kernel
from reprohrl.perception.floor_map import cell_of, centre_of
from reprohrl.perception.memory import CELL_M, CELLS, NEVER_S, POINTS, Memory
from reprohrl.perception.objects import MIN_TRUST
from reprohrl.perception.obstacles import MEMORY_S

Array = NDArray[np.float64]
Grid = NDArray[np.int32]

PLAN_EVERY_S = 0.45
"""Ways are planned anew at 2 Hz; in between the drone flies on to the waypoints."""

OPEN_COST, TIGHT_COST, SOLID_COST = 10, 25, 70
"""Per cell: free all around, beside something not free, and where something solid is remembered."""

UNKNOWN = np.int32(1 << 30)
KEEP_M = 0.8
"""A search under way changes its target only for one this much nearer."""

TURN_M_PER_RAD = 0.5
"""What turning to a target costs, in metres flown."""

GOAL_CLEARANCE_M = 0.35
BESIDE_GOAL_M = 0.75
LOOKAHEAD_M = 1.4

SWEEP_SHOWN = 2
"""Plannings that say there is nowhere left to look, for the planner to hear it; then the search starts anew.

A detector misses: what was not found in one look round may be found in the next.
"""


def new_scratch() -> tuple[Grid, Grid, Grid, Grid]:
    """Return work space of one planning: cost and length per cell, the cell before, and the queue."""
    cells = CELLS * CELLS
    return (
        np.empty(cells, np.int32),
        np.empty(cells, np.int32),
        np.empty(cells, np.int32),
        np.empty(cells, np.int32),
    )


@kernel
def plan_routes(m: Memory, i: int, pose: Array, stamp: float, scratch: tuple[Grid, Grid, Grid, Grid]) -> None:
    """Plan all ways of drone `i` anew when they are due; its next waypoints land in the memory."""
    if stamp - m.planned[i] < PLAN_EVERY_S:
        return
    m.planned[i] = stamp
    cost, length, before, queue = scratch
    a, b = cell_of(m, i, pose[0], pose[1])
    m.beyond[i] = MAX_ROUTE_M
    m.area[i] = 0.0
    if a < 0:
        return
    _price(m, i, stamp, cost)
    _spread(a * CELLS + b, cost, length, before, queue)
    for k in range(NUM_GOALS):
        if m.last_seen[i, k] > NEVER_S and m.trust[i, k] >= MIN_TRUST:
            x, y = m.position[i, k, 0], m.position[i, k, 1]
            _way(m, i, k, pose, _nearest_reached(m, i, x, y, length), cost, length, before)
    _way(m, i, HOME_ROUTE, pose, _nearest_reached(m, i, m.origin[i, 0], m.origin[i, 1], length),
         cost, length, before)  # fmt: skip
    _explore(m, i, pose, cost, length, before)


@kernel
def _price(m: Memory, i: int, stamp: float, cost: Grid) -> None:
    """Write what each cell costs to cross; 0 where it cannot be crossed."""
    cost[:] = 0
    free, extent = m.free[i], m.extent[i]
    for a in range(extent[0], extent[1] + 1):
        for b in range(extent[2], extent[3] + 1):
            if free[a, b]:
                around = (
                    free[a - 1, b - 1] + free[a - 1, b] + free[a - 1, b + 1] + free[a, b - 1]
                    + free[a, b + 1] + free[a + 1, b - 1] + free[a + 1, b] + free[a + 1, b + 1]
                )  # fmt: skip
                cost[a * CELLS + b] = OPEN_COST if around == 8 else TIGHT_COST
    for j in range(POINTS):
        if stamp - m.points[i, j, 2] < MEMORY_S:
            a, b = cell_of(m, i, m.points[i, j, 0], m.points[i, j, 1])
            if a >= 0 and cost[a * CELLS + b] > 0:
                cost[a * CELLS + b] = SOLID_COST
    for k in range(NUM_GOALS):
        if m.last_seen[i, k] > NEVER_S and m.trust[i, k] >= MIN_TRUST:
            _block(m, i, m.position[i, k, 0], m.position[i, k, 1], cost)


@kernel
def _block(m: Memory, i: int, x: float, y: float, cost: Grid) -> None:
    """Make the cells around a remembered goal object dear: it hangs in the way."""
    reach = int(GOAL_CLEARANCE_M / CELL_M) + 1
    a, b = cell_of(m, i, x, y)
    if a < 0:
        return
    for p in range(max(a - reach, 1), min(a + reach + 1, CELLS - 1)):
        for q in range(max(b - reach, 1), min(b + reach + 1, CELLS - 1)):
            px, py = centre_of(m, i, p, q)
            if cost[p * CELLS + q] > 0 and (px - x) ** 2 + (py - y) ** 2 < GOAL_CLEARANCE_M**2:
                cost[p * CELLS + q] = SOLID_COST


@kernel
def _spread(start: int, cost: Grid, length: Grid, before: Grid, queue: Grid) -> None:
    """Label every reachable cell with its cheapest length (in tenths of a cell) and the cell before it."""
    size = queue.shape[0]
    length[:] = UNKNOWN
    length[start], before[start] = 0, start
    queue[0] = start
    head, count = 0, 1
    while count > 0:
        here = queue[head]
        head = head + 1 if head + 1 < size else 0
        count -= 1
        base = length[here]
        for da in range(-1, 2):
            for db in range(-1, 2):
                there = here + da * CELLS + db
                price = cost[there]
                if price == 0 or there == here:
                    continue
                step = price if da == 0 or db == 0 else (price * 14) // 10
                if base + step < length[there]:
                    if count < size - 1 and (length[there] == UNKNOWN or before[there] >= 0):
                        tail = head + count
                        queue[tail if tail < size else tail - size] = there
                        count += 1
                    length[there], before[there] = base + step, here


@kernel
def _nearest_reached(m: Memory, i: int, x: float, y: float, length: Grid) -> int:
    """Return the reachable cell from which (x, y) is best reached, -1 when none is near."""
    a, b = cell_of(m, i, x, y)
    if a < 0:
        return -1
    best, found = math.inf, -1
    reach = int(BESIDE_GOAL_M / CELL_M)
    for p in range(max(a - reach, 1), min(a + reach + 1, CELLS - 1)):
        for q in range(max(b - reach, 1), min(b + reach + 1, CELLS - 1)):
            if length[p * CELLS + q] < UNKNOWN:
                px, py = centre_of(m, i, p, q)
                away = math.sqrt((px - x) ** 2 + (py - y) ** 2)
                score = 0.1 * CELL_M * length[p * CELLS + q] + 3.0 * away
                if score < best:
                    best, found = score, p * CELLS + q
    return found


@kernel
def _way(
    m: Memory, i: int, route: int, pose: Array, cell: int, cost: Grid, length: Grid, before: Grid
) -> None:
    """Walk back from a reachable `cell` to the farthest one in a straight free line from the drone."""
    if cell < 0 or length[cell] >= UNKNOWN:
        return
    here = cell
    while before[here] != here and not _clear(m, i, pose, here, cost):
        here = before[here]
    m.waypoint[i, route, 0], m.waypoint[i, route, 1] = centre_of(m, i, here // CELLS, here % CELLS)
    m.beyond[i, route] = 0.1 * CELL_M * (length[cell] - length[here])


@kernel
def _clear(m: Memory, i: int, pose: Array, cell: int, cost: Grid) -> bool:
    """Return whether the straight line from the drone to a cell is free, not dear, and not too long."""
    x, y = centre_of(m, i, cell // CELLS, cell % CELLS)
    dx, dy = x - pose[0], y - pose[1]
    distance = math.sqrt(dx * dx + dy * dy)
    if distance > LOOKAHEAD_M:
        return False
    steps = int(distance / (0.5 * CELL_M)) + 1
    start = 1 if steps > 2 else steps
    for k in range(start, steps + 1):
        a, b = cell_of(m, i, pose[0] + dx * k / steps, pose[1] + dy * k / steps)
        if a < 0:
            return False
        price = cost[a * CELLS + b]
        if price == 0 or (price > OPEN_COST and k * distance / steps > 1.5 * CELL_M):
            return False
    return True


@kernel
def _explore(m: Memory, i: int, pose: Array, cost: Grid, length: Grid, before: Grid) -> None:
    """Choose where to look next among floor not looked at, and where the map ends."""
    free, seen, extent = m.free[i], m.seen[i], m.extent[i]
    score = np.full(3, np.inf)  # floor never looked at, floor to look at from nearer, the map's end
    found = np.full(3, -1, np.int64)
    unseen, ends = 0, 0
    for a in range(extent[0], extent[1] + 1):
        for b in range(extent[2], extent[3] + 1):
            here = length[a * CELLS + b]
            if here >= UNKNOWN or (seen[a, b] == 2):
                continue
            kind = 1 if seen[a, b] == 1 else 0
            alike, open_to = 0, 0
            for p in range(a - 1, a + 2):
                for q in range(b - 1, b + 2):
                    alike += free[p, q] == 1 and seen[p, q] <= seen[a, b]
                    open_to += free[p, q] == 0 and cost[p * CELLS + q] == 0
            if alike < 4:
                continue
            x, y = centre_of(m, i, a, b)
            turn = abs(wrap_angle(math.atan2(y - pose[1], x - pose[0]) - pose[5]))
            value = 0.1 * CELL_M * here + TURN_M_PER_RAD * turn
            target = 1 if open_to >= 3 else 0
            under_way = m.target[i, 0, 0] == a and m.target[i, 0, 1] == b
            if value - (KEEP_M if under_way else 0.0) < score[kind]:
                score[kind], found[kind] = value - (KEEP_M if under_way else 0.0), a * CELLS + b
            unseen += kind == 0
            if target:
                ends += 1
                under_way = m.target[i, 1, 0] == a and m.target[i, 1, 1] == b
                if value - (KEEP_M if under_way else 0.0) < score[2]:
                    score[2], found[2] = value - (KEEP_M if under_way else 0.0), a * CELLS + b
    _count_sweep(m, i, found.max() < 0)
    search = found[0] if found[0] >= 0 else found[1]
    _set_out(m, i, SEARCH_ROUTE, 0, pose, search, cost, length, before)
    _set_out(m, i, PASS_ROUTE, 1, pose, found[2], cost, length, before)
    m.area[i, SEARCH_ROUTE] = unseen * CELL_M * CELL_M
    m.area[i, PASS_ROUTE] = ends * CELL_M * CELL_M


@kernel
def _count_sweep(m: Memory, i: int, finished: bool) -> None:
    """Note whether all floor was looked at; when the planner has heard it, look at all of it again."""
    m.finished[i] = m.finished[i] + 1 if finished else 0
    if m.finished[i] > SWEEP_SHOWN:
        m.finished[i] = 0
        m.seen[i] = 0


@kernel
def _set_out(
    m: Memory, i: int, route: int, which: int, pose: Array, cell: int, cost: Grid, length: Grid, before: Grid
) -> None:
    m.target[i, which, 0] = cell // CELLS if cell >= 0 else -1
    m.target[i, which, 1] = cell % CELLS if cell >= 0 else -1
    _way(m, i, route, pose, cell, cost, length, before)


@kernel
def read_routes(m: Memory, i: int, pose: Array, out: NDArray[np.float32]) -> None:
    """Write bearing, distance, length and area of every route into `out` (NUM_ROUTES, 4)."""
    for route in range(NUM_ROUTES):
        out[route] = 0.0
        if m.beyond[i, route] >= MAX_ROUTE_M:
            out[route, R.LENGTH] = MAX_ROUTE_M
            continue
        dx, dy = m.waypoint[i, route, 0] - pose[0], m.waypoint[i, route, 1] - pose[1]
        distance = math.sqrt(dx * dx + dy * dy)
        out[route, R.BEARING] = wrap_angle(math.atan2(dy, dx) - pose[5])
        out[route, R.NEXT] = distance
        out[route, R.LENGTH] = min(distance + m.beyond[i, route], MAX_ROUTE_M)
        out[route, R.AREA] = m.area[i, route]

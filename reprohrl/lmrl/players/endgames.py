"""Recorded endgames: players of different strength, some of whom win.

The paper records Stockfish of various strengths. These players need no engine: each episode draws a
strength; with that chance a move is the best of one look ahead (mate, else the fewest flights for the
black king that is no stalemate and loses no piece, its own king near), otherwise any legal move.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from reprohrl.lmrl.games.endgames import Endgames, spelt
from reprohrl.lmrl.trajectory import Trajectory

STRENGTHS = (0.3, 0.6, 0.9)


def record(*, seed: int, episodes: int, pieces: tuple[str, ...] | None = None) -> Iterator[Trajectory]:
    """Yield games against any-move black."""
    rng = np.random.default_rng(seed)
    game = Endgames() if pieces is None else Endgames(pieces=pieces)
    for _ in range(episodes):
        start = int(rng.integers(2**31))
        strength = STRENGTHS[int(rng.integers(len(STRENGTHS)))]
        texts, rewards, done = [game.reset(start)], [], False
        while not done:
            moves = list(game.board.legal_moves)
            move = moves[int(rng.integers(len(moves)))]
            if rng.random() < strength:
                move = best_move(game.board, rng)
            action = spelt(game.board.san(move))
            turn = game.step(action)
            texts += [action, turn.observation]
            rewards.append(turn.reward)
            done = turn.done
        yield Trajectory(tuple(texts), tuple(rewards), True, start)


def best_move(board: Any, rng: np.random.Generator) -> Any:
    """Return white's best move by one look ahead; equal ones by lot."""
    import chess

    scored = []
    for move in board.legal_moves:
        after = board.copy(stack=False)
        after.push(move)
        if after.is_checkmate():
            return move
        king, own = after.king(chess.BLACK), after.king(chess.WHITE)
        flights = after.legal_moves.count()
        loses = any(after.is_capture(reply) for reply in after.legal_moves)
        value = -100.0 * (flights == 0) - 50.0 * loses - flights - 0.5 * chess.square_distance(king, own)
        scored.append((value + 1e-3 * rng.random(), move))
    return max(scored, key=lambda pair: pair[0])[1]

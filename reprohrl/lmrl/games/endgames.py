"""Endgames: win with white against a bare king, by saying moves in algebraic notation.

Published rules (LMRL-Gym's chess environment): the text is the position (FEN), letter by letter; reward 1
for mate, 0 for other legal moves and for draws, -1 for an illegal move (the position stays) and for being
mated. At most 400 moves in the paper; fewer here, see `LIMIT`. Black plays Stockfish where it is
installed (`opponent="stockfish"`) or any legal move.
"""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np

from reprohrl.contracts.errors import UserError
from reprohrl.lmrl.game import Turn

PIECES = ("kQK", "kRK", "kQRK", "kRRK")
LIMIT = 40
THINK_S = 0.1
"""How long Stockfish thinks about a move, as in the paper."""


def spelt(text: str) -> str:
    """Return a position or move letter by letter."""
    return " ".join(text) + "\n"


def read(said: str) -> str:
    """Return the move that was said letter by letter."""
    return "".join(said.split())


def random_position(rng: np.random.Generator, pieces: str) -> Any:
    """Return a board with `pieces` on random squares: white moves, no king in check, not over."""
    import chess

    while True:
        board = chess.Board(None)
        for symbol, square in zip(pieces, rng.choice(64, len(pieces), replace=False), strict=True):
            board.set_piece_at(int(square), chess.Piece.from_symbol(symbol))
        if board.is_valid() and not board.is_check() and not board.is_game_over():
            return board


class Endgames:
    """The game. `opponent` is `random`, or `stockfish` at 1200 Elo as in the paper."""

    def __init__(self, *, opponent: str = "random", pieces: tuple[str, ...] = PIECES) -> None:
        if opponent not in ("random", "stockfish"):
            raise UserError(f"there is no opponent {opponent!r}", why="there are: random, stockfish")
        self.opponent, self.pieces = opponent, pieces
        self.board: Any = None
        self._moves = 0
        self._rng = np.random.default_rng(0)
        self._engine: Any = None

    def reset(self, seed: int) -> str:
        self._rng = np.random.default_rng(seed)
        pieces = self.pieces[int(self._rng.integers(len(self.pieces)))]
        return self.start(random_position(self._rng, pieces))

    def start(self, board: Any) -> str:
        """Begin from a position in which white moves."""
        self.board, self._moves = board, 0
        return spelt(self.board.fen())

    def step(self, action: str) -> Turn:
        self._moves += 1
        last = self._moves >= LIMIT
        try:
            move = self.board.parse_san(read(action))
            if not move:
                raise ValueError("a null move is none")
        except ValueError:
            return Turn(spelt(self.board.fen()), -1.0, last)
        self.board.push(move)
        if self.board.is_game_over():
            return Turn(spelt(self.board.fen()), 1.0 if self.board.is_checkmate() else 0.0, True)
        self.board.push(self._answer())
        lost = self.board.is_checkmate()
        over = self.board.is_game_over()
        return Turn(spelt(self.board.fen()), -1.0 if lost else 0.0, over or last)

    def close(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.quit()
            self._engine = None

    def _answer(self) -> Any:
        moves = list(self.board.legal_moves)
        if self.opponent == "random":
            return moves[int(self._rng.integers(len(moves)))]
        import chess.engine

        if self._engine is None:
            path = shutil.which("stockfish") or shutil.which("stockfish", path="/usr/games")
            if path is None:
                raise UserError(
                    "stockfish is not installed", why='the opponent "stockfish" needs it',
                    fix='sudo apt install stockfish, or opponent="random"',
                )  # fmt: skip
            self._engine = chess.engine.SimpleEngine.popen_uci(path, timeout=10.0)
            low = max(1200, int(self._engine.options["UCI_Elo"].min or 1200))
            self._engine.configure({"UCI_LimitStrength": True, "UCI_Elo": low, "Threads": 1})
        return self._engine.play(self.board, chess.engine.Limit(time=THINK_S)).move

"""A checkerboard to print: an SVG drawing in millimetres."""

from __future__ import annotations

from firmware_bridge.aideck.checkerboard import Board

_MARGIN = 1.0  # white squares around the board; finding it needs them


def board_svg(board: Board) -> str:
    """Return the drawing, true to scale, with the numbers to type written below."""
    side = 1000 * board.square_m
    columns, rows = board.columns + 1, board.rows + 1
    width, height = (columns + 2 * _MARGIN) * side, (rows + 2 * _MARGIN) * side
    size = f'width="{side:g}" height="{side:g}"'
    squares = [
        f'<rect x="{(c + _MARGIN) * side:g}" y="{(r + _MARGIN) * side:g}" {size}/>'
        for r in range(rows)
        for c in range(columns)
        if (r + c) % 2 == 0
    ]
    words = f"--columns {board.columns} --rows {board.rows} --square-mm {side:g} (measure one)"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
            f'viewBox="0 0 {width:g} {height:g}">',
            f'<rect width="{width:g}" height="{height:g}" fill="white"/>',
            *squares,
            f'<text x="{_MARGIN * side:g}" y="{height - side / 3:g}" font-size="4" '
            f'font-family="sans-serif">{words}</text>',
            "</svg>\n",
        )
    )

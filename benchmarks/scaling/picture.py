"""Picture: lines over two scales, as SVG that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Line", "draw"]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 20, 48


@dataclass(frozen=True, slots=True)
class Line:
    """Points from left to right, with a name at its end."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def draw(lines: Iterable[Line], *, across: str, up: str, xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return the lines over an even scale from the first to the last of `xs`, and one of powers over `ys`."""

    def x(value: float) -> float:
        return LEFT + (value - xs[0]) / (xs[-1] - xs[0]) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        low, high = math.log(ys[0]), math.log(ys[-1])
        within = min(max(value, ys[0]), ys[-1])
        return HEIGHT - BOTTOM - (math.log(within) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def text(left: float, top: float, said: str, style: str) -> str:
        return f'<text x="{left:.1f}" y="{top:.1f}" {style}>{escape(said)}</text>'

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for each in xs:
        parts.append(f'<path d="M{x(each):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e0e0e0"/>')
        parts.append(text(x(each), HEIGHT - BOTTOM + 16, f"{each:.0%}", 'text-anchor="middle"'))
    for each in ys:
        parts.append(f'<path d="M{LEFT} {y(each):.1f}H{WIDTH - RIGHT}" stroke="#e0e0e0"/>')
        parts.append(text(LEFT - 6, y(each) + 4, f"{each:g} s", 'text-anchor="end"'))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(text(middle, HEIGHT - 10, across, 'text-anchor="middle"'))
    parts.append(text(0, 0, up, f'text-anchor="middle" transform="translate(14 {HEIGHT / 2 - 14}) rotate(-90)"'))
    for line in lines:
        path = "L".join(f"{x(left):.1f} {y(top):.1f}" for left, top in line.points)
        dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts.append(f'<path d="M{path}" fill="none" stroke="{line.colour}" stroke-width="2"{dashes}/>')
        last, top = line.points[-1]
        parts.append(text(x(last) + 6, y(top) + 4, line.name, f'fill="{line.colour}"'))
    return "\n".join([*parts, "</svg>\n"])

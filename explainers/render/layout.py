"""Text on a fixed canvas: measured, wrapped and cut so that nothing leaves its box. Drawn as SVG, which is text again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import ImageFont

from . import escape

FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, Noto Sans, sans-serif"
FONT_BEYOND_LATIN = "DejaVu Sans, Noto Sans, Liberation Sans, Arial, sans-serif"
_BOLD = 1.08
_MEASURED_AT = 100
# The renderer changes the font of a whole line when one of its letters is missing; the other font is wider.
_OTHER_FONT = 1.2
_ALSO_LATIN = set(
    "\u2009\u2002\u2013\u2014\u2018\u2019\u201c\u201d\u2020\u2022\u2026\u20ac\u2192\u2212\u2260\u2264\u2265"
    + escape.FIRST_STRONG_ISOLATE
    + escape.POP_ISOLATE
)


@cache
def _font(*names: str) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, float]:
    """The font to measure with and the room to add: little when it is the font that is drawn with, more for Pillow's own."""
    for name in names:
        try:
            return ImageFont.truetype(name, _MEASURED_AT, layout_engine=ImageFont.Layout.BASIC), 1.02
        except OSError:
            continue
    return ImageFont.load_default(_MEASURED_AT), 1.12


def in_latin_font(s: str) -> bool:
    """Whether the font for Latin, Greek and Cyrillic has all of it."""
    return all(c < "\u0530" or c in _ALSO_LATIN for c in s)


@cache
def _width(c: str) -> float:
    """Width of a character in ems, a little too much rather than too little."""
    if unicodedata.category(c) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(c) in ("W", "F"):
        return 1.05
    if not in_latin_font(c):
        font, room = _font("DejaVuSans.ttf")
        return max(0.3, room * float(font.getlength(c)) / _MEASURED_AT) if unicodedata.category(c) != "Cs" else 1.0
    font, room = _font("LiberationSans-Regular.ttf", "arial.ttf", "Arial.ttf")
    return room * float(font.getlength(c)) / _MEASURED_AT


def measure(s: str, size: float, bold: bool = False) -> float:
    """Width of a line as it will be drawn."""
    other = 1.0 if in_latin_font(s) else _OTHER_FONT
    return size * other * (_BOLD if bold else 1.0) * sum(_width(c) for c in s)


def cut(s: str, size: float, width: float, bold: bool = False) -> str:
    """A clean `s` shortened with … until it is no wider than `width`."""
    if measure(s, size, bold) <= width:
        return s
    fits, too_long = 0, len(s)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if measure(s[:middle] + escape.ELLIPSIS, size, bold) <= width:
            fits = middle
        else:
            too_long = middle
    return escape.shorten(s, max(1, min(fits + 1, len(s) - 1)))


@dataclass(frozen=True)
class Token:
    """A stretch that stays on one line. `key` refers to whatever the caller marks; None for plain words. `glued`: no space before it."""

    text: str
    key: int | None = None
    glued: bool = False


@dataclass(frozen=True)
class Placed:
    token: Token
    x: float
    width: float


def place(tokens: Iterable[Token], size: float, width: float, pad: float = 0.0) -> list[list[Placed]]:
    """Tokens on lines no wider than `width`; a token wider than a line is cut. `pad`: room around marked tokens."""
    lines: list[list[Placed]] = [[]]
    x, space = 0.0, measure(" ", size) * 1.1
    for token in tokens:
        around = 2 * pad if token.key is not None else 0.0
        token = Token(cut(token.text, size, width - around), token.key, token.glued)
        room = measure(token.text, size) + around
        gap = 0.0 if not lines[-1] or token.glued else space
        if lines[-1] and x + gap + room > width:
            lines.append([])
            x = gap = 0.0
        if not lines[-1] and not token.text.strip():
            continue  # no line begins with a space
        lines[-1].append(Placed(token, x + gap, room))
        x += gap + room
    return lines if lines[-1] else lines[:-1]


def wrap(s: str, size: float, width: float, bold: bool = False) -> list[str]:
    """`s` as lines no wider than `width`."""
    scale = (_BOLD if bold else 1.0) * (1.0 if in_latin_font(s) else _OTHER_FONT)
    lines = place((Token(word) for word in s.split()), size * scale, width)
    return [" ".join(p.token.text for p in line) for line in lines]


def fit(s: str, sizes: Sequence[int], width: float, height: float, bold: bool = False, spacing: float = 1.3) -> tuple[int, list[str]]:
    """The largest of `sizes` (given in falling order) at which `s` fits the box, and its lines; at the smallest the end is cut."""
    for size in sizes:
        lines = wrap(s, size, width, bold)
        if len(lines) * size * spacing <= height:
            return size, lines
    size = sizes[-1]
    lines = wrap(s, size, width, bold)
    most = max(1, int(height // (size * spacing)))
    if len(lines) <= most:
        return size, lines
    last = f"{lines[most - 1]} {lines[most]}"
    narrower = _OTHER_FONT if in_latin_font(last) and not in_latin_font(s) else 1.0  # a block has one font
    return size, [*lines[: most - 1], cut(last, size, width / narrower, bold)]


def text_element(
    s: str, x: float, y: float, size: float, colour: str, anchor: str = "start", bold: bool = False, latin: bool = True
) -> str:
    """`latin`: whether what it stands with is all in the font for Latin, so that a block has one font."""
    weight = ' font-weight="700"' if bold else ""
    font = "" if latin and in_latin_font(s) else f' font-family="{FONT_BEYOND_LATIN}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{weight}{font}>{_svg_text(s)}</text>'


def _svg_text(s: str) -> str:
    """SVG has no <bdi>: the isolates of our own sentences stay, everything else is escaped."""
    pieces = re.split(f"([{escape.FIRST_STRONG_ISOLATE}{escape.POP_ISOLATE}])", s)
    return "".join(p if i % 2 else escape.text(p) for i, p in enumerate(pieces))


def lines_element(lines: Sequence[str], x: float, y: float, size: float, colour: str, bold: bool = False, spacing: float = 1.3) -> str:
    """`y`: the top of the first line."""
    latin = all(in_latin_font(line) for line in lines)
    return "".join(
        text_element(line, x, y + size * (0.95 + i * spacing), size, colour, bold=bold, latin=latin) for i, line in enumerate(lines)
    )


def clipped(inner: str, x: float, y: float, width: float, height: float) -> str:
    """`inner`, in the same coordinates, with nothing of it outside the box whatever the fonts of the machine."""
    box = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" viewBox="{x:g} {y:g} {width:g} {height:g}"'
    return f'<svg {box} overflow="hidden">{inner}</svg>'


def rect(x: float, y: float, width: float, height: float, fill: str, radius: float = 0.0, extra: str = "") -> str:
    box = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.0):.1f}" height="{max(height, 0.0):.1f}"'
    return f'<rect {box} rx="{radius:g}" fill="{fill}" {extra}/>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 2.0, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def right_to_left(s: str) -> bool:
    """Whether a text starts, by its first letter with a direction, from the right."""
    for c in s:
        direction = unicodedata.bidirectional(c)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False

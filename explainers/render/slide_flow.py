"""An input on a slide: its words or values in lines, some of them marked, as large as the box allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from . import escape, layout
from .layout import Placed, Token
from .slide import GREY, INK, Box

_SIZES = (52, 44, 38, 34)
_LINE = 1.5

# (key of the token, left, top, width, font size) -> SVG behind its text
Mark = Callable[[int, float, float, float, float], str]


def flow(tokens: Sequence[Token], box: Box, weights: Mapping[int, float], mark: Mark) -> str:
    """The tokens at the largest size at which all of them fit; else the lines in a row that hold most weight.

    weights: how much a marked token counts, by its key; `mark` draws what lies behind each of them.
    """
    if not tokens:
        return ""
    for size in _SIZES:
        lines = layout.place(tokens, size, box.width, pad=6)
        if len(lines) * size * _LINE <= box.height:
            break
    most = int(box.height // (size * _LINE))
    first = _best_window(weights, lines, most)
    shown = lines[first : first + most]
    backwards = layout.right_to_left(" ".join(t.text for t in tokens))
    drawn = "".join(_line(weights, mark, line, box, box.y + i * size * _LINE, size, backwards) for i, line in enumerate(shown))
    return drawn + _cut_note(first > 0 or first + most < len(lines), box)


def plain_tokens(s: str, glued: bool) -> Iterator[Token]:
    """The words between two marks. `glued`: something stands before `s`."""
    for i, word in enumerate(re.findall(r"\S+", escape.flat(s))):
        yield Token(word, glued=glued and i == 0 and not s[:1].isspace())


def _best_window(weights: Mapping[int, float], lines: list[list[Placed]], most: int) -> int:
    """The first of the `most` lines in a row that hold the most weight."""
    held = [sum(weights.get(p.token.key, 0.0) for p in line if p.token.key is not None) for line in lines]
    starts = range(max(1, len(lines) - most + 1))
    return max(starts, key=lambda i: (sum(held[i : i + most]), -i))


def _line(weights: Mapping[int, float], mark: Mark, line: list[Placed], box: Box, top: float, size: float, backwards: bool) -> str:
    drawn = []
    for p in line:
        x = box.x + (box.width - p.x - p.width if backwards else p.x)
        if p.token.key is not None and p.token.key in weights:
            drawn.append(mark(p.token.key, x, top, p.width, size))
        drawn.append(layout.text_element(p.token.text, x + p.width / 2, top + size * 1.0, size, INK, "middle", bold=False))
    return "".join(drawn)


def _cut_note(is_cut: bool, box: Box) -> str:
    if not is_cut:
        return ""
    note = "(a part of the input; the rest is left out here)"
    return layout.text_element(note, box.x + box.width, box.y + box.height + 12, 20, GREY, "end")

"""Several explanations of one answer, one under another: each with its sentence and its figure, the rest of it folded.

How each is drawn, its own kind knows; which form of it is shown (only the last step of a path, say), the method decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..explanation import Explanation
from . import card, escape, layout, plain, style
from .common import answer_sentence, unfinished_sentence
from .kinds import Kind, gist, kind_of
from .slide import FAINT, GREY, INK, Box
from .texts import method_text

_SIZES = (38, 35, 32, 29, 26, 24, 22, 20)
_GAP = 48  # between blocks of a slide


def fits(e: Explanation) -> bool:
    return True


def sentence(e: Explanation) -> str:
    """The model's answer, then one sentence of each part, by the name of its method."""
    said = [_status(e), answer_sentence(e), *(f"{_title(part)}: {_gist(part)}" for part in _parts(e))]
    return " ".join(s for s in said if s)


def lead(e: Explanation) -> str:
    """The sentence above the parts on a card, where each has its own below its heading."""
    names = [_title(part) for part in _parts(e)]
    shown = f"Shown below, one after another: {', '.join(names)}." if names else "It holds no explanation."
    return " ".join(s for s in (_status(e), answer_sentence(e), shown) if s)


def _status(e: Explanation) -> str:
    if e.status == "complete":
        return ""
    return unfinished_sentence(e, "Nothing was found" if e.status == "not_found" else "This is not whole")


def _parts(e: Explanation) -> Sequence[Explanation]:
    return e.payload.parts


def _title(part: Explanation) -> str:
    return escape.isolated(escape.shorten(method_text(part.method, part.modality).title, 60))


def _kind(part: Explanation) -> Kind:
    """A composite inside a composite is said in words only, however deep it goes."""
    return plain if part.kind == "composite" else kind_of(part)


def _gist(part: Explanation) -> str:
    return (plain.sentence(part) if part.kind == "composite" else gist(part)) or "It has nothing to say."


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> None:
    """Each part has its own."""


def image(e: Explanation, **look: Any) -> None:
    """Each part has its own."""


def highlight(e: Explanation, **look: Any) -> str:
    """All parts with their figures, as a fragment of its own."""
    return f'<section class="ft-card" lang="en">{style.style(style.WORDS, style.CARD)}{figure(e)}</section>'


def figure(e: Explanation) -> str:
    """Every part under its own heading, in order."""
    return style.style(style.COMPOSITE) + "".join(_piece(i, part) for i, part in enumerate(_parts(e), 1))


def bare(e: Explanation) -> str:
    """`figure` for a participant of a study: every part with its numbers, without its checks, limits and costs."""
    pieces = (_shown(i, part, card.folded(_kind(part).table(part))) for i, part in enumerate(_parts(e), 1))
    return style.style(style.COMPOSITE) + "".join(pieces)


def _piece(number: int, part: Explanation) -> str:
    kind, title = _kind(part), _title(part)
    folded = f"<p>{escape.prose(kind.sentence(part))}</p>{card.rest(part, kind.table(part), kind.lines(part))}"
    summary = f"{escape.prose(title)} in full: numbers, checks, limits"
    return _shown(number, part, f'<details class="ft-fold ft-open"><summary>{summary}</summary>{folded}</details>')


def _shown(number: int, part: Explanation, below: str) -> str:
    """One part under its heading: its sentence, its figure, and `below`, which is HTML."""
    title = _title(part)
    label = escape.text(title.replace(escape.FIRST_STRONG_ISOLATE, "").replace(escape.POP_ISOLATE, ""))
    return (
        f'<section class="ft-piece" aria-label="{label}"><h4 class="ft-head">{number}. {escape.prose(title)}</h4>'
        f'<p class="ft-sentence">{escape.prose(_gist(part))}</p>{_kind(part).figure(part)}{below}</section>'
    )


def table(e: Explanation) -> str:
    """Each part's numbers are in its fold."""
    return ""


def lines(e: Explanation) -> Iterator[tuple[str, str]]:
    """Further facts for "how this was made"."""
    for number, part in enumerate(_parts(e), 1):
        yield f"Part {number}", f"{escape.shorten(part.method, 60)}, {part.status.replace('_', ' ')}, digest {part.digest}"


def slide_input(e: Explanation, box: Box) -> str:
    return ""


def slide_picture(e: Explanation, box: Box) -> str:
    return ""


def slide_body(e: Explanation, box: Box) -> str:
    """Each part as a block of words, two in a row."""
    parts = _parts(e)
    if not parts:
        return ""
    columns = 1 if len(parts) == 1 else 2
    rows = -(-len(parts) // columns)
    width, height = (box.width - (columns - 1) * _GAP) / columns, (box.height - (rows - 1) * _GAP) / rows
    places = [(box.x + (i % columns) * (width + _GAP), box.y + (i // columns) * (height + _GAP)) for i in range(len(parts))]
    return "".join(_block(i + 1, parts[i], Box(x, y, width, height)) for i, (x, y) in enumerate(places))


def _block(number: int, part: Explanation, box: Box) -> str:
    head = layout.cut(f"{number}. {_title(part)}", 30, box.width, bold=True)
    line = escape.shorten(method_text(part.method, part.modality).line, 300)
    small, about = layout.fit(line, (22, 20, 18), box.width, 60)
    size, words = layout.fit(_gist(part), _SIZES, box.width, box.height - 130)
    drawn = (
        layout.line(box.x, box.y, box.x + box.width, box.y, FAINT)
        + layout.text_element(head, box.x, box.y + 42, 30, INK, bold=True)
        + layout.lines_element(about, box.x, box.y + 56, small, GREY)
        + layout.lines_element(words, box.x, box.y + 128, size, INK)
    )
    return layout.clipped(drawn, box.x - 8, box.y - 2, box.width + 16, box.height + 4)

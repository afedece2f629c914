"""Artifact -> sentence, chart, HTML, picture, slide. Escapes by default; imports no streamlit, asks no model.

    sentence(e)   plain words: what a stakeholder reads, the alt text and the screen-reader text
    chart(e)      Altair chart, or None
    highlight(e)  HTML fragment: the input with its parts marked, or ""
    figure(e)     the input and the picture as an HTML fragment with its own style
    html(e)       self-contained HTML fragment, without scripts or outside addresses
    page(e)       `html` as a document of its own, with the data inside
    svg(e)        the chart as SVG text, or None
    png(e)        the chart as PNG, or None
    slide(e)      1920 x 1080 picture
    image(e)      picture where the kind has one, else None
    step(e, i)    HTML fragment of one step of a boundary path
    believe(e, scores)   how far to believe an attribution: one word for all its scores, and what speaks for and against
    changes(before, now) which parts turned or left the strongest between two attributions of one instance
    for_participant(e)   HTML fragment for a participant of a study: sentence, picture and numbers, without checks, caveats and costs
    instance(x, modality, names, head)                HTML fragment of an input as a person sees it, without an explanation
    change(before, after, modality, names, heads)     HTML fragment of a changed input, with what changed marked
    decision_page(e, reasons, stability)   printable page about one decision, for the person it is about

The words for a person come from `texts` (per method) and the kinds' own modules; every string from data goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..explanation import Explanation, Score
from . import boundary, card, style
from . import slide as slides
from .attribution_rows import Rows
from .belief import Belief, believe
from .changes import changes
from .decision_page import decision_page
from .kinds import kind_of
from .stimulus import change, instance
from .stimulus import explanation as for_participant

if TYPE_CHECKING:
    import altair
    from PIL import Image

__all__ = [
    "Belief", "believe", "change", "changes", "chart", "decision_page", "figure", "for_participant", "highlight", "html", "image",
    "instance", "page", "png", "sentence", "sentences", "slide", "step", "svg",
]  # fmt: skip

# A chart on its own is wide enough for a document and has a white ground.
_ALONE_WIDTH = 640
_INK = "#1c1e26"


def sentence(e: Explanation) -> str:
    """The explanation in plain words."""
    return kind_of(e).sentence(e)


def sentences(e: Explanation) -> tuple[str, str]:
    """The same as what it says, and the small print to it ("" where there is none): a page gives the second smaller letters."""
    kind = kind_of(e)
    return getattr(kind, "in_parts", lambda e: (kind.sentence(e), ""))(e)


def chart(e: Explanation, beside: Explanation | None = None) -> altair.LayerChart | None:
    """The chart, as wide as what holds it and in the colours of its theme; None where the kind has none.

    Give it `sentence(e)` as its alt text: st.altair_chart(chart(e), alt=sentence(e)). It has none itself, for Streamlit would warn of two.
    beside: another attribution that is shown next to it, so that both have one scale.
    """
    return kind_of(e).chart(e, reach=Rows.of(beside).reach if beside is not None and beside.kind == "attribution" else None)


def image(e: Explanation, **look: Any) -> Image.Image | None:
    """The picture, where the kind has one. `look`, over a photograph: `top` (how many parts), `opacity` (0 to 1), `outline` (bool);
    of a path over pictures: `step` (which, else the last), `outline`."""
    return kind_of(e).image(e, **look)


def highlight(e: Explanation, **look: Any) -> str:
    """The input with the parts that count marked, as an HTML fragment with its own style. `look`: as `image`."""
    return kind_of(e).highlight(e, **look)


def figure(e: Explanation) -> str:
    """The input and the picture, as on the card, without the words around them; "" where the kind has none."""
    inner = kind_of(e).figure(e)
    return f'<div class="ft-card">{style.style(style.WORDS, style.CARD)}{inner}</div>' if inner else ""


def step(e: Explanation, i: int) -> str:
    """Step `i` of a boundary path, 0 being the instance: the input with what changed marked, its margin and its answer, self-contained.

    Raises ValueError for another kind, or a step that the path has not.
    """
    if e.kind != "boundary_path":
        raise ValueError(f"Only a boundary path has steps, not an explanation of kind {e.kind!r}.")
    return boundary.step(e, i)


def html(e: Explanation, scores: Sequence[Score] = ()) -> str:
    """Everything a person needs to read the explanation, as one HTML fragment. `scores`: what `evaluate` found besides its own."""
    kind = kind_of(e)
    return card.fragment(e, getattr(kind, "lead", kind.sentence)(e), kind.figure(e), kind.table(e), kind.lines(e), scores)


def page(e: Explanation, note: str = "", scores: Sequence[Score] = ()) -> str:
    """A stand-alone HTML document: offline, printable, with the data it was drawn from. `note`: what only its maker knows, in a sentence;
    `scores`: as `html`."""
    return card.page(e, html(e, scores), note)


def svg(e: Explanation) -> str | None:
    """The chart as SVG on white."""
    import vl_convert

    spec = _alone(e)
    return None if spec is None else vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])


def png(e: Explanation, scale: float = 2.0) -> bytes | None:
    """The chart as PNG on white."""
    import vl_convert

    spec = _alone(e)
    return None if spec is None else vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[])


def slide(e: Explanation, note: str = "", scores: Sequence[Score] = ()) -> Image.Image:
    """The explanation on one slide. `note`: what only its maker knows, in a sentence; `scores`: as `html`."""
    return slides.slide(e, kind_of(e), note, scores)


def _alone(e: Explanation) -> dict[str, Any] | None:
    """The chart's specification for a picture that has no page around it."""
    kind = kind_of(e)
    drawn = kind.chart(e, ink=_INK)
    if drawn is None:
        return None
    axis = {"labelColor": _INK, "titleColor": _INK, "gridColor": "#e3e5ea", "domain": False}
    look = {"font": "Arial, Helvetica, sans-serif", "view": {"stroke": None}, "axis": axis}
    described = drawn.properties(width=_ALONE_WIDTH, background="#ffffff", padding=12, description=kind.sentence(e), config=look)
    spec = described.to_dict()
    if e.kind == "attribution":
        spec["title"] = {"text": Rows.of(e).looks, "anchor": "start", "fontSize": 12, "fontWeight": "normal", "color": _INK, "offset": 10}
    return spec

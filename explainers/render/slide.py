"""One explanation on one slide, 1920 x 1080, for a projector: question, input, bars, sentence, what to keep in mind, how it was made."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import vl_convert
from PIL import Image

from ..explanation import Explanation, Score
from . import belief, common, escape, layout
from .texts import method_text

if TYPE_CHECKING:
    from .kinds import Kind

WIDTH, HEIGHT = 1920, 1080
MARGIN = 96
INK, GREY, FAINT = "#1c1e26", "#4c4f5a", "#d5d7de"


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


INPUT = Box(MARGIN, 216, WIDTH - 2 * MARGIN, 230)
BODY = Box(MARGIN, 216, WIDTH - 2 * MARGIN, 714)
PICTURE = Box(MARGIN, 490, 1020, 440)
WORDS = Box(1180, 490, WIDTH - MARGIN - 1180, 440)


def slide_svg(e: Explanation, kind: Kind, note: str = "", scores: Sequence[Score] = ()) -> str:
    """The slide as an SVG document. `scores`: taken besides the explanation's own."""
    size, title = layout.fit(common.title(e), (64, 54, 46), WIDTH - 2 * MARGIN, 136, bold=True, spacing=1.15)
    caution_size, caution = layout.fit(_caution(e), (26, 24, 22, 20), WIDTH - 2 * MARGIN, 26 * 1.3)
    parts = [
        layout.rect(0, 0, WIDTH, HEIGHT, "#ffffff"),
        layout.clipped(layout.lines_element(title, MARGIN, 56, size, INK, bold=True, spacing=1.15), MARGIN - 8, 40, WIDTH - MARGIN, 164),
        _body(e, kind, note, scores),
        layout.line(MARGIN, 952, WIDTH - MARGIN, 952, FAINT),
        layout.text_element(caution[0], MARGIN, 994, caution_size, INK),
        layout.text_element(layout.cut(_footnote(e), 22, WIDTH - 2 * MARGIN), MARGIN, 1036, 22, GREY),
    ]
    size_attributes = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size_attributes} font-family="{layout.FONT}">{"".join(parts)}</svg>'


def _body(e: Explanation, kind: Kind, note: str, scores: Sequence[Score]) -> str:
    """Between title and footer: the kind's own, or the input above its picture and the words."""
    whole = getattr(kind, "slide_body", None)
    if whole is not None:
        box, above = BODY, ""
        if note:
            noted = layout.cut(escape.flat(note), 26, BODY.width)
            above, box = layout.text_element(noted, BODY.x, BODY.y + 24, 26, INK), Box(BODY.x, BODY.y + 48, BODY.width, BODY.height - 48)
        return above + layout.clipped(whole(e, box), box.x - 8, box.y - 8, box.width + 16, box.height + 16)
    shown = kind.slide_input(e, INPUT)
    # An input that is part of the picture leaves its band to it.
    picture, words_box = (PICTURE, WORDS) if shown else (_from_the_band(PICTURE), _from_the_band(WORDS))
    believed = belief.believe(e, scores)
    doubt = "" if believed is None else believed.clause
    size, words = layout.fit(f"{note} {kind.sentence(e)} {doubt}".strip(), (38, 34, 30, 27, 24), words_box.width, words_box.height)
    said = layout.lines_element(words, words_box.x, words_box.y, size, INK)
    return "".join(
        [
            layout.clipped(shown, MARGIN - 8, INPUT.y - 8, WIDTH - 2 * MARGIN + 16, INPUT.height + 24),
            layout.line(MARGIN, 466, WIDTH - MARGIN, 466, FAINT) if shown else "",
            layout.clipped(kind.slide_picture(e, picture), picture.x - 8, picture.y, picture.width + 16, picture.height + 10),
            layout.clipped(said, words_box.x - 8, words_box.y, words_box.width + 16, words_box.height + 10),
        ]
    )


def _from_the_band(box: Box) -> Box:
    """The box, with the height of the input's band above it."""
    return Box(box.x, INPUT.y, box.width, box.y + box.height - INPUT.y)


def slide(e: Explanation, kind: Kind, note: str = "", scores: Sequence[Score] = ()) -> Image.Image:
    png = vl_convert.svg_to_png(slide_svg(e, kind, note, scores), scale=1)
    return Image.open(io.BytesIO(png)).convert("RGB")


def _caution(e: Explanation) -> str:
    """The first caveat of its own, else the first thing that the method does not say."""
    said = e.caveats[0] if e.caveats else method_text(e.method, e.modality).not_said[0]
    return f"Keep in mind: {escape.flat(said)}"


def _footnote(e: Explanation) -> str:
    names = (
        escape.shorten(method_text(e.method, e.modality).title, 60),
        f"model {escape.shorten(e.model_name, 60)}",
        *([f"task {escape.shorten(e.task, 60)}"] if e.task else []),
    )
    return " · ".join([*names, f"seed {e.seed}", f"digest {e.digest[:12]}", "Foretell"])

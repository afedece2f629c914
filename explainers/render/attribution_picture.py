"""Attributions over the parts of a picture: the photograph with its strongest parts marked, and their bars."""

from __future__ import annotations

from typing import Any

from PIL import Image

from ..explanation import Explanation
from . import attribution_chart, attribution_html, attribution_slide, colours, escape, numbers, style
from .attribution_html import lines
from .attribution_rows import Rows
from .attribution_sentence import gist, in_parts, sentence
from .common import class_name, quoted
from .heat import CLIPPED, STRONGEST, heat
from .overlay import TOP, address, overlay
from .slide import Box

__all__ = [
    "chart",
    "figure",
    "fits",
    "gist",
    "highlight",
    "image",
    "in_parts",
    "lines",
    "sentence",
    "slide_input",
    "slide_picture",
    "table",
]

MOST_BARS = 10
MOST_NUMBERS = 100  # rows of the table in a page; the data has all of them
_QUALITY = 85  # of the JPEG on a page


def fits(e: Explanation) -> bool:
    return isinstance(e.instance, Image.Image) and e.payload.map is not None and e.payload.map.shape == e.instance.size[::-1]


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> Any:
    return attribution_chart.chart_of(Rows.of(e).strongest(MOST_BARS).reaching(reach), ink)


def image(e: Explanation, **look: Any) -> Image.Image:
    """`look`: see `overlay` and `heat`."""
    return painted(Rows.of(e), **look)


def painted(rows: Rows, **look: Any) -> Image.Image:
    """The photograph with what counts: tints of a map with a value for each pixel, else its strongest parts."""
    return heat(rows, **look) if rows.payload.per_pixel else overlay(rows, **look)


def highlight(e: Explanation, **look: Any) -> str:
    return f'<div class="ft-words">{style.style(style.WORDS)}{_photograph(e, **look)}</div>'


def figure(e: Explanation) -> str:
    rows = Rows.of(e).strongest(MOST_BARS)
    shown = f'<div class="ft-part ft-words"><h4>The picture, with what counts</h4>{_photograph(e)}</div>'
    return shown + (attribution_html.bars(rows) if rows.rows else "")


def _photograph(e: Explanation, **look: Any) -> str:
    rows = Rows.of(e)
    picture = painted(rows, **look)
    alt = escape.text(escape.shorten(sentence(e), 1000))
    source = address(picture, "JPEG", quality=_QUALITY)
    img = f'<img src="{source}" width="{picture.width}" height="{picture.height}" alt="{alt}">'
    if rows.payload.per_pixel:
        return img + _scale(rows)
    return f"{img}{attribution_html.legend(rows.strongest(look.get('top', TOP)))}"


def _scale(rows: Rows) -> str:
    """What tints and lines of a heat map mean."""
    target = escape.prose(quoted(class_name(rows.e, rows.e.target)))
    plain = "color-mix(in srgb, currentColor 12%, transparent)"
    if rows.signed:
        ends, ramp = (f"{numbers.MINUS} away from {target}", f"+ toward {target}"), ",".join((colours.AWAY, plain, colours.TOWARD))
    else:
        ends, ramp = ("counts for little", "counts for much"), f"{plain},{colours.STRONG}"
    bar = f'<span class="ft-ramp" style="background:linear-gradient(to right,{ramp})"></span>'
    line = f"whole line: the strongest {100 * STRONGEST:.0f}{chr(0xA0)}% of the area"
    if rows.signed:
        line += ", broken where it counts away"
    clipped = f"the strongest {100 - CLIPPED:.0f}{chr(0xA0)}% of the pixels have the same, fullest colour; smoothed for the eye"
    numbered = "a number: one of the areas that count most, as in the bars"
    items = "".join(f"<li>{item}</li>" for item in (f"{ends[0]} {bar} {ends[1]}", line, numbered, clipped))
    return f'<ul class="ft-legend">{items}</ul>'


def table(e: Explanation) -> str:
    return attribution_html.table_of(Rows.of(e).strongest(MOST_NUMBERS))


def slide_input(e: Explanation, box: Box) -> str:
    """Nothing: the photograph stands in the picture, which then has the whole height."""
    return ""


def slide_picture(e: Explanation, box: Box) -> str:
    """The photograph, and its bars beside it."""
    rows = Rows.of(e)
    picture = painted(rows)
    scale = min(box.height / picture.height, 0.5 * box.width / picture.width)
    width, height = picture.width * scale, picture.height * scale
    shown = f'<image x="{box.x:.1f}" y="{box.y:.1f}" width="{width:.1f}" height="{height:.1f}" href="{address(picture, "PNG")}"/>'
    beside = Box(box.x + width + 24, box.y, box.width - width - 24, box.height)
    return shown + attribution_slide.bars(rows, beside, _marks(rows))


def _marks(rows: Rows) -> str:
    """What lines and numbers on the picture mean, for a slide."""
    if not rows.payload.per_pixel:
        return "On the picture: the strongest parts, outlined, with their number and sign as in the bars; a fuller tint counts for more."
    line = f"the strongest {100 * STRONGEST:.0f} % of the area"
    broken = ", broken where it counts away" if rows.signed else ""
    return f"On the picture: a fuller tint counts for more; a whole line surrounds {line}{broken}; a number names an area, as in the bars."

"""Rules over the parts of a picture: the photograph with the rule's parts outlined and the rest dimmed."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from ..explanation import Explanation
from . import colours, escape, overlay, rule_examples, rule_slide, style
from .rule_chart import chart
from .rule_html import ladder, lines, mark, table
from .rule_sentence import gist, sentence
from .rule_view import View
from .slide import Box

__all__ = ["chart", "figure", "fits", "gist", "highlight", "image", "lines", "sentence", "slide_input", "slide_picture", "table"]

DIMMED = 0.65  # how far what is not in the rule loses its light
_QUALITY = 85  # of the JPEG on a page
_ON_SLIDE = 0.56  # of the width


def fits(e: Explanation) -> bool:
    segments = e.payload.segments
    return isinstance(e.instance, Image.Image) and segments is not None and np.asarray(segments).shape == e.instance.size[::-1]


def image(e: Explanation, **look: Any) -> Image.Image:
    """`look`: see `painted`."""
    return painted(e, **look)


def painted(e: Explanation, top: int | None = None, opacity: float = DIMMED, outline: bool = True) -> Image.Image:
    """The rule's parts in full light, outlined and numbered; the rest grey and dimmed by `opacity` (0 to 1).

    A rule without conditions leaves the picture as it is. `top` has no use: a part of a rule is no rule, so it is shown whole.
    """
    pixels, scale = overlay.enlarged(e.instance)
    masks = [mask.repeat(scale, 0).repeat(scale, 1) for mask in _masks(e)]
    if masks:
        rest = ~np.logical_or.reduce(masks)
        grey = pixels.mean(axis=2, keepdims=True)
        pixels[rest] = ((1 - opacity) * (0.5 * pixels + 0.5 * grey))[rest]
    for part in masks if outline else ():
        overlay.draw_outline(pixels, part, colours.TOWARD)
    picture = Image.fromarray(pixels.round().astype(np.uint8))
    for condition, part in zip(e.payload.conditions, masks, strict=True):
        number = overlay.part_of(condition.feature)
        overlay.label(picture, part, str(number) if number >= 0 else "", colours.TOWARD)
    return picture


def _masks(e: Explanation) -> list[np.ndarray]:
    """Pixels of each condition's part, bool (h, w)."""
    segments = np.asarray(e.payload.segments)
    return [segments == overlay.part_of(c.feature) for c in e.payload.conditions]


def highlight(e: Explanation, **look: Any) -> str:
    return f'<div class="ft-words">{style.style(style.WORDS)}{_photograph(e, **look)}</div>'


def figure(e: Explanation) -> str:
    view = View(e)
    head = "The picture, with the parts of the rule" if e.payload.conditions else "The picture"
    shown = f'<div class="ft-part ft-words"><h4>{head}</h4>{_photograph(e)}</div>'
    return style.style(style.RULE) + shown + ladder(view) + rule_examples.both(view, mark)


def _photograph(e: Explanation, **look: Any) -> str:
    picture = image(e, **look)
    alt = escape.text(escape.shorten(sentence(e), 1000))
    img = f'<img src="{overlay.address(picture, "JPEG", quality=_QUALITY)}" width="{picture.width}" height="{picture.height}" alt="{alt}">'
    if not e.payload.conditions:
        return img
    return f'{img}<ul class="ft-legend"><li>outlined, with its number: a part of the rule</li><li>dimmed: may change</li></ul>'


def slide_input(e: Explanation, box: Box) -> str:
    """Nothing: the photograph stands in the picture, which then has the whole height."""
    return ""


def slide_picture(e: Explanation, box: Box) -> str:
    """The photograph, and the ladder beside it."""
    picture = image(e)
    scale = min(box.height / picture.height, _ON_SLIDE * box.width / picture.width)
    width, height = picture.width * scale, picture.height * scale
    source = overlay.address(picture, "PNG")
    shown = f'<image x="{box.x:.1f}" y="{box.y:.1f}" width="{width:.1f}" height="{height:.1f}" href="{source}"/>'
    return shown + rule_slide.ladder(View(e), Box(box.x + width + 24, box.y, box.width - width - 24, box.height))

"""What a kind of explanation brings to be drawn, and the table that finds it.

A new kind, or a kind over a new sort of input, is one new module with these functions and one entry in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image

from ..explanation import Explanation

if TYPE_CHECKING:
    from .slide import Box


class Kind(Protocol):
    """A module or object that draws one kind. It may decline an explanation: `fits` is asked first.

    It may also have
    gist(e) -> str             its one most telling sentence, without the model's answer (see `gist` below)
    in_parts(e) -> (str, str)  the sentence as what it says and the small print to it, where a page shows the two apart
    lead(e) -> str             the sentence at the head of a card, where `sentence` would say what stands below it again
    slide_body(e, box) -> str  SVG for all of a slide between title and footer, in place of input, picture and sentence
    """

    def fits(self, e: Explanation) -> bool: ...

    def sentence(self, e: Explanation) -> str: ...

    def chart(self, e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> Any: ...

    def image(self, e: Explanation, **look: Any) -> Image.Image | None: ...

    def highlight(self, e: Explanation, **look: Any) -> str: ...

    def figure(self, e: Explanation) -> str:
        """HTML: the input and the picture."""

    def table(self, e: Explanation) -> str:
        """HTML: the numbers behind the picture."""

    def lines(self, e: Explanation) -> Iterable[tuple[str, str]]:
        """Further facts for "how this was made"."""

    def slide_input(self, e: Explanation, box: Box) -> str:
        """SVG elements inside `box`."""

    def slide_picture(self, e: Explanation, box: Box) -> str: ...


def kind_of(e: Explanation) -> Kind:
    """The first that takes it; the last takes everything."""
    # here, because the kinds import what is beside this module
    from . import attribution, attribution_picture, boundary, composite, difference, plain, prototypes, rule, rule_picture

    table: dict[str, tuple[Kind, ...]] = {
        "attribution": (attribution, attribution_picture),
        "rule": (rule_picture, rule),
        "prototypes": (prototypes,),
        "boundary_path": (boundary,),
        "composite": (composite,),
        "set_difference": (difference,),
    }
    return next((kind for kind in table.get(e.kind, ()) if kind.fits(e)), plain)


def gist(e: Explanation) -> str:
    """What an explanation says in a sentence, for a place among others: the kind's own, else its sentence without the model's answer."""
    from .common import answer_sentence

    kind = kind_of(e)
    own = getattr(kind, "gist", None)
    return own(e) if own is not None else kind.sentence(e).removeprefix(answer_sentence(e)).strip()

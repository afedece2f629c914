"""How much, in plain units: what the means of a measure are in two sets. Only of what has a unit that a person knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .textual import MEASURES
from .wording import WORDINGS, worded


@dataclass(frozen=True)
class Unit:
    """what: is measured, with its unit or scale, as it stands after "on average"; `{}` is where the two numbers stand. times: what the measured
    value is multiplied with."""

    what: str
    times: float = 1.0

    def says(self, a: float, b: float) -> str:
        """ "brightness 31 against 45, from 0 (black) to 100 (white)"; with as many decimals, up to two, as tell the two apart."""
        a, b = a * self.times, b * self.times
        places = next((n for n in (0, 1) if max(abs(a), abs(b)) >= 10 * 10**-n and f"{a:.{n}f}" != f"{b:.{n}f}"), 2)
        return self.what.format(" against ".join(f"{x:.{places}f}".replace("-", "\u2212") for x in (a, b)))


_OF_LIGHT = "{}, from 0 (black) to 100 (white)"
_PICTURES = {
    "brightness": Unit(f"brightness {_OF_LIGHT}", 100),
    "ground_light": Unit(f"brightness of the background {_OF_LIGHT}", 100),
    "contrast": Unit("standard deviation of the brightness {}, where black is 0 and white 100", 100),
    "chroma": Unit("strength of colour {}, from 0 (grey) to 100", 100),
    "warmth": Unit("red less blue {}, each from 0 to 100", 100),
    "vignette": Unit("brightness of the middle less that of the corners {}, each from 0 (black) to 100 (white)", 100),
    "x": Unit("middle of the object at {} % of the width, from the left", 100),
    "y": Unit("middle of the object at {} % of the height, from the top", 100),
}
_TEXTS = {
    "length": Unit("{} words a text"),
    "questions": Unit("{} question marks a text"),
    "exclamations": Unit("{} exclamation marks a text"),
    "digits": Unit("{} numbers a text"),
    "capitals": Unit("{} % of the letters are capitals", 100),
    "quotes": Unit("{} quotation marks a text"),
    "first person": Unit("{} % of the words", 100),
    "second person": Unit("{} % of the words", 100),
    "negations": Unit("{} % of the words", 100),
    "hedges": Unit("{} % of the words", 100),
    "links": Unit("{} links or addresses a text"),
    "commas": Unit("{} commas in 100 words", 100),
    "word length": Unit("{} letters a word"),
    "sentences": Unit("{} sentences a text"),
    "past tense": Unit("{} % of the words end in -ed", 100),
    "variety": Unit("{} % of the words of a text are different ones", 100),
}


def amounts(description: str, ranker: str, a: float, b: float) -> str:
    """In words the means of two sets, "" where what is measured has no unit to tell. a, b: mean fits, as the ranker gives them (turned round
    where the description is of the low end)."""
    find = _FOUND.get(ranker)
    known = find(description) if find else None
    if known is None:
        return ""
    unit, sign = known
    return unit.says(sign * a, sign * b)


def _of_picture(description: str) -> tuple[Unit, int] | None:
    w = next((w for w in WORDINGS if w.says == description), None) or worded(description)
    if w is None:
        return None
    region, _, colour = w.name.partition(" ")
    if region in ("object", "around"):
        where = "object" if region == "object" else "background"
        return Unit(f"{colour} in {{}} % of the {where}", 100), w.sign
    return None if w.name not in _PICTURES else (_PICTURES[w.name], w.sign)


def _of_text(description: str) -> tuple[Unit, int] | None:
    found = next((m for m in MEASURES if description in (m.high, m.low)), None)
    if found is None or found.name not in _TEXTS:
        return None
    return _TEXTS[found.name], 1 if description == found.high else -1


_FOUND: dict[str, Callable[[str], tuple[Unit, int] | None]] = {"attributes": _of_picture, "text measures": _of_text}

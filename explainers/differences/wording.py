"""Measured attributes in words: for each end of each attribute the description, and the words with which a person may ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .attributes import HUES, NAMES
from .colours import COLOURS


@dataclass(frozen=True)
class Wording:
    """One end of an attribute in words.

    name     of the attribute, in attributes.NAMES
    sign     1: large values, -1: small ones
    says     the description
    words    what a person may type for it
    cut      value from which it counts as true (below which, where sign is -1); None where there is no such value in itself. Of noise and
             painting above what plain photographs reach: foliage is no grain, and a clear sky no painting
    special  it names one thing that shows in many attributes: where it is true of A, those in `covers` say nothing of their own
    covers   names of attributes, or beginnings of names ending in a space
    yields   where one of these separates clearly, this end says less well what they say; "scene" stands for all scenes, "veil"
             for a tint that lies over object and surroundings alike
    """

    name: str
    sign: int
    says: str
    words: tuple[str, ...] = ()
    cut: float | None = None
    special: bool = False
    covers: tuple[str, ...] = ()
    yields: tuple[str, ...] = ()

    @property
    def column(self) -> int:
        return NAMES.index(self.name)

    @property
    def style(self) -> bool:
        """It changes everything that can be seen of a picture."""
        return self.special or self.name == "haze"

    def above(self, other: Wording) -> bool:
        """Whether it is of the same attribute, or covers the other's."""
        return self.name == other.name or any(
            other.name.startswith(name) if name.endswith(" ") else other.name == name for name in self.covers
        )


_LIGHT = (
    "brightness",
    "contrast",
    "haze",
    "chroma",
    "shadows",
    "highlights",
    "ground_light",
    "around ",
    "object ",
    "tint ",
    "warmth",
    "vignette",
)
_SURFACE = ("sharpness", "noise", "edges", "blocks", "flat", "few_colours", "painting", "ground_detail")
_GROUND = ("sky", "water", "grass", "leaves", "sand", "snow")
_ALL = (*_LIGHT, *_SURFACE, *_GROUND, "one_hue", "sepia", "sketch", "frame", "size", "spread", "count", "central", "x", "y")

WORDINGS = [
    Wording(
        "sketch",
        1,
        "a pencil sketch or line drawing",
        ("sketch", "pencil sketch", "drawing", "line drawing", "pencil drawing"),
        0.25,
        True,
        _ALL,
    ),
    Wording(
        "frame", 1, "with a frame around the picture", ("frame", "border", "framed", "with a border", "picture frame"), 0.5, True, _ALL
    ),
    Wording(
        "blocks", 1, "pixelated, in large blocks", ("pixelated", "pixelated blocks", "blocky", "mosaic", "low resolution"), 1.2, True, _ALL
    ),
    Wording("noise", 1, "noisy, grainy", ("noisy", "grainy", "noise", "grain", "film grain"), 0.035, True, _ALL),
    Wording("sepia", 1, "sepia-toned, like an old photograph", ("sepia", "sepia toned", "old photograph", "brown tones"), 0.7, True, _ALL),
    Wording(
        "chroma",
        -1,
        "black and white, without colour",
        ("black and white", "grayscale", "greyscale", "monochrome", "grey", "gray"),
        0.012,
        True,
        _ALL,
    ),
    Wording(
        "painting",
        1,
        "like a painting or cartoon, with flat areas of colour",
        ("painting", "painted", "oil painting", "cartoon", "poster", "posterised", "flat colours"),
        0.86,
        True,
        (*_SURFACE, *_GROUND),
    ),
    Wording(
        "sharpness",
        -1,
        "blurred, out of focus",
        ("blurred", "blurry", "out of focus", "blur", "unsharp", "soft focus"),
        -0.45,
        True,
        ("noise", "edges", "blocks", "flat", "ground_detail", *_GROUND),
    ),
    Wording(
        "brightness",
        -1,
        "dark, as at night",
        ("dark", "at night", "night", "dim", "underexposed", "dusk", "low light", "gloomy"),
        0.25,
        False,
        ("ground_light", "shadows"),
    ),
    Wording(
        "brightness",
        1,
        "bright, in strong light",
        ("bright", "light", "bright light", "overexposed", "sunlight", "sunny", "well lit"),
        0.65,
        False,
        ("ground_light", "highlights"),
    ),
    Wording(
        "contrast",
        1,
        "high contrast",
        ("high contrast", "strong contrast", "contrasty", "harsh light"),
        0.3,
        False,
        ("shadows", "highlights"),
    ),
    Wording(
        "haze",
        1,
        "low contrast, as in fog",
        ("low contrast", "fog", "foggy", "hazy", "haze", "faded", "washed out", "mist"),
        0.3,
        False,
        ("contrast", "highlights", "shadows"),
    ),
    Wording(
        "chroma",
        1,
        "vivid colours",
        ("colourful", "colorful", "vivid", "saturated", "vivid colours", "vivid colors", "bright colours"),
        0.3,
        False,
        (),
        ("scene",),
    ),
    Wording(
        "chroma",
        -1,
        "pale, muted colours",
        ("pale colours", "muted colours", "muted", "desaturated", "pale"),
        0.06,
        False,
        ("object grey",),
        ("scene",),
    ),
    Wording(
        "warmth",
        1,
        "warm light, as at sunset",
        ("warm", "warm light", "warm colours", "sunset", "golden light"),
        0.2,
        False,
        (),
        ("scene", "tint"),
    ),
    Wording(
        "warmth", -1, "cold, bluish light", ("cold", "cold light", "cool colours", "cool", "bluish"), -0.2, False, (), ("scene", "tint")
    ),
    Wording("vignette", 1, "dark corners", ("dark corners", "vignette", "a vignette"), 0.2, False, ()),
    Wording("sharpness", 1, "sharp, in focus", ("sharp", "in focus", "crisp"), -0.1, False, ()),
    Wording("noise", -1, "clean, without grain", ("clean", "noise-free"), 0.004, False, ()),
    Wording("edges", 1, "many fine details", ("detailed", "busy", "many details", "textured"), None, False, ("ground_detail",), ("scene",)),
    Wording("edges", -1, "smooth, with few details", ("smooth", "few details", "plain"), None, False, ("ground_detail",), ("scene",)),
    Wording(
        "one_hue",
        1,
        "in shades of a single colour",
        ("single colour", "one colour", "monochromatic", "tinted"),
        0.85,
        False,
        (),
        ("scene",),
    ),
    Wording("one_hue", -1, "many different colours", ("many colours", "different colours", "multicoloured"), 0.3, False, (), ("scene",)),
    Wording(
        "count",
        1,
        "several objects",
        ("several objects", "many objects", "more than one object", "a group", "group", "several", "two objects"),
        None,
        False,
        ("spread",),
        ("thing",),
    ),
    Wording("count", -1, "a single object", ("single object", "one object", "alone", "single"), None, False, ("spread",), ("thing",)),
    Wording(
        "size",
        -1,
        "a small object, far away",
        ("small object", "small", "far away", "tiny", "distant"),
        0.12,
        False,
        ("spread",),
        ("thing",),
    ),
    Wording(
        "size",
        1,
        "a large object, close up",
        ("large object", "large", "close up", "close-up", "big", "big object", "fills the picture"),
        0.4,
        False,
        ("spread",),
        ("thing",),
    ),
    Wording(
        "x", -1, "the object is at the left", ("left", "at the left", "on the left", "object on the left", "left side"), 0.4, False, ()
    ),
    Wording(
        "x", 1, "the object is at the right", ("right", "at the right", "on the right", "object on the right", "right side"), 0.6, False, ()
    ),
    Wording("y", -1, "the object is at the top", ("top", "at the top", "upper part", "object at the top"), 0.4, False, ()),
    Wording("y", 1, "the object is at the bottom", ("bottom", "at the bottom", "lower part", "object at the bottom"), 0.6, False, ()),
    Wording(
        "central",
        1,
        "the object is in the middle",
        ("centre", "center", "in the middle", "centred", "centered", "middle"),
        -0.1,
        False,
        (),
        ("x", "y"),
    ),
    Wording(
        "central", -1, "the object is off centre", ("off centre", "off center", "to the side", "at the edge"), -0.2, False, (), ("x", "y")
    ),
    Wording(
        "ground_detail",
        -1,
        "a plain background",
        ("plain background", "empty background", "simple background", "smooth background"),
        0.01,
        False,
        (),
        ("scene",),
    ),
    Wording(
        "ground_detail",
        1,
        "a busy background",
        ("busy background", "cluttered background", "cluttered", "textured background"),
        0.04,
        False,
        (),
        ("scene",),
    ),
    Wording("ground_light", -1, "a dark background", ("dark background", "black background"), 0.2, False, (), ("scene",)),
    Wording(
        "ground_light", 1, "a bright background", ("bright background", "white background", "light background"), 0.7, False, (), ("scene",)
    ),
    *(
        Wording(
            f"tint {hue}",
            1,
            f"tinted {hue}",
            (
                f"{hue} tint",
                f"tinted {hue}",
                f"{hue} cast",
                f"{hue} light",
                hue,
                f"{hue} colour cast",
                "reddish" if hue == "red" else f"{hue}ish",
            ),
            0.04,
            False,
            (),
            ("scene",),
        )
        for hue in HUES
    ),
    *(
        Wording(f"object {hue}", 1, f"the object is {hue}", (f"{hue} object", f"object is {hue}"), 0.3, False, (), ("veil",))
        for hue in COLOURS
    ),
    *(Wording(f"around {hue}", 1, f"the background is {hue}", (f"{hue} background",), 0.4, False, (), ("veil",)) for hue in COLOURS),
]
_ARTICLES = re.compile(r"\b(?:a|an|the|is|are|picture|photo|image|of|very)\b")


def worded(description: str) -> Wording | None:
    """The end of an attribute that a person's words mean, if they mean one: "dark, as at night", or as a comparison, "darker"."""
    from .degree import COMPARED  # here, because it is made of the wordings

    plain = _plain(description)
    return _BY_WORD.get(plain) or next((w for says, w in COMPARED.items() if _plain(says) == plain), None)


def _plain(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", text.lower()).strip(" .").replace("color", "colour").split())


_BY_WORD = {_plain(text): w for w in reversed(WORDINGS) for text in (w.says, *w.words)}

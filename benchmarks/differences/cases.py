"""Which pairs of sets there are: their level, what is true of A and what of B, and how they are made."""

from __future__ import annotations

import tomllib
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .pictures import Side, picture_sets
from .texts import Source, text_sets

LEVELS = ("easy", "medium", "hard", "text")
ITEMS, FEW = (40, 80), 30  # items of a set: at least and at most, and with --quick


@dataclass(frozen=True)
class Truth:
    """What was planted: as one would say it, in other words, and what is half right."""

    says: str
    same: tuple[str, ...]
    partly: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """kind: what sort of difference, for the table's lines. truth_a, truth_b: keys of truths.toml."""

    level: str
    kind: str
    truth_a: str
    truth_b: str
    a: Any
    b: Any

    @property
    def name(self) -> str:
        made = zlib.crc32(repr((self.a, self.b)).encode()) % 1000  # two cases may plant the same in different material
        return f"{self.level}: {self.truth_a} / {self.truth_b} {made:03d}"

    @property
    def modality(self) -> str:
        return "text" if self.level == "text" else "image"

    def sets(self, seed: int, quick: bool = False) -> tuple[list[Any], list[Any]]:
        """Two sets: the same for the same seed, whatever ran before."""
        rng = np.random.default_rng([seed, zlib.crc32(self.name.encode())])
        n = FEW if quick else int(rng.integers(ITEMS[0], ITEMS[1] + 1))
        return (text_sets if self.modality == "text" else picture_sets)(self.a, self.b, n, rng)


@cache
def truths() -> dict[str, Truth]:
    data = tomllib.loads((Path(__file__).parent / "truths.toml").read_text(encoding="utf-8"))
    return {key: Truth(t["says"], tuple(t["same"]), tuple(t["partly"])) for key, t in data.items()}


@cache
def all_cases() -> tuple[Case, ...]:
    return (*_easy(), *_medium(), *_hard(), *_texts())


def _easy() -> list[Case]:
    groups = {"other_instrument": "instrument", "other_vehicle": "vehicle"}
    pairs = """bird mammal|mammal bird|bird fish|fish mammal|insect bird|flower insect|flower animal|animal flower|fruit vegetable
    |vegetable fruit|fruit animal|vehicle animal|animal vehicle|vehicle instrument|instrument tool|tool instrument|tool fruit
    |instrument vegetable|penguin land_bird|water_bird land_bird|big_cat cattle|cattle big_cat|guitar other_instrument|car other_vehicle
    |citrus apple|apple citrus|tree vehicle|animal tool"""
    out = []
    for pair in pairs.split("|"):
        a, b = pair.split()
        out.append(Case("easy", "kind", groups.get(a, a), groups.get(b, b), Side(a), Side(b)))
    return out


def _medium() -> list[Case]:
    out = []
    names = {"leaves": "leaves", "flowers": "flowers_behind"}
    for pair in (
        "sea forest",
        "forest sea",
        "sky grass",
        "grass sky",
        "rock sea",
        "sea grass",
        "leaves rock",
        "flowers leaves",
        "bark sea",
        "forest rock",
    ):
        a, b = pair.split()
        out.append(Case("medium", "background", names.get(a, a), names.get(b, b), Side(scenes=a), Side(scenes=b)))
    for colour in ("red", "green", "blue", "yellow", "purple"):
        out.append(Case("medium", "colour cast", f"tint_{colour}", "usual", Side("bird mammal", style=colour), Side("bird mammal")))
    for pair in ("red green", "green yellow", "yellow red"):
        a, b = pair.split()
        out.append(Case("medium", "object's colour", f"object_{a}", f"object_{b}", Side(a), Side(b)))
    few, many = {"size": (0.2, 0.27)}, {"size": (0.2, 0.27), "count": (3, 6)}
    for things in ("bird mammal", "fruit vegetable"):
        out.append(Case("medium", "count", "several", "single", Side(things, **many), Side(things, **few)))
        out.append(Case("medium", "count", "single", "several", Side(things, **few), Side(things, **many)))
    for a, b, near, far in (
        ("left", "right", {"x": (0.18, 0.3)}, {"x": (0.7, 0.82)}),
        ("right", "left", {"x": (0.7, 0.82)}, {"x": (0.18, 0.3)}),
        ("top", "bottom", {"y": (0.18, 0.3)}, {"y": (0.7, 0.82)}),
        ("bottom", "top", {"y": (0.7, 0.82)}, {"y": (0.18, 0.3)}),
    ):
        small = {"size": (0.3, 0.4)}
        out.append(Case("medium", "position", a, b, Side("mammal bird", **near, **small), Side("mammal bird", **far, **small)))
    for things in ("mammal bird", "flower fruit"):
        out.append(Case("medium", "size", "large", "small", Side(things, size=(0.6, 0.8)), Side(things, size=(0.18, 0.28))))
        out.append(Case("medium", "size", "small", "large", Side(things, size=(0.18, 0.28)), Side(things, size=(0.6, 0.8))))
    return out


def _hard() -> list[Case]:
    styles = ["sketch", "blur", "noise", "grey", "frame", "sepia", "pixelated", "posterised"]
    lights = ["dark", "bright", "fog", "contrast", "vivid", "muted", "vignette", "warm"]
    out = [Case("hard", "style", style, "usual", Side("animal", style=style), Side("animal")) for style in styles]
    out += [
        Case("hard", "style", style, "usual", Side("fruit vehicle", style=style), Side("fruit vehicle"))
        for style in ("sketch", "blur", "noise", "frame")
    ]
    out += [Case("hard", "lighting", light, "usual", Side("animal", style=light), Side("animal")) for light in lights]
    for with_, without in (("flower", "tool"), ("vehicle", "fruit"), ("fruit", "tool"), ("instrument", "flower"), ("tool", "vehicle")):
        out.append(
            Case("hard", "company", f"with_{with_}", f"with_{without}", Side("mammal", beside=with_), Side("mammal", beside=without))
        )
    out.append(Case("hard", "company", "with_bird", "with_flower", Side("mammal", beside="bird"), Side("mammal", beside="flower")))
    return out


def _texts() -> list[Case]:
    topics = {
        "music": r"\b(music|songs?|soundtrack|concert|bands?|musicals?)\b",
        "love": r"\b(love|romance|romantic)\b",
        "family": r"\b(family|father|mother|children|kids|son|daughter|parents)\b",
        "horror": r"\b(horror|scary|creepy|ghosts?|slasher|frightening)\b",
        "comedy": r"\b(comedy|comedies|funny|laughs?|humor|jokes?)\b",
        "documentary": r"\b(documentary|documentaries)\b",
        "animation": r"\b(animation|animated|cartoons?|disney)\b",
        "acting": r"\b(performances?|actors?|actress|acting|cast)\b",
        "script": r"\b(script|screenplay|dialogue)\b",
        "thriller": r"\b(thrillers?|suspense|suspenseful)\b",
        "crime": r"\b(crime|cops?|murders?|killers?|gangsters?|police|heist|thief)\b",
    }
    out = [Case("text", "topic", f"topic_{name}", "not_topic", Source(holds=words), Source(lacks=words)) for name, words in topics.items()]
    for a, b in (("good", "bad"), ("bad", "good"), ("positive", "neutral"), ("negative", "neutral"), ("positive", "negative")):
        says = {"good": "positive", "bad": "negative"}
        out.append(Case("text", "sentiment", says.get(a, a), says.get(b, b), Source(a), Source(b)))
    for pair in ("advertising discussion", "discussion advertising", "mail review", "review mail"):
        a, b = pair.split()
        kinds = {"advertising": "spam", "discussion": "ham", "mail": "ham spam", "review": "neutral"}
        out.append(Case("text", "topic", a, b, Source(kinds[a], words=(18, 80), first=18), Source(kinds[b], words=(18, 80), first=18)))
    long, short = Source(words=(26, 80)), Source(words=(8, 15))
    out += [Case("text", "length", "long", "short", long, short), Case("text", "length", "short", "long", short, long)]
    marks = {
        "questions": r"\?",
        "numbers": r"\d",
        "quotations": '"',
        "first_person": r"\b(i|i'm|i've|my|me|we|our|us)\b",
        "second_person": r"\b(you|your|you'll|you're)\b",
        "negations": r"\b(not|no|never|nothing|without|nor|neither)\b|n't\b",
        "hedges": r"\b(maybe|perhaps|seems?|might|could|somewhat|rather|probably)\b",
    }
    out += [Case("text", "style", name, "plain", Source(holds=p), Source(lacks=p)) for name, p in marks.items()]
    out += [Case("text", "style", name, "plain", Source(plant=name), Source()) for name in ("capitals", "exclaims", "links")]
    for name in ("day", "honest", "umbrella", "opinion", "neighbour", "tuesday"):
        out.append(Case("text", "phrase", f"phrase_{name}", "not_topic", Source(plant=name), Source()))
    return out

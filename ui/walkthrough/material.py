"""What is stored for the walk-through, and what is checked when it is read. Written by sample_data/scripts/build_walkthrough.py.

`walkthrough.json` holds the numbers; beside it lies one explanation a method, pinned by its digest. Nothing is asked of a model.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from explainers import Explanation

FOLDER = Path(__file__).resolve().parents[2] / "sample_data" / "animals" / "walkthrough"
FILE = "walkthrough.json"
BUILD = "python -m sample_data.scripts.build_walkthrough"
VERSION = 1

LOOSER, STRICTER = 2.0, 4.0  # other lines that could have been drawn, so that a reader sees what hangs on it
ANIMAL, BACKGROUND, NEITHER = "animal", "background", "neither"
FLAT = 1.5  # up to this many times as strongly, the animal does not stand out from what is around it
FACTOR = 3.0  # how many times as strongly as the background the animal must be coloured to be named; few maps drawn at random reach it


def says(ratio: float, factor: float = FACTOR) -> str:
    """What a viewer reads off a map: the animal where it stands out, the background where the animal does not stand out at all.

    ratio  mean colour of a pixel on the animal over that of one on the background, 0 up
    """
    if ratio >= factor:
        return ANIMAL
    return BACKGROUND if ratio <= FLAT else NEITHER


def ratio_of(mass: float, area: float) -> float:
    """How many times as strongly a pixel on the animal is coloured as one on the background; inf where the background has no colour.

    mass  share of a map's colour that lies on the animal, 0 to 1
    area  share of the picture that the animal covers, more than 0 and less than 1
    """
    return math.inf if mass >= 1 else mass / area * (1 - area) / (1 - mass)


@dataclass(frozen=True)
class Picture:
    """A test picture that is shown. row: its place in the test part; proba: the model's answer, (classes,); sha256: of its pixels."""

    row: int
    sha256: str
    label: int
    proba: list[float]
    animal: str

    @property
    def answer(self) -> int:
        return int(np.argmax(self.proba))


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval, of `n`."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Measured:
    """One method: its map of the shown picture, and what was counted over many.

    file, digest   the stored explanation
    params         what it was run with, beside the defaults
    mass, ratio    of the shown picture: share of the colour on the animal, 0 to 1; see `ratio_of` (None stands for infinite)
    masses         mean share over all pictures; interval by drawing animals, not pictures, again (bootstrap)
    animal, background  how many of all pictures' maps say so by FACTOR
    looser, stricter    how many would say "animal" if the line were LOOSER or STRICTER times
    silent         maps without any colour toward the answer; counted as neither
    """

    method: str
    title: str
    params: dict[str, Any]
    file: str
    digest: str
    mass: float
    ratio: float | None
    masses: Share
    animal: int
    background: int
    looser: int
    stricter: int
    silent: int

    @property
    def says(self) -> str:
        return says(math.inf if self.ratio is None else self.ratio)

    @property
    def neither(self) -> int:
        return self.masses.n - self.animal - self.background


@dataclass(frozen=True)
class Material:
    """Everything that the page shows.

    first        two pictures to meet the model by
    usual, swapped  one animal in one place before two backgrounds, of which the model says different things
    area         share of what the model sees of `usual` that the animal covers
    areas        mean of the same over all pictures
    right_usual, right_swapped  share of test pictures that the model gets right
    flips        share of pairs whose answer changes with the background
    kept         the same with every pixel of the animal kept: in the pairs its colours are drawn a little towards the scene's
    animals      how many different animals are on the pictures that were counted
    among        of how many of them the model is sure before either background: the shown one is that whose maps tell most clearly
    chance       share of maps drawn at random, on the same pictures, that say "animal"; chance_background: that say "background"
    """

    version: int
    task: str
    model: str
    fingerprint: str
    seed: int
    first: list[Picture]
    usual: Picture
    swapped: Picture
    area: float
    areas: float
    right_usual: Share
    right_swapped: Share
    flips: Share
    kept: Share
    animals: int
    among: int
    chance: float
    chance_background: float
    methods: list[Measured]

    @property
    def pictures(self) -> int:
        """Over how many pictures the maps were counted."""
        return self.methods[0].masses.n

    def saying(self, what: str) -> list[Measured]:
        """The methods whose map of the shown picture says `what`."""
        return [m for m in self.methods if m.says == what]

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False, allow_nan=False)
        (folder / FILE).write_text(text + "\n", encoding="utf8")


def read(folder: Path = FOLDER) -> Material:
    """The stored numbers. Raises ValueError with one sentence where they are not there or are another version's."""
    try:
        record = json.loads((folder / FILE).read_text(encoding="utf8"))
        if record["version"] != VERSION:
            raise ValueError("version")
        many = {"first": Picture, "methods": Measured}
        one = {"usual": Picture, "swapped": Picture, "right_usual": Share, "right_swapped": Share, "flips": Share, "kept": Share}
        values = {f.name: record[f.name] for f in fields(Material)}
        values |= {name: [_made(cls, r) for r in record[name]] for name, cls in many.items()}
        values |= {name: _made(cls, record[name]) for name, cls in one.items()}
        return Material(**values)
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError(f"What the walk-through shows is not stored here, or not in this form: build it with {BUILD}.") from None


def _made(cls: Any, record: dict[str, Any]) -> Any:
    if cls is Measured:
        record = {**record, "masses": Share(**record["masses"])}
    return cls(**record)


def explanation(material: Material, method: Measured, folder: Path = FOLDER) -> Explanation:
    """The stored map of a method. Raises ValueError where the file was changed, or is of another picture or model."""
    try:
        e = Explanation.from_json((folder / method.file).read_text(encoding="utf8"))
    except OSError:
        raise ValueError(f"The map {method.file} of the walk-through is missing: build it with {BUILD}.") from None
    if e.digest != method.digest:
        raise ValueError(f"The map {method.file} of the walk-through was changed after it was stored: build it again with {BUILD}.")
    if e.model_fingerprint != material.fingerprint or e.instance_sha256 != material.usual.sha256 or e.method != method.method:
        raise ValueError(f"The map {method.file} of the walk-through is of another picture or model: build it with {BUILD}.")
    return e


def check(material: Material, fingerprint: str) -> None:
    """Raises ValueError unless everything was stored for the model that has this fingerprint."""
    if material.fingerprint != fingerprint:
        raise ValueError(f"The walk-through was stored for another version of the model: build it again with {BUILD}.")

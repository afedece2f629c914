"""What an explanation holds, one class a kind: data only. The file form of each is described in `explanation.schema.json`.

A new kind is a class here, in `PAYLOADS`, its definition in the schema, and a module in `render/` that draws it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .jsonform import plain

if TYPE_CHECKING:
    from .explanation import Explanation

Spans = list[list[list[int]]]  # per part, the [start, end) character offsets of each of its words


class Data:
    """Equal when everything in it is."""

    # field -> class of the items of that list, for reading a file
    ITEMS: ClassVar[dict[str, type]] = {}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and plain(self) == plain(other)

    __hash__ = None  # type: ignore[assignment]


def _numbers(owner: object, *names: str) -> None:
    """Turn the named fields into arrays of finite numbers; None stays None."""
    for name in names:
        if getattr(owner, name) is None:
            continue
        numbers = np.asarray(getattr(owner, name), dtype=np.float64)
        if numbers.ndim != 1 or not np.isfinite(numbers).all():
            raise ValueError(f"The {name} of {type(owner).__name__} must be a list of finite numbers.")
        object.__setattr__(owner, name, numbers)


@dataclass(frozen=True, eq=False)
class Attribution(Data):
    """How much each part moved the model toward the target class. Kind "attribution".

    features   the chosen parts: exact column name, the word, or "part 3"; length k
    names      the same as shown to a person ("28 < age <= 37"); length k
    values     (k,), positive = toward the target; `unit` says of what
    low, high  (k,) ends of the 95 % interval, or None where nothing is sampled
    intercept  the surrogate's value with every part switched off
    positions  text: indices of the words that make up each part
    spans      text: [start, end) character offsets of the same words in the instance
    total      number of parts the instance has; the k shown were chosen among them
    samples    number of perturbed instances behind the numbers
    local_prediction  the surrogate's own value for the instance
    map        over pixels: (height, width) of the instance, 0 outside the model's crop
    segments   over pixels: (height, width), which part a pixel belongs to ("part 3" is 3), -1 outside the model's crop
    per_pixel  the map has a value of its own for each pixel, and `values` are its sums over the parts; else a part's pixels share its value
    signed     False: values are 0 up and say how strongly a part counts, not which way
    baseline   in words, what stands for a part that is absent ("a black picture"); "" where nothing does
    effect     the model's output for the instance minus that for the baseline, in `unit`: what all parts should sum to, of methods
               that promise it
    """

    kind: ClassVar[str] = "attribution"
    features: list[str]
    names: list[str]
    values: np.ndarray
    unit: str
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    intercept: float = 0.0
    positions: list[list[int]] | None = None
    spans: Spans | None = None
    total: int = 0
    samples: int = 0
    local_prediction: float | None = None
    map: np.ndarray | None = None
    segments: np.ndarray | None = None
    per_pixel: bool = False
    signed: bool = True
    baseline: str = ""
    effect: float | None = None

    def __post_init__(self) -> None:
        k = len(self.features)
        for name in ("values", "low", "high"):
            if getattr(self, name) is not None:
                numbers = np.asarray(getattr(self, name), dtype=np.float64)
                if numbers.ndim != 1 or not np.isfinite(numbers).all():
                    raise ValueError(f"An attribution's {name} must be a list of finite numbers.")
                object.__setattr__(self, name, numbers)
        for name in ("names", "values", "low", "high", "positions", "spans"):
            part = getattr(self, name)
            if part is not None and len(part) != k:
                raise ValueError(f"An attribution has {k} features but {len(part)} {name}.")


@dataclass(frozen=True, eq=False)
class Condition(Data):
    """One condition of a rule.

    feature  exact column name, the word, or "part 3"
    op       "==", "<=", ">", "in" (value: a list) or "present" (a word or part that is there; value: None)
    """

    feature: str
    op: str
    value: Any = None


@dataclass(frozen=True, eq=False)
class Example(Data):
    """An input that was shown to the model, and its answer: prediction (classes,)."""

    instance: Any
    prediction: np.ndarray

    def __post_init__(self) -> None:
        _numbers(self, "prediction")


@dataclass(frozen=True, eq=False)
class Rule(Data):
    """Conditions under which the model keeps to its answer whatever else changes. Kind "rule".

    conditions  all must hold; none = the model says the same whatever the input
    names       each condition as shown to a person ("age <= 28"); same length
    precision   share of inputs under the rule to which the model gives the target; 95 % interval in precision_low, _high
    coverage    share of the inputs the rule speaks of that meet it (`covers` says of what); 95 % interval in coverage_low, _high
    base        precision of no conditions at all: how often the model says the target anyway
    threshold   the precision that was asked for
    trail       (k,) precision after the first condition, the first two, ...
    samples     fresh inputs behind `precision`
    holds, breaks  inputs under the rule to which the model gives the target, and does not
    positions, spans  text: per condition, word indices and character offsets in the instance
    segments    over pixels: (height, width), which part a pixel belongs to, -1 outside the model's crop
    """

    kind: ClassVar[str] = "rule"
    ITEMS: ClassVar[dict[str, type]] = {"conditions": Condition, "holds": Example, "breaks": Example}
    conditions: list[Condition]
    names: list[str]
    precision: float
    precision_low: float
    precision_high: float
    coverage: float
    coverage_low: float | None = None
    coverage_high: float | None = None
    covers: str = ""
    base: float | None = None
    threshold: float = 0.95
    trail: np.ndarray | None = None
    samples: int = 0
    holds: list[Example] = field(default_factory=list)
    breaks: list[Example] = field(default_factory=list)
    positions: list[list[int]] | None = None
    spans: Spans | None = None
    segments: np.ndarray | None = None

    def __post_init__(self) -> None:
        _numbers(self, "trail")
        for name in ("names", "positions", "spans"):
            part = getattr(self, name)
            if part is not None and len(part) != len(self.conditions):
                raise ValueError(f"A rule has {len(self.conditions)} conditions but {len(part)} {name}.")


@dataclass(frozen=True, eq=False)
class Prototype(Data):
    """A training instance that stands for a class, or lies near.

    similarity    0 to 1, 1 = the same to the model's eye
    source_index  its place in `instances("train")`
    label         class that the data gives it, None where it has no label
    prediction    (classes,) what the model says of it, None where it was not asked
    number        which of the network's prototypes it is, None for a plain neighbour
    shared        names of the parts in which it equals the instance (a table's values, a text's words)
    """

    instance: Any
    class_index: int
    similarity: float
    source_index: int
    label: int | None = None
    prediction: np.ndarray | None = None
    number: int | None = None
    shared: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        _numbers(self, "prediction")


@dataclass(frozen=True, eq=False)
class Prototypes(Data):
    """Training instances that are like this one. Kind "prototypes".

    prototypes  nearest of each class first (most similar first among them), then further ones
    reasoning   True: the network named in `network` decides by them; False: they describe the data near the instance
    network     name of the prototype network, "" for plain neighbours
    evidence    (classes,) the network's evidence: similarity of the closest prototype of each class
    agreement   share of test instances on which the network and the explained model agree, with low and high; None: it is that model
    space       in words, where similarity is measured ("16 features that the prototype network computes")
    importance  which parts of the instance make it similar to the closest prototype
    """

    kind: ClassVar[str] = "prototypes"
    ITEMS: ClassVar[dict[str, type]] = {"prototypes": Prototype}
    prototypes: list[Prototype]
    reasoning: bool = False
    network: str = ""
    evidence: np.ndarray | None = None
    agreement: np.ndarray | None = None
    space: str = ""
    importance: Attribution | None = None

    def __post_init__(self) -> None:
        _numbers(self, "evidence", "agreement")
        if isinstance(self.importance, dict):
            object.__setattr__(self, "importance", Attribution(**self.importance))


@dataclass(frozen=True, eq=False)
class Step(Data):
    """One input on the way to another answer.

    changed     every change so far, as shown to a person ("age 28 → 45", "great → dull")
    margin      evidence for the original class minus that for the best other, log odds; negative after the flip, or 0 at a tie
    prediction  (classes,)
    features    the parts changed so far: column names, words of the original text, "part 3"
    spans       text: [start, end) character offsets of the changed words in this step's own text
    """

    instance: Any
    changed: list[str]
    margin: float
    prediction: np.ndarray
    features: list[str] = field(default_factory=list)
    spans: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        _numbers(self, "prediction")


@dataclass(frozen=True, eq=False)
class BoundaryPath(Data):
    """The nearest input found that gets another answer, and the way there, one change a step. Kind "boundary_path".

    steps         the first is the instance itself
    flipped       whether the last step has the answer looked for (any other than the first's, or the target); else it is the nearest
                  approach
    distance      what was made small: number of changes + squared distance d in `space`, or + d / (1 + d) for pictures and where the model
                  shows no latents, so that the number of changes comes first; None without a flip
    space         in words, where the second part of the distance is measured; "" where only changes are counted
    plausibility  share of training instances that lie at least as far from their nearest neighbour as the last step does from its own:
                  0 = stranger than any, 1 = as close to the data as any; None: not measured
    locked        columns that were not to change
    samples       changed inputs that were asked about
    flips         how many of them had another answer
    segments      over pixels: (height, width), which part a pixel belongs to, -1 outside the model's crop
    """

    kind: ClassVar[str] = "boundary_path"
    ITEMS: ClassVar[dict[str, type]] = {"steps": Step}
    steps: list[Step]
    flipped: bool = True
    distance: float | None = None
    space: str = ""
    plausibility: float | None = None
    locked: list[str] = field(default_factory=list)
    samples: int = 0
    flips: int = 0
    segments: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Composite(Data):
    """Several explanations of one instance, in the order in which they are to be read. Kind "composite"."""

    kind: ClassVar[str] = "composite"
    parts: list[Explanation]


@dataclass(frozen=True, eq=False)
class Shown(Data):
    """An item of one of two sets, as a person is shown it.

    instance  a text, a row, or a picture (reduced)
    side      "A" or "B"
    index     its place in the set as given
    number    its place in the test data that the set was taken from, as other pages count, from 0; None where it was not
    truth     its label there, answer: what the model says to it; "" where not known
    """

    instance: Any
    side: str
    index: int
    number: int | None = None
    truth: str = ""
    answer: str = ""


@dataclass(frozen=True, eq=False)
class Candidate(Data):
    """A description that may be truer of A than of B, tested on items that no proposer saw.

    score            AUROC: chance that it fits a random item of A better than one of B, 0 to 1, 0.5 = no difference; low, high: 95 % interval
    p, q             two-sided, that there is no difference; q is corrected for the number of candidates
    ranker           what measured how well it fits an item; `sees` says in words what that can and cannot see
    proposer         what proposed it
    share_a, share_b share of the items of each set that it is true of, by the ranker's own cut; None where that has none
    examples         places in `shown` of items of A that it fits best; in pairs, of those that it fits most better than their partners
    against          places in `shown` of items that contradict it: of A that it fits worst, then of B that it fits best; in pairs, both items of
                     the pairs where A's is least the better one
    others           AUROC by other rankers, by name
    pairs            where items come in pairs: share of them in which it fits the one of A better than its partner, ties half; else None
    left             AUROC without what it goes with; None where it goes with none or that could not be measured
    above_a, above_b share of the items of each set that it fits better than the middle item of B; None where an item is it or is not
    mean_a, mean_b   how well it fits the items of each set on average, in the ranker's own units; None as above
    also             other descriptions of the same that were proposed and not tested for themselves: other cuts of one column
    """

    description: str
    score: float
    low: float
    high: float
    p: float
    q: float
    ranker: str
    proposer: str
    share_a: float | None = None
    share_b: float | None = None
    examples: list[int] = field(default_factory=list)
    against: list[int] = field(default_factory=list)
    others: dict[str, float] = field(default_factory=dict)
    pairs: float | None = None
    left: float | None = None
    above_a: float | None = None
    above_b: float | None = None
    mean_a: float | None = None
    mean_b: float | None = None
    also: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Contrast(Data):
    """A description of the background held against the best of the object (differences/ground.py).

    candidate    place of the description of the background
    rival        the description of the object that separates best, or where another cannot be told apart from the candidate, that one
    rival_score  AUROC of `rival`, 0.5 to 1 whichever set it is truer of
    low, high    95 % interval of the candidate's AUROC less that of `rival`; low above 0: ahead of all that is known of the object
    """

    candidate: int
    rival: str
    rival_score: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class SetDifference(Data):
    """How two sets differ. Kind "set_difference".

    candidates  best first: the largest score first; where two scores cannot be told apart, what explains the other goes first
                (differences/order.py); among those of equal score the smaller p
    names       what the two sets are called
    sizes       number of items of A, of B
    tested      how many of them the numbers come from: those no proposer saw (all of them where nothing was proposed)
    alpha       a candidate counts as found where its q is below this and its score above 0.5
    paired      item i of A belongs to item i of B
    shown       items that candidates point to
    sees        by ranker, in words: what it can and cannot see
    alike       for each candidate the place of the best one that says the same of these items (differences/alike.py), its own where none
                does; empty where that was not worked out
    goes_with   for each candidate the place of the stronger one that brings it along (differences/beside.py), its own where it stands by
                itself or was not found; empty where that was not worked out
    contrasts   of pictures: whether what was found lies in the background rather than in the object; empty where that was not asked
    """

    kind: ClassVar[str] = "set_difference"
    ITEMS: ClassVar[dict[str, type]] = {"candidates": Candidate, "shown": Shown, "contrasts": Contrast}
    candidates: list[Candidate]
    names: list[str]
    sizes: list[int]
    tested: list[int]
    alpha: float = 0.05
    paired: bool = False
    shown: list[Shown] = field(default_factory=list)
    sees: dict[str, str] = field(default_factory=dict)
    alike: list[int] = field(default_factory=list)
    goes_with: list[int] = field(default_factory=list)
    contrasts: list[Contrast] = field(default_factory=list)

    @property
    def found(self) -> list[Candidate]:
        return [c for c in self.candidates if c.q < self.alpha and c.score > 0.5]


# kind -> payload class
PAYLOADS: dict[str, Any] = {cls.kind: cls for cls in (Attribution, Rule, Prototypes, BoundaryPath, Composite, SetDifference)}

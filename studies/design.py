"""A study is data: what is asked of whom, about which model, with which explanations.

    design = Design.load("study.toml")        # or Design.from_dict({...}), or Design(name=..., task=...)
    design.save("study.toml")                 # all keys, defaults written out

Defaults are the numbers of Hase and Bansal, ACL 2020 (studies.md 3.1): 16 learning items, 32 forward and 32 counterfactual ones, with a control
arm added, since without one a gain from before to after measures practice (in 53 % of simulated studies it was taken for an effect).

`forms`: "same" asks about the same items before and after, as in the paper: each item is then its own control, which the estimators by item
need. "crossed" asks about two sets of equal make-up, A before and B after for half of the participants and the reverse for the other: nobody
can repeat an answer from memory, at the price of twice the items. Requirements list crossed forms as the better guard against memory; "same" is the
default here because the control arm has that memory too, and because twice the items is more than some tasks can give.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from .words import ALWAYS_SHOWN, ANONYMOUS, CHANGED_ONLY, HONEST, Question, Words, can_be_stored, questions_of

if TYPE_CHECKING:
    from .forecast import Forecast

FORWARD, COUNTERFACTUAL = "forward", "counterfactual"
TESTS = (FORWARD, COUNTERFACTUAL)
CONTROL, PLACEBO = "control", "placebo"
RESERVED = ("plain",)  # a folder of the materials: screens without an explanation
STANDARD, SHORT, REPLICATION = "standard", "short", "replication"
PROTOCOLS = (STANDARD, SHORT, REPLICATION)
SAME, CROSSED = "same", "crossed"
PRIMARY = ("clustered_linear", "crossed_variance_t", "mixed_logistic", "replication_bootstrap")
PAPERS_ARMS = ("lime", "anchors", "prototypes", "decision_boundary", "composite")
COMPLETION = ("complete", "screened_out", "full", "no_consent", "technical_failure")
PREREGISTRATION = ("hypotheses", "exclusions", "stopping", "missing", "exploratory")
MOST_PLANNED, MOST_ITEMS, MOST_BYTES = 100_000, 500, 1_000_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

# What a protocol sets where the design says nothing. Of "replication" these cannot be set otherwise.
_SHORT: Mapping[str, Any] = {"tests": ["forward"], "learn": 8, "forward": 16, "attention": 1}
_REPLICATION: Mapping[str, Any] = {
    "learn": 16, "forward": 32, "counterfactual": 32, "tests": list(TESTS), "forms": SAME, "attention": 0, "ratings": True, "questions": [],
}  # fmt: skip


@dataclass(frozen=True)
class Design:
    """A study. What it says by itself is checked when it is made, whether the task, the model, the methods, their parameters and one's own folders
    are there by `forecast()` and `build`. Raises ValueError with one sentence.

    task            name of a bundled task, the path of a task folder, or a Task in memory
    model           one of the task's models; None = its first
    arms            "control" (no explanation), "placebo" (explanations of other items), names of methods, names of `own` explanations
    own             arm -> folder of one's own explanations: JSON as published, or a PNG an item
    explain         method -> parameters
    learn, forward, counterfactual   items a participant sees
    planned         participants; `reserve` more slots are listed, as a share of them
    weights         arm -> how many times as many participants it gets; 1 where not named
    attention       checks of attention at fixed places drawn by seed
    edits           most words or values changed in a counterfactual item
    questions       asked at the end
    texts           every string a participant sees, as `Words`
    primary         the estimator that decides
    smallest        smallest effect of interest, in percentage points
    pay             per hour, in `currency`
    bonus           in `currency`, for each correct prediction above what guessing gives; paid to who completes
    fee             of the recruiting service, as a share of pay and bonus: 0.33 is 33 %. For the forecast alone
    anonymous       no number of a recruiting service is taken, and an export tells neither when somebody took part nor who came before whom
    completion      codes for the recruiting service: complete, screened_out, full, no_consent, technical_failure. Kept out of all that is shared
    preregistration further texts for its form: hypotheses, exclusions, stopping, missing, exploratory
    """

    name: str
    task: Any
    model: str | None = None
    protocol: str = STANDARD
    arms: tuple[str, ...] = (CONTROL, "lime")
    tests: tuple[str, ...] = TESTS
    learn: int = 16
    forward: int = 32
    counterfactual: int = 32
    forms: str = SAME
    edits: int = 5
    ratings: bool = True
    attention: int = 2
    quiz_tries: int = 2
    planned: int = 120
    reserve: float = 0.25
    weights: Mapping[str, int] = field(default_factory=dict)
    explain: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    primary: str = "clustered_linear"
    smallest: float = 5.0
    pay: float = 12.0
    bonus: float = 0.0
    fee: float = 0.0
    currency: str = "EUR"
    questions: tuple[Question, ...] = ()
    anonymous: bool = False
    completion: Mapping[str, str] = field(default_factory=dict)
    preregistration: Mapping[str, str] = field(default_factory=dict)
    texts: Words = field(default_factory=Words)

    def __post_init__(self) -> None:
        for name in ("arms", "tests", "questions"):
            given = getattr(self, name)
            if not isinstance(given, list | tuple):
                raise ValueError(f"{name} has to be a list, not {given!r}.")
            object.__setattr__(self, name, tuple(given))
        if self.tests == TESTS[::-1]:  # the forward test comes first, however they are written
            object.__setattr__(self, "tests", TESTS)
        if not isinstance(self.texts, Words | Mapping):
            raise ValueError("texts has to be a table.")
        object.__setattr__(self, "texts", Words.of(self.texts.to_dict() if isinstance(self.texts, Words) else self.texts))
        if (
            self.tests == (COUNTERFACTUAL,) and self.texts.instructions == Words().instructions
        ):  # those tell of a first part that is not there
            object.__setattr__(self, "texts", dataclasses.replace(self.texts, instructions=CHANGED_ONLY))
        if self.anonymous is True and self.texts.information == Words().information:  # that tells of a number that is not taken
            object.__setattr__(self, "texts", dataclasses.replace(self.texts, information=ANONYMOUS))
        if self.anonymous is False and self.texts.information == ANONYMOUS:  # of a design that was anonymous: that would be untrue now
            object.__setattr__(self, "texts", dataclasses.replace(self.texts, information=Words().information))
        asked = [one.to_dict() if isinstance(one, Question) else one for one in self.questions]
        object.__setattr__(self, "questions", questions_of(asked, "questions"))
        _check(self)

    @classmethod
    def load(cls, path: str | Path) -> Design:
        """From a TOML file. Folders in it (`task`, `own`) are meant from where the file lies."""
        place, given = Path(path), _parsed(Path(path))
        if isinstance(given.get("task"), str) and (place.parent / given["task"]).is_dir():
            given["task"] = str(place.parent / given["task"])
        if isinstance(given.get("own"), dict):
            given["own"] = {arm: str(place.parent / folder) if isinstance(folder, str) else folder for arm, folder in given["own"].items()}
        return cls.from_dict(given)

    @classmethod
    def built(cls, path: str | Path) -> Design:
        """From the study.toml of a folder of materials, where `own` names no folders any more."""
        return cls.from_dict(_parsed(Path(path)))

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Design:
        """Raises ValueError with one sentence for an unknown key or a value that cannot be."""
        known = {f.name for f in dataclasses.fields(cls)}
        unknown = [key for key in given if key not in known]
        if unknown:
            raise ValueError(f"A design has no entry {unknown[0]!r}: use one of {', '.join(sorted(known))}.")
        for key in ("name", "task"):
            if key not in given:
                raise ValueError(f"A design needs a {key}.")
        return cls(**{**_of_protocol(given), **given})

    def to_dict(self) -> dict[str, Any]:
        """All keys, as plain values; a key that is None is left out, since TOML has none. A Task in memory becomes its name."""
        out: dict[str, Any] = {}
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            if f.name == "texts":
                value = value.to_dict()
            elif f.name == "questions":
                value = [one.to_dict() for one in value]
            elif f.name == "task" and not isinstance(value, str):
                value = value.name
            elif isinstance(value, tuple):
                value = list(value)
            elif isinstance(value, Mapping):
                value = {key: dict(v) if isinstance(v, Mapping) else v for key, v in value.items()}
            if value is not None:
                out[f.name] = value
        return out

    def save(self, path: str | Path) -> None:
        """As TOML, in the order of the fields, so that two versions can be compared line by line."""
        Path(path).write_text(tomli_w.dumps(_without_none(self.to_dict()), multiline_strings=True), encoding="utf8")

    @property
    def explained_arms(self) -> list[str]:
        """The arms that show something of their own: all but control."""
        return [arm for arm in self.arms if arm != CONTROL]

    @property
    def methods(self) -> list[str]:
        """The arms that are methods of the registry."""
        return [arm for arm in self.explained_arms if arm != PLACEBO and arm not in self.own]

    def forecast(self) -> Forecast:
        """Screens, minutes and cost, before anything is built; `print` says it in words.

        Raises ValueError with one sentence where the task, the model, a method, a parameter or a folder of one's own is not there.
        """
        from .forecast import design_forecast

        return design_forecast(self)

    @property
    def examples(self) -> int:
        """Items to learn from; the counterfactual test has none."""
        return self.learn if FORWARD in self.tests else 0

    def per_phase(self, test: str) -> int:
        """Items of one test that a participant sees before, and again after."""
        return self.forward if test == FORWARD else self.counterfactual

    def pool(self, test: str) -> int:
        """Items of one test that have to be found: twice as many where forms are crossed."""
        return self.per_phase(test) * (2 if self.forms == CROSSED else 1) if test in self.tests else 0


def _parsed(place: Path) -> dict[str, Any]:
    try:
        if place.stat().st_size > MOST_BYTES:
            raise ValueError(f"{place} is larger than 1 MB: a design is a short text.")
        return tomllib.loads(place.read_text(encoding="utf8"))
    except OSError:
        raise ValueError(f"{place} cannot be read: give the path of a study.toml.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"{place} is not TOML ({problem}): correct that line.") from None
    except RecursionError:
        raise ValueError(f"{place} has lists in lists in lists: a design has at most a few.") from None


def _of_protocol(given: Mapping[str, Any]) -> Mapping[str, Any]:
    protocol = given.get("protocol", STANDARD)
    if protocol == SHORT:
        return _SHORT
    if protocol != REPLICATION:
        return {}
    return {"arms": list(PAPERS_ARMS), "primary": "replication_bootstrap", **_REPLICATION}


def _check_protocol(d: Design) -> None:
    """Also of a design that was made without `from_dict`, where nothing is set by the protocol."""
    if d.protocol == SHORT and all(getattr(d, key) == getattr(Design, key, None) for key in ("tests", "learn", "forward", "attention")):
        raise ValueError(
            "This is the standard protocol under the name short: make the design with Design.from_dict, which sets what a protocol says."
        )
    if d.protocol != REPLICATION:
        return
    if CONTROL in d.arms or PLACEBO in d.arms:
        raise ValueError(
            "The protocol replication is the paper's own, which has no control and no placebo arm: use the protocol standard for those. "
            "Design.from_dict sets its arms."
        )
    for key, fixed in _REPLICATION.items():
        value = getattr(d, key)
        if (list(value) if isinstance(value, tuple) else value) != fixed:
            raise ValueError(
                f"The protocol replication is the paper's own, where {key} is {fixed}: leave {key} out, or use the protocol standard. "
                "Design.from_dict sets it."
            )


def _check(d: Design) -> None:
    """The design's own contract; whether a task can give the items is seen when it is built."""
    if not isinstance(d.name, str) or not d.name.strip() or len(d.name) > 200:
        raise ValueError("A design needs a name of at most 200 characters.")
    if isinstance(d.task, str) and not d.task.strip():
        raise ValueError("A design needs a task: a bundled name, or the path of a task folder.")
    _among("protocol", d.protocol, PROTOCOLS)
    _among("forms", d.forms, (SAME, CROSSED))
    _among("primary", d.primary, PRIMARY)
    if not (d.model is None or isinstance(d.model, str)) or not isinstance(d.currency, str):
        raise ValueError("model and currency have to be texts.")
    _check_arms(d)
    _check_protocol(d)
    for test in d.tests:
        _among("tests", test, TESTS)
    if not d.tests or len(set(d.tests)) < len(d.tests):
        raise ValueError("A design needs one or two different tests: forward, counterfactual.")
    for name, least, most in (
        ("learn", 1, MOST_ITEMS), ("forward", 1, MOST_ITEMS), ("counterfactual", 1, MOST_ITEMS), ("edits", 1, 50), ("attention", 0, 10),
        ("quiz_tries", 1, 5), ("planned", 1, MOST_PLANNED), ("seed", 0, 2**63 - 1),
    ):  # fmt: skip
        value = getattr(d, name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{name} has to be a whole number from {least} to {most:,}, not {value!r}.")
    for name, low, high in (
        ("reserve", 0.0, 10.0),
        ("smallest", 0.1, 50.0),
        ("pay", 0.0, 10_000.0),
        ("bonus", 0.0, 100.0),
        ("fee", 0.0, 5.0),
    ):
        number = getattr(d, name)
        if not isinstance(number, int | float) or isinstance(number, bool) or not low <= number <= high:
            raise ValueError(f"{name} has to be a number from {low:g} to {high:,g}, not {number!r}.")
    for name in ("ratings", "anonymous"):
        if not isinstance(getattr(d, name), bool):
            raise ValueError(f"{name} has to be true or false, not {getattr(d, name)!r}.")
    for name, known in (("completion", COMPLETION), ("preregistration", PREREGISTRATION)):
        table = getattr(d, name)
        if not isinstance(table, Mapping) or not all(isinstance(v, str) for v in table.values()):
            raise ValueError(f"{name} has to be a table of texts.")
        for key in table:
            _among(f"An entry of {name}", key, known)
    told = [d.name, d.currency, d.model or "", *d.completion.values(), *d.preregistration.values()]
    if not all(map(can_be_stored, told)):
        raise ValueError("name, model, currency, completion or preregistration has a character that cannot be stored: take it out.")
    shown = d.texts.with_values({})
    gone = [name for name in ALWAYS_SHOWN if not getattr(shown, name).strip()]
    if gone:
        raise ValueError(
            f"Of texts.{gone[0]} nothing is left without what is not filled in: fill in {', '.join(d.texts.unfilled) or 'texts'}."
        )
    if any(question.name == HONEST for question in d.questions):
        raise ValueError(f"The name {HONEST!r} is that of the question whether answers may be used: give your question another one.")


def _check_arms(d: Design) -> None:
    if not d.arms or not all(isinstance(arm, str) and _NAME.fullmatch(arm) for arm in d.arms):
        raise ValueError("arms has to be a list of names in small letters: control, placebo, methods, or your own.")
    if set(d.arms) & set(RESERVED):
        raise ValueError(f"An arm cannot be called {RESERVED[0]}, which names the screens without an explanation: give it another name.")
    if len(set(d.arms)) < len(d.arms):
        raise ValueError("Two arms have the same name: an arm is named once; weights give it more participants.")
    for name in ("weights", "explain", "own"):
        table = getattr(d, name)
        if not isinstance(table, Mapping):
            raise ValueError(f"{name} has to be a table by arm.")
        stranger = [arm for arm in table if arm not in d.arms]
        if stranger:
            raise ValueError(f"{name} names {stranger[0]!r}, which is no arm of this design: its arms are {', '.join(d.arms)}.")
    without = [arm for arm in d.explain if arm not in d.methods]
    if without:
        raise ValueError(f"explain gives parameters to {without[0]!r}, which is no method: leave them out.")
    if not all(isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= 20 for n in d.weights.values()):
        raise ValueError("A weight has to be a whole number from 1 to 20.")
    if not all(isinstance(params, Mapping) for params in d.explain.values()):
        raise ValueError("explain has to hold a table of parameters for each method.")
    if set(d.own) & {CONTROL, PLACEBO} or not all(isinstance(folder, str) for folder in d.own.values()):
        raise ValueError("own has to name a folder for an arm of yours; control and placebo are made by the study.")
    if PLACEBO in d.arms and not d.methods and not d.own:
        raise ValueError("A placebo shows explanations of other items, so the design needs an arm with explanations too.")


def _among(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}: use one of {', '.join(choices)}.")


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(v) for key, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, list | tuple) else value

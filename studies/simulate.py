"""Simulated participants: answers with a planted effect, as a table ("frame") or through a real store ("engine").

    trials = simulate(design, per_arm=40, effect=0.6)            # logits; see `points` for percentage points

The model is that of studies.md 3.9 C. The chance that participant j answers item i as the model does, before (t = 0) and after (t = 1):

    logit p = BASE + participant_j + item_i + t (practice + effect of the arm + participant_phase_j + item_phase_i + item_arm_phase_i,arm)

each named term normal with its standard deviation in `sd`. The effect is that of every arm with explanations; control and placebo have none.
Through the engine the very same answers are given, by people who are enrolled, submit and are exported: the two tables are equal. Who drops
out had met the items in an order of her own, the engine's, so that no item is lost more often than another.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from .assignment import FORMS, Slot, slots
from .design import CONTROL, MOST_PLANNED, PLACEBO, Design
from .items import BOTH, LEARN, A, B, Item
from .materials import Materials
from .placeholders import CLASSES, placeholder_items, placeholder_materials
from .plan import AFTER, BLOCKS, HONEST, NEXT, PREDICT, WRITE, PlannedStep, ordered
from .store import TRIAL_COLUMNS, Store

BASE = 0.7  # logit of a person of average skill before an average item: 67 % right
SD: Mapping[str, float] = {"participant": 0.6, "item": 1.0, "participant_phase": 0.4, "item_phase": 0.4, "item_arm_phase": 0.3}
FRAME, ENGINE = "frame", "engine"
_LOG_MS = (8.3, 0.5)  # mean and standard deviation of the logarithm of response times: about 4 s


@dataclass(frozen=True)
class People:
    """The simulated participants in order of arrival. slots: those they take; wanted: bool (n,), False for who is more than an arm needs."""

    design: Design
    slots: list[Slot]
    wanted: np.ndarray


def simulate(
    design: Design,
    per_arm: int,
    effect: float | Mapping[str, float] = 0.0,
    practice: float = 0.3,
    sd: Mapping[str, float] | None = None,
    dropout: float | Mapping[str, float] | None = None,
    seed: int = 0,
    through: str = FRAME,
    materials: Materials | None = None,
) -> pd.DataFrame:
    """Trials of `per_arm` participants in each arm, columns `store.TRIAL_COLUMNS`, sorted by participant, test, phase and item.

    effect     logits, of every arm with explanations, or by arm
    practice   logits, of every arm
    sd         standard deviations of logits in place of those in `SD`
    dropout    share of participants lost at a random answer, or by arm
    materials  whose items are asked about; None: items of the design's make-up
    Raises ValueError with one sentence.
    """
    if through not in (FRAME, ENGINE):
        raise ValueError(f"through is {through!r}: use frame or engine.")
    if not isinstance(per_arm, int) or isinstance(per_arm, bool) or not 1 <= per_arm <= 10_000:
        raise ValueError("per_arm has to be a whole number from 1 to 10,000.")
    spread = {**SD, **(sd or {})}
    unknown = spread.keys() - SD.keys()
    if unknown or not all(_is_finite(value) and 0 <= value <= 10 for value in spread.values()):
        raise ValueError(f"sd holds standard deviations from 0 to 10 of {', '.join(SD)}.")
    effects, lost = _by_arm(design, effect, "effect"), _by_arm(design, 0.0 if dropout is None else dropout, "dropout", plain=True)
    if not all(0 <= share <= 1 for share in lost.values()):
        raise ValueError("dropout holds shares from 0 to 1.")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ValueError("seed has to be a whole number from 0 up.")
    if not _is_finite(practice):
        raise ValueError("practice has to be a number.")
    if per_arm * sum(design.weights.get(arm, 1) for arm in design.arms) > MOST_PLANNED:
        raise ValueError(f"per_arm and weights ask for more than {MOST_PLANNED:,} participants: give fewer.")
    if materials is not None and _make_up(materials.design) != _make_up(design):
        raise ValueError(
            "These materials are of another design, with other arms, tests, items or forms: give those that were built from it."
        )
    items = [item for item in (materials.items if materials else placeholder_items(design)) if item.set != LEARN]
    classes = len(materials.about.class_names) if materials else len(CLASSES)
    people = _people(design, per_arm)
    answers = _Answers(people, items, classes, effects, practice, spread, lost, seed)
    return answers.frame() if through == FRAME else _through_engine(people, answers, materials)


def points(effect: float, practice: float = 0.3, sd: Mapping[str, float] | None = None, draws: int = 200_000) -> float:
    """The effect in percentage points: mean over people and items of what it adds to the gain, by drawing them (seeded, error below 0.1)."""
    spread, rng = {**SD, **(sd or {})}, np.random.default_rng(0)
    before = BASE + rng.normal(0, 1, draws) * np.hypot(spread["participant"], spread["item"])
    moved = rng.normal(0, 1, draws) * np.sqrt(spread["participant_phase"] ** 2 + spread["item_phase"] ** 2 + spread["item_arm_phase"] ** 2)
    after = before + practice + moved
    return float(100 * (expit(after + effect) - expit(after)).mean())


class _Answers:
    """Everything drawn once: who answers what, and how fast. Arrays over (participant, item, phase)."""

    def __init__(
        self, people: People, items: list[Item], classes: int, effects: Mapping[str, float], practice: float, sd: Mapping[str, float],
        lost: Mapping[str, float], seed: int,
    ):  # fmt: skip
        self.people, self.items = people, items
        rng = np.random.Generator(np.random.PCG64([seed, 4]))
        arms = list(people.design.arms)
        n, k = len(people.slots), len(items)
        arm = np.array([arms.index(slot.arm) for slot in people.slots])
        moved = practice + np.array([effects[a] for a in arms])[arm][:, None] + rng.normal(0, sd["participant_phase"], (n, 1))
        moved = moved + rng.normal(0, sd["item_phase"], (1, k)) + rng.normal(0, sd["item_arm_phase"], (len(arms), k))[arm]
        before = BASE + rng.normal(0, sd["participant"], (n, 1)) + rng.normal(0, sd["item"], (1, k))
        chance = expit(np.stack([before, before + moved], axis=-1))
        self.correct = rng.random(chance.shape) < chance
        self.outputs = np.array([item.model_output for item in items])
        other = (self.outputs[None, :, None] + rng.integers(1, classes, chance.shape)) % classes
        self.given = np.where(self.correct, self.outputs[None, :, None], other)
        self.rt = np.exp(rng.normal(*_LOG_MS, chance.shape)).round().astype(int)
        self.rows = [self._asked(slot) for slot in people.slots]
        leaves = rng.random(n) < np.array([lost[a] for a in arms])[arm]
        self.rows = [self._met(slot) if leave else rows for slot, rows, leave in zip(people.slots, self.rows, leaves, strict=True)]
        ends = np.array([int(rng.integers(len(rows))) if leave else len(rows) for rows, leave in zip(self.rows, leaves, strict=True)])
        self.ends = np.where(people.wanted, ends, 0)  # answers that each gives before she leaves

    def _asked(self, slot: Slot) -> list[tuple[int, int]]:
        """(item, phase) in the order of blocks; within one by number, which is all that is needed of who answers everything."""
        first = FORMS[slot.form].first
        seen = {"": (BOTH, BOTH), "A": (A, B), "B": (B, A)}[first]
        return [
            (i, phase) for test in self.people.design.tests for phase in (0, 1)
            for i, item in enumerate(self.items) if item.set == test and item.form == seen[phase]
        ]  # fmt: skip

    def _met(self, slot: Slot) -> list[tuple[int, int]]:
        """Likewise, in the order in which this participant meets them."""
        place = {item.id: i for i, item in enumerate(self.items)}
        out: list[tuple[int, int]] = []
        for test in self.people.design.tests:
            for phase, block in enumerate(BLOCKS[test]):
                mine = [self.items[i] for i, when in self._asked(slot) if when == phase and self.items[i].set == test]
                out += [(place[item.id], phase) for item in ordered(slot.seed, block, mine)]
        return out

    def frame(self) -> pd.DataFrame:
        who = np.repeat(np.arange(len(self.rows)), self.ends)
        kept = [pair for rows, end in zip(self.rows, self.ends, strict=True) for pair in rows[:end]]
        what, phase = np.array(kept, dtype=int).reshape(-1, 2).T
        numbers = np.array([slot.number + 1 for slot in self.people.slots])
        columns: dict[str, Any] = {
            "participant": np.char.add("p", numbers.astype(str))[who] if len(who) else np.array([], dtype=str),
            "arm": np.array([slot.arm for slot in self.people.slots])[who],
            "test": np.array([item.set for item in self.items])[what],
            "phase": np.array(["pre", "post"])[phase],
            "item": np.array([item.id for item in self.items])[what],
            "stratum": np.array([item.stratum for item in self.items])[what],
            "cf_kind": pd.array([item.cf_kind for item in self.items], dtype="string")[what],
            "gold": np.array([item.gold for item in self.items])[what],
            "model_output": self.outputs[what],
            "answer": self.given[who, what, phase],
            "correct": self.correct[who, what, phase].astype(int),
            "rt_ms": pd.array(self.rt[who, what, phase], dtype="Int64"),
        }
        frame = pd.DataFrame(columns)
        for name in ("participant", "arm", "test", "phase", "item", "stratum"):
            frame[name] = frame[name].astype("string")
        return _sorted(frame)


def _through_engine(people: People, answers: _Answers, materials: Materials | None) -> pd.DataFrame:
    """The same people, enrolled in a store of their own and submitting one step after the other."""
    with tempfile.TemporaryDirectory() as place:
        if materials is None:
            materials = placeholder_materials(people.design, Path(place) / "materials")
        else:
            folder = Path(place) / "materials"
            files = {path: materials.read(path) for path in materials.digests}
            own = {path: body for path, body in files.items() if path.startswith(("inputs/", "explanations/", "screens/"))}
            told = dataclasses.replace(people.design, texts=people.design.texts.with_stand_ins())
            materials = Materials.write(folder, told, materials.about, materials.items, own)
        now = [0]  # simulated people take their simulated time, which the store holds against its clock
        store = Store(f"sqlite:///{place}/study.db", clock=lambda: now[0])
        version = store.freeze(materials)
        planner = store.frozen(version).planner
        place_of = {item.id: i for i, item in enumerate(answers.items)}
        for who, slot in enumerate(people.slots):
            token = store.enroll(version)
            if people.wanted[who]:
                _take_part(store, token, planner.after(slot), answers, who, place_of, now)
        return _sorted(store.trials(version))


def _take_part(
    store: Store, token: str, plan: list[PlannedStep], answers: _Answers, who: int, place_of: Mapping[str, int], now: list[int]
) -> None:
    """now: of the store's clock, in milliseconds."""
    left = int(answers.ends[who])
    for seq, planned in enumerate(plan):
        rt_ms = None
        if planned.kind == PREDICT:
            if left == 0:
                return
            at = (who, place_of[planned.item], int(planned.block in AFTER))
            answer, rt_ms, left = str(answers.given[at]), int(answers.rt[at]), left - 1
        elif planned.asked.way == NEXT:
            answer = "next"
        elif planned.asked.way == WRITE:
            answer = "" if planned.asked.optional else "simulated"
        else:
            answer = planned.asked.correct or (
                "yes" if planned.question == HONEST else planned.asked.choices[len(planned.asked.choices) // 2][0]
            )
        now[0] += max(planned.asked.least_ms, 1_000 if rt_ms is None else rt_ms)
        store.submit(token, seq, answer, f"{seq}", rt_ms=rt_ms)


def _people(design: Design, per_arm: int) -> People:
    """As many as fill every arm; the list is that of a study of this size."""
    most = per_arm * sum(design.weights.get(arm, 1) for arm in design.arms)
    sized = dataclasses.replace(design, planned=max(1, most), reserve=1.0, anonymous=False)  # nobody is in it
    listed, counts, taken, wanted = slots(sized), dict.fromkeys(design.arms, 0), [], []
    for slot in listed:
        if min(counts.values()) >= per_arm:
            break
        wanted.append(counts[slot.arm] < per_arm)
        counts[slot.arm] += 1
        taken.append(slot)
    return People(sized, taken, np.array(wanted))


def _make_up(d: Design) -> tuple[Any, ...]:
    """What materials are made for: who is shown what, and how many items."""
    return d.arms, d.tests, d.forms, d.examples, *(d.per_phase(test) for test in d.tests)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def _by_arm(design: Design, given: float | Mapping[str, float], name: str, plain: bool = False) -> dict[str, float]:
    """One number for each arm; a single one is that of the arms that explain, or of all where `plain`."""
    if not all(map(_is_finite, given.values() if isinstance(given, Mapping) else [given])):
        raise ValueError(f"{name} has to be a number, or a table of numbers by arm.")
    if isinstance(given, Mapping):
        stranger = [arm for arm in given if arm not in design.arms]
        if stranger:
            raise ValueError(f"{name} names {stranger[0]!r}, which is no arm of this design.")
        return {arm: float(given.get(arm, 0.0)) for arm in design.arms}
    return {arm: float(given) if plain or arm not in (CONTROL, PLACEBO) else 0.0 for arm in design.arms}


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    order = frame.assign(
        number=frame["participant"].str[1:].astype(int), later=frame["phase"].eq("post"), second=frame["test"].ne("forward")
    )
    return frame.loc[order.sort_values(["number", "second", "later", "item"], kind="stable").index, TRIAL_COLUMNS].reset_index(drop=True)

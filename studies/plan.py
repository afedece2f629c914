"""What a participant meets, in order: pure, from the frozen materials and the seed of a slot (studies.md 3.4 and 3.6).

    before a slot   instructions, quiz (block Q1, Q2, ... for each try)
    forward         L0 learn · PRE predict · L1 learn, explained, each with its rating · POST predict
    counterfactual  instruction · CPRE predict · CPOST predict, explained, each with its rating
    END             closing questions, the honesty question, the debriefing

Every arm has the same number of steps in the same kinds, the control arm too: an arm that takes longer loses more people. Orders are drawn by
seed, before and after in different ones, with at most `MOST_IN_A_ROW` same outputs in a row. The checks of attention stand at the same places for
everybody, drawn by the design's seed, in the tests only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .assignment import FORMS, Slot, forms_of
from .design import CONTROL, COUNTERFACTUAL, FORWARD
from .items import BOTH, LEARN, Item
from .materials import PLAIN, Materials
from .pages import paragraphs
from .words import HONEST, TEXT, Question, filled

INSTRUCT, QUIZ, LEARNS, PREDICT, ATTENTION, RATING, DEMOGRAPHIC, DEBRIEF, COMPLETE = (
    "instruct", "quiz", "learn", "predict", "attention", "rating", "demographic", "debrief", "complete",
)  # fmt: skip
BLOCKS = {FORWARD: ("PRE", "POST"), COUNTERFACTUAL: ("CPRE", "CPOST")}
EXPLAINED = ("L1", "CPOST")
BEFORE, AFTER = ("L0", "PRE", "CPRE"), ("L1", "POST", "CPOST")
END = "END"
MOST_IN_A_ROW = 3
SCALE = 7  # of the ratings and of the checks of attention
CHOOSE, NEXT, WRITE = "choose", "next", "write"  # what is asked of a person
LEARN_MS = 2_000  # least time on an example


@dataclass(frozen=True)
class Asked:
    """The question under a screen, as it is stored: by its bytes. choices: (value, label) in the order shown. least_ms: before one can go on."""

    prompt: str
    way: str
    choices: tuple[tuple[str, str], ...] = ()
    correct: str = ""
    optional: bool = False
    least_ms: int = 0

    def to_bytes(self) -> bytes:
        record = {"prompt": self.prompt, "way": self.way, "choices": self.choices, "optional": self.optional, "least_ms": self.least_ms}
        return json.dumps(record, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def of(cls, body: bytes) -> Asked:
        record = json.loads(body)
        return cls(**{**record, "choices": tuple((value, label) for value, label in record["choices"])})


@dataclass(frozen=True)
class PlannedStep:
    """screen, asked: bytes that are pinned by hash; correct: the right answer of a quiz question or check of attention."""

    kind: str
    block: str
    screen: bytes
    asked: Asked
    item: str = ""
    question: str = ""

    @property
    def digests(self) -> tuple[str, str]:
        return _sha(self.screen), _sha(self.asked.to_bytes())


class Planner:
    """Plans of one study. Everything that can be shown is read once."""

    def __init__(self, materials: Materials):
        self.design, self.names = materials.design, materials.about.class_names
        self.items = list(materials.items)
        self._screens = {
            (arm, item.id): materials.read(materials.screen_path(arm, item)) for arm in (PLAIN, *self.design.arms) for item in self.items
        }
        self.words = self.design.texts.with_values({
            "minutes": round(materials.about.minutes), "classes": ", ".join(self.names), "n_learn": self.design.examples,
            "n_test": self.design.per_phase(FORWARD if FORWARD in self.design.tests else COUNTERFACTUAL),
        })  # fmt: skip

    def before(self, attempt: int) -> list[PlannedStep]:
        """Instructions and quiz of one try, 1 up."""
        texts = [*([self.words.quiz_again] if attempt > 1 else []), *self.words.instructions]
        pages = [self._page(text, f"I{attempt}", f"page {i + 1}") for i, text in enumerate(texts)]
        quiz = [self._question(QUIZ, f"Q{attempt}", question, asked_name=question.name) for question in self.words.quiz]
        return [*pages, *quiz]

    def after(self, slot: Slot) -> list[PlannedStep]:
        """Everything from the first example to the debriefing."""
        steps: list[PlannedStep] = []
        if FORWARD in self.design.tests:
            steps += [*self._learn(slot, "L0"), *self._test(slot, FORWARD, 0), *self._learn(slot, "L1"), *self._test(slot, FORWARD, 1)]
        if COUNTERFACTUAL in self.design.tests:
            steps += [self._page(self.words.counterfactual_instructions, "CI"), *self._test(slot, COUNTERFACTUAL, 0)]
            steps += self._test(slot, COUNTERFACTUAL, 1)
        return [*self._with_attention(steps), *self._end()]

    def everything(self) -> dict[str, bytes]:
        """All that any participant can be shown, by sha256: what is pinned when the study is frozen."""
        found: dict[str, bytes] = {}
        tries = [step for attempt in range(1, self.design.quiz_tries + 1) for step in self.before(attempt)]
        for step in [
            *tries,
            *(one for arm in self.design.arms for form in forms_of(self.design) for one in self.after(Slot(0, arm, form.name, 0))),
        ]:
            found |= dict(zip(step.digests, (step.screen, step.asked.to_bytes()), strict=True))
        for text in (
            self.words.information,
            self.words.no_consent,
            self.words.withdrawn,
            self.words.screened_out,
            self.words.full,
            self.words.technical_failure,
            self.words.debrief,
        ):
            body = self.page(text)
            found[_sha(body)] = body
        return found

    def page(self, text: str) -> bytes:
        """One of `words`, as a page."""
        return paragraphs(text, self.words)

    # -- the blocks --------------------------------------------------------------------------------------------------------------------

    def _learn(self, slot: Slot, block: str) -> list[PlannedStep]:
        steps = []
        explained = block in EXPLAINED
        prompt = self.words.learn_again if explained else self.words.learn
        for item in self._ordered(slot, block, [item for item in self.items if item.set == LEARN]):
            asked = Asked(prompt, NEXT, (("next", self.words.next),), least_ms=LEARN_MS)
            steps.append(PlannedStep(LEARNS, block, self._screen(slot, block, item), asked, item.id))
            if explained and self.design.ratings:
                steps.append(self._rating(slot, block, item))
        return steps

    def _test(self, slot: Slot, test: str, phase: int) -> list[PlannedStep]:
        block, form = BLOCKS[test][phase], FORMS[slot.form]
        wanted = {"": BOTH, "A": "AB"[phase], "B": "BA"[phase]}[form.first]
        steps = []
        prompt = self.words.predict if test == FORWARD else self.words.predict_changed
        choices = tuple((str(i), name) for i, name in enumerate(self.names))
        asked = Asked(prompt, CHOOSE, choices[::-1] if form.reverse else choices)
        for item in self._ordered(slot, block, [item for item in self.items if item.set == test and item.form == wanted]):
            steps.append(PlannedStep(PREDICT, block, self._screen(slot, block, item), asked, item.id))
            if block in EXPLAINED and self.design.ratings:
                steps.append(self._rating(slot, block, item))
        return steps

    def _rating(self, slot: Slot, block: str, item: Item) -> PlannedStep:
        ends = {1: self.words.rating_low, SCALE: self.words.rating_high}
        choices = tuple((str(n), f"{n}  {ends[n]}" if ends.get(n) else str(n)) for n in range(1, SCALE + 1))
        return PlannedStep(RATING, block, self._screen(slot, block, item), Asked(self.words.rating, CHOOSE, choices), item.id)

    def _with_attention(self, steps: Sequence[PlannedStep]) -> list[PlannedStep]:
        """Checks before steps of tests, at places that are the same in every arm and form."""
        places = [i for i, step in enumerate(steps) if step.kind == PREDICT and step.block not in EXPLAINED]
        rng = np.random.Generator(np.random.PCG64([self.design.seed, 2]))
        some = min(self.design.attention, len(places))
        chosen = {int(i): n for n, i in enumerate(sorted(rng.choice(places, some, replace=False)))} if some else {}
        wanted = [str(1 + int(rng.integers(SCALE))) for _ in range(self.design.attention)]
        out: list[PlannedStep] = []
        for i, step in enumerate(steps):
            if i in chosen:
                choice = wanted[chosen[i]]
                page = paragraphs(filled(self.words.attention, {"choice": choice}), self.words)
                scale = tuple((str(n), str(n)) for n in range(1, SCALE + 1))
                asked = Asked("", CHOOSE, scale, correct=choice)
                out.append(PlannedStep(ATTENTION, step.block, page, asked, question=f"attention {chosen[i] + 1}"))
            out.append(step)
        return out

    def _end(self) -> list[PlannedStep]:
        honest = (("yes", self.words.honest_yes), ("no", self.words.honest_no))
        return [
            *(self._question(DEMOGRAPHIC, END, one, asked_name=one.name) for one in self.design.questions),
            PlannedStep(DEMOGRAPHIC, END, b"", Asked(self.words.honest, CHOOSE, honest), question=HONEST),
            PlannedStep(DEBRIEF, END, self.page(self.words.debrief), Asked("", NEXT, (("next", self.words.next),))),
        ]

    # -- the pieces --------------------------------------------------------------------------------------------------------------------

    def _screen(self, slot: Slot, block: str, item: Item) -> bytes:
        return self._screens[slot.arm if block in EXPLAINED and slot.arm != CONTROL else PLAIN, item.id]

    def _page(self, text: str, block: str, name: str = "") -> PlannedStep:
        return PlannedStep(INSTRUCT, block, self.page(text), Asked("", NEXT, (("next", self.words.next),)), question=name)

    def _question(self, kind: str, block: str, question: Question, asked_name: str) -> PlannedStep:
        way = WRITE if question.kind == TEXT else CHOOSE
        correct = next((value for value, label in question.offered if label == question.correct), "")
        asked = Asked(question.text, way, tuple(question.offered), correct, optional=question.optional and kind != QUIZ)
        return PlannedStep(kind, block, b"", asked, question=asked_name)

    def _ordered(self, slot: Slot, block: str, items: list[Item]) -> list[Item]:
        return ordered(slot.seed, block, items)


def ordered(seed: int, block: str, items: Sequence[Item]) -> list[Item]:
    """Items in the order in which the participant of a slot's seed meets them in a block."""
    rng = np.random.Generator(np.random.PCG64([seed, *block.encode()]))
    return mixed(sorted(items, key=lambda item: item.id), {item.id: item.model_output for item in items}, rng)


def mixed(items: Sequence[Item], outputs: Mapping[str, int], rng: np.random.Generator) -> list[Item]:
    """In random order, with no more than `MOST_IN_A_ROW` same outputs in a row where that can be had.

    Drawn one after the other among those that may come next, an output with chance proportional to how many of it are left; where only the
    forbidden one is left at the end, it is drawn again.
    """
    best: list[Item] = []
    longest = len(items) + 1
    for _ in range(200):
        order = [items[i] for i in rng.permutation(len(items))]
        run = longest_run([outputs[item.id] for item in order])
        if run <= MOST_IN_A_ROW:
            return order
        order = _eased(order, outputs)
        run = longest_run([outputs[item.id] for item in order])
        if run <= MOST_IN_A_ROW:
            return order
        if run < longest:
            best, longest = order, run
    return best


def _eased(order: list[Item], outputs: Mapping[str, int]) -> list[Item]:
    """The same order, but what would make a run too long waits until something else has come."""
    waiting = list(order)
    out: list[Item] = []
    while waiting:
        last = [outputs[item.id] for item in out[-MOST_IN_A_ROW:]]
        full = len(last) == MOST_IN_A_ROW and len(set(last)) == 1
        chosen = next((i for i, item in enumerate(waiting) if not full or outputs[item.id] != last[0]), 0)
        out.append(waiting.pop(chosen))
    return out


def longest_run(values: Sequence[int]) -> int:
    """How often the same value comes in a row, at most."""
    longest = run = 0
    for i, value in enumerate(values):
        run = run + 1 if i and value == values[i - 1] else 1
        longest = max(longest, run)
    return longest


def _sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()

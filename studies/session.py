"""One run of a build: draws items, finds their changed forms and explanations, and draws again where one has none.

The loop is deterministic: which items are drawn follows from the seed and from which inputs proved unfit, and whether an input is fit follows from
the seed and the model. Items without an explanation in any arm are dropped from all arms: else arms would differ in their items too.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import explainers

from .arms import Arms, Artifact, Failed, check_cancel
from .borrowing import Borrowing, Case
from .changes import CHUNKS, Form, both, draw_again, find, likely
from .design import CROSSED, PLACEBO, Design
from .items import BOTH, COUNTERFACTUAL, FLIP, FORWARD, LEARN, SAME, A, B
from .leaks import HIGH, inputs_in
from .nearness import Nearness
from .pool import Pool
from .selection import Candidate, Drawn, Sizes, cells_of, draw, edit_auc, match_edits, one_each, sizes_of, split_forms, split_kinds
from .workfiles import Work, key_of

Progress = Callable[[float, float | None], None]
FEW = 3  # settled items after which the forecast is by how long those took
SETTLED = 0.97  # share of the progress after which items are settled and only have to be written
KIND_SPLITS = 50  # splits into same and flipped tried until edits tell nothing
FAIR_AUC = (0.45, 0.55)  # sought here; the leak test allows 0.40 to 0.60


@dataclass(frozen=True)
class Chosen:
    """What was settled, by the sha256 of an item's input. forms: "", "A" or "B"; changed: of a counterfactual one its form and that input; placebos:
    what the placebo arm shows, where there is one."""

    drawn: Drawn
    forms: dict[str, str]
    changed: dict[str, tuple[Form, Any]]
    apart: float | None
    placebos: dict[str, Artifact] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """off: how far the edits' AUC is from 0.5; forms: of each item, None for the `lost` ones, whose forms others have."""

    off: float
    lost: int
    forms: list[Form | None]

    @property
    def rank(self) -> tuple[bool, int, float]:
        """The less, the better: edits that the leak test allows, then items that are kept."""
        return self.off > HIGH - 0.5, self.lost, self.off

    @property
    def good(self) -> bool:
        return not self.lost and self.off <= FAIR_AUC[1] - 0.5


def _shuffled(forms: list[Form], seed: int, one: Candidate) -> list[Form]:
    """In an order that is this item's own, likely ones first: by chance, since hashes are evenly spread."""
    out: list[Form] = []
    for some in ([f for f in forms if not f.unseen], [f for f in forms if f.unseen]):
        ordered = sorted(some, key=lambda f: f.sha256)
        start = int(key_of(seed, one.sha256)[:8], 16) % len(ordered) if ordered else 0
        out += ordered[start:] + ordered[:start]
    return out


@dataclass
class Session:
    """arms: None where only changed forms are looked for."""

    task: explainers.Task
    design: Design
    pool: Pool
    work: Work
    arms: Arms | None
    on_progress: Progress | None = None
    cancel: threading.Event | None = None
    unfit: dict[str, set[int]] = field(default_factory=lambda: {LEARN: set(), COUNTERFACTUAL: set()})
    dropped: Counter[str] = field(default_factory=Counter)
    _checked: set[tuple[str, int]] = field(default_factory=set)
    _artifacts: dict[str, dict[str, Artifact]] = field(default_factory=dict)
    _banned: set[str] = field(default_factory=set)  # changed forms that an explanation shows, or that are near a learning item
    _good: int = 0  # items settled so far, of `_needed`
    _needed: int = 1
    _seconds: float = 0.0  # forecast
    _start: float = 0.0
    tried: int = 0  # inputs of which an explanation was sought

    @cached_property
    def _inputs(self) -> set[str]:
        """sha256 of the pool's: a changed form that is one of them could be an item of its own."""
        return {one.sha256 for one in self.pool.candidates}

    @cached_property
    def _near(self) -> Nearness:
        return Nearness(self.task)

    @property
    def sizes(self) -> Sizes:
        d = self.design
        tests = {test: d.per_phase(test) if test in d.tests else 0 for test in (FORWARD, COUNTERFACTUAL)}
        return sizes_of(d.examples, tests[FORWARD], tests[COUNTERFACTUAL], len(self.task.class_names), 2 if d.forms == CROSSED else 1)

    @property
    def cells(self) -> list[str]:
        return cells_of(len(self.task.class_names))

    def instance(self, one: Candidate) -> Any:
        return self.task.check(self.task.instances("test")[one.row])

    def artifacts(self, one: Candidate) -> dict[str, Artifact]:
        """Arm -> what it shows of an item that was settled."""
        return self._artifacts.get(one.sha256, {})

    @property
    def explained(self) -> set[str]:
        """sha256 of the inputs that every arm explained."""
        return set(self._artifacts)

    def settle(self) -> Chosen:
        """Items of which all arms have an explanation and both kinds of changed form are there. Raises ValueError with one sentence."""
        sizes = self.sizes
        first = True
        while True:
            try:
                drawn = draw(self.pool.candidates, sizes, self.cells, self.design.seed, self.unfit, self.task.class_names)
            except ValueError as problem:
                raise ValueError(f"{problem}{self._lost}") from None
            if first:
                self._forecast(drawn)
                first = False
            before = self._unfit()
            for name, one in self._pending(drawn):
                check_cancel(self.cancel)
                self._check(name, one)
                self._tell()
            if self._unfit() == before:
                chosen = self._choose(drawn)
                if chosen is not None:
                    return chosen

    @property
    def _lost(self) -> str:
        """Why inputs were dropped, most first, for the error of a design that cannot be had."""
        told = [f"{why.removeprefix('dropped, ')} ({n})" for why, n in self.dropped.most_common(3)]
        return f" Inputs that were tried and dropped: {'; '.join(told)}." if told else ""

    def _unfit(self) -> int:
        return sum(len(rows) for rows in self.unfit.values())

    def _pending(self, drawn: Drawn) -> Iterator[tuple[str, Candidate]]:
        for name in (LEARN, COUNTERFACTUAL):
            for some in drawn[name].values():
                yield from ((name, one) for one in some if (name, one.row) not in self._checked)

    def _drop(self, one: Candidate, why: str, *names: str) -> None:
        if any(one.row not in self.unfit[name] for name in names):
            self.dropped[f"dropped, {why}"] += 1
        for name in names:
            self.unfit[name].add(one.row)

    def _check(self, name: str, one: Candidate) -> None:
        self._checked.add((name, one.row))
        instance = self.instance(one)
        if name == COUNTERFACTUAL:
            found = self._forms(one, instance)
            if not both(found):
                self._drop(one, "no changed form of both kinds", COUNTERFACTUAL)
                return
        if self.arms is None or one.sha256 in self._artifacts:
            self._good += 1
            return
        self.tried += 1
        made = {}
        for arm in self.arms.names:
            check_cancel(self.cancel)
            try:
                made[arm] = self.arms.artifact(arm, one, instance)
            except Failed as problem:
                self._drop(one, f"{arm}: {str(problem)[:120]}", LEARN, COUNTERFACTUAL)
                return
        self._artifacts[one.sha256] = made
        self._good += 1

    def _forms(self, one: Candidate, instance: Any = None) -> list[Form]:
        instance = self.instance(one) if instance is None else instance
        found = find(self.task, one, instance, self.design.edits, self.design.seed, self.work)
        return [form for form in found if form.sha256 not in self._banned and form.sha256 not in self._inputs]

    # --- which form, which kind, which changed input ------------------------------------------------------------------

    def _choose(self, drawn: Drawn) -> Chosen | None:
        """None where something proved unfit, so that items have to be drawn again."""
        before = self._unfit()
        self._drop_showing_tests(drawn)
        items = [one for some in drawn[COUNTERFACTUAL].values() for one in some]
        self._ban(drawn, items)
        options = {one.sha256: self._forms(one) for one in items}
        for one in items:
            if not both(options[one.sha256]):
                self._drop(one, "no changed form of both kinds that no explanation shows", COUNTERFACTUAL)
        if self._unfit() > before:
            return None
        forms, apart = self._two_forms(drawn)
        changed: dict[str, tuple[Form, Any]] = {}
        for name in sorted(set(forms.values())):
            some = [one for one in items if forms[one.sha256] == name]
            changed |= self._changed(some, options, self.design.seed + (name == B), {form.sha256 for form, _ in changed.values()})
        if self._unfit() > before:
            return None
        near_learning = self._near.hits([instance for _, instance in changed.values()], self._learning(drawn))
        if near_learning:  # others of the same items are taken
            self._banned |= {changed[list(changed)[i]][0].sha256 for i in near_learning}
            return self._choose(drawn)
        placebos = self._placebos(drawn, forms, {form.sha256 for form, _ in changed.values()})
        return Chosen(drawn, forms, changed, apart, placebos) if self._unfit() == before else None

    def _placebos(self, drawn: Drawn, forms: dict[str, str], changed: set[str]) -> dict[str, Artifact]:
        """By the sha256 of an item's input; items of which every placebo would be the truth are dropped."""
        if self.arms is None or PLACEBO not in self.design.arms:
            return {}
        forward = [self.instance(one) for some in drawn[FORWARD].values() for one in some]
        items = [(name, one) for name in (LEARN, COUNTERFACTUAL) for some in drawn[name].values() for one in some]
        of = self.arms.placebo_of
        cases = [Case(one.sha256, f"{name} {forms[one.sha256]}", one.output, self.artifacts(one)[of]) for name, one in items]

        def shows(artifact: Artifact) -> bool:
            inside = inputs_in(artifact)
            return any(explainers.instance_sha256(one) in changed for one in inside) or bool(self._near.hits(inside, forward))

        made = Borrowing(self.task, cases, self.design.seed, shows).placebos()
        for (_, one), artifact in zip(items, made, strict=True):
            if artifact is None:
                self._drop(one, "placebo: all that could be borrowed is what is true of this input", LEARN, COUNTERFACTUAL)
        return {one.sha256: artifact for (_, one), artifact in zip(items, made, strict=True) if artifact is not None}

    def _drop_showing_tests(self, drawn: Drawn) -> None:
        """Explanations that show what is nearly a forward item, such as a training row that is there twice."""
        forward = [self.instance(one) for some in drawn[FORWARD].values() for one in some]
        for name in (LEARN, COUNTERFACTUAL):
            for one in (one for some in drawn[name].values() for one in some):
                inside = [shown for artifact in self.artifacts(one).values() for shown in inputs_in(artifact)]
                if self._near.hits(inside, forward):
                    self._drop(one, "its explanation shows a forward item", LEARN, COUNTERFACTUAL)

    def _ban(self, drawn: Drawn, items: list[Candidate]) -> None:
        shown = [one for name in (LEARN, COUNTERFACTUAL) for some in drawn[name].values() for one in some]
        self._banned |= {explainers.instance_sha256(i) for one in shown for a in self.artifacts(one).values() for i in inputs_in(a)}
        learnt = {name for some in drawn[LEARN].values() for one in some for name in one.groups}
        named = self.task.groups("test")
        if named:  # a background that a learning item has
            self._banned |= {form.sha256 for one in items for form in self._forms(one) if any(named[row] & learnt for row in form.rows)}

    def _learning(self, drawn: Drawn) -> list[Any]:
        return [self.instance(one) for some in drawn[LEARN].values() for one in some]

    def _two_forms(self, drawn: Drawn) -> tuple[dict[str, str], float | None]:
        """Item -> its form; the sets' largest standardised mean difference."""
        if self.design.forms != CROSSED:
            return {one.sha256: BOTH for by_cell in drawn.values() for some in by_cell.values() for one in some}, None
        forms, apart = {one.sha256: BOTH for some in drawn[LEARN].values() for one in some}, 0.0
        for name in (FORWARD, COUNTERFACTUAL):
            second, worst = split_forms(drawn[name], self.design.seed)
            forms |= {sha: B if b else A for sha, b in second.items()}
            apart = max(apart, worst)
        return forms, apart

    def _changed(self, items: list[Candidate], options: dict[str, list[Form]], seed: int, taken: set[str]) -> dict[str, tuple[Form, Any]]:
        """Half of each cell keeps its answer, half turns it, with numbers of edits that do not tell which; no form is one of those `taken` or another
        item's; likely forms wherever that can be had. An item that is left without one is dropped."""
        if not items:
            return {}
        by_kind = {
            (one.sha256, kind): [f for f in options[one.sha256] if f.kind == kind and f.sha256 not in taken]
            for one in items
            for kind in (SAME, FLIP)
        }
        lost = [one for one in items if not (by_kind[one.sha256, SAME] and by_kind[one.sha256, FLIP])]
        if not lost:
            few = {key: likely(forms) for key, forms in by_kind.items()}
            best = self._split(items, few, seed)
            if not best.good and few != by_kind:  # that edits tell nothing matters more than that forms are likely
                best = min(best, self._split(items, by_kind, seed), key=lambda found: found.rank)
            lost = [one for one, form in zip(items, best.forms, strict=True) if form is None]
        for one in lost:
            self._drop(one, "no changed form that is not another item's", COUNTERFACTUAL)
        if lost:
            return {}
        return {
            one.sha256: (form, draw_again(self.task, one, self.instance(one), form, self.design.edits, self.design.seed))
            for one, form in zip(items, best.forms, strict=True)
            if form is not None
        }

    def _split(self, items: list[Candidate], options: dict[tuple[str, str], list[Form]], seed: int) -> Split:
        """The best split found into kept and turned answers, with each item's form. options: (item, kind) -> its forms."""
        best: Split | None = None
        for attempt in range(KIND_SPLITS):
            flips = split_kinds([one.stratum for one in items], seed + 1_000 * attempt)
            kinds = [FLIP if flip else SAME for flip in flips]
            can = [sorted({form.edits for form in options[one.sha256, kind]}) for one, kind in zip(items, kinds, strict=True)]
            edits = match_edits(can, flips, seed + 1_000 * attempt)
            fit = [
                _shuffled([form for form in options[one.sha256, kind] if form.edits == count], seed, one)
                for one, kind, count in zip(items, kinds, edits, strict=True)
            ]
            names = one_each([[form.sha256 for form in some] for some in fit])
            forms = [next((f for f in some if f.sha256 == name), None) for some, name in zip(fit, names, strict=True)]
            found = Split(abs(edit_auc(edits, flips) - 0.5), sum(form is None for form in forms), forms)
            if best is None or found.rank < best.rank:
                best = found
            if best.good:
                break
        assert best is not None
        return best

    # --- progress -----------------------------------------------------------------------------------------------------

    def _forecast(self, drawn: Drawn) -> None:
        """Says first what the whole will take; also refuses parameters that a method does not know, before an hour was spent."""
        items = {name: [one for some in drawn[name].values() for one in some] for name in (LEARN, COUNTERFACTUAL)}
        self._needed = sum(map(len, items.values()))
        sample = self.instance((items[LEARN] or items[COUNTERFACTUAL])[0])
        seconds = 0.0
        for arm in self.arms.names if self.arms is not None else ():
            if self.arms is not None and arm not in self.arms.own:
                params = dict(self.design.explain.get(arm, {}))
                limit = {"max_calls": params.pop("max_calls")} if "max_calls" in params else {}
                params.pop("max_seconds", None)
                told = explainers.forecast(arm, self.task, sample, seed=self.design.seed, **limit, **params)
                each = told.seconds or 0.0
                looking = each / max(told.calls, 1) * CHUNKS[self.task.modality] * 2 if arm == self.arms.names[0] else 0.0
                seconds += each * self._needed + looking * len(items[COUNTERFACTUAL])
        self._seconds, self._start = seconds, time.monotonic()
        if self.on_progress is not None:
            self.on_progress(0.0, seconds or None)

    def _tell(self) -> None:
        """How many of the items are settled; the time left by how long those took, the dropped ones among them."""
        if self.on_progress is None:
            return
        done, past = min(self._good, self._needed - 1), time.monotonic() - self._start
        left = past * (self._needed - done) / done if done >= FEW else max(self._seconds - past, 0.0) or None
        if self._good >= self._needed:  # what is left is choosing and drawing, of which nothing is known yet
            left = None
        self.on_progress(SETTLED * done / self._needed, left)

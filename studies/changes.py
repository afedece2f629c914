"""Changed forms of an input for the counterfactual test: some that keep the model's answer, some that turn it.

After Hase and Bansal (ACL 2020; hase_bansal.md A.5): sampled with at most so many edits, up to ten tries, each bolder than the last. An
input can be an item only where forms of both kinds were found, so that which kind it gets can be left to chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import explainers

from .items import FLIP, SAME
from .selection import Candidate
from .workfiles import Work, key_of

ATTEMPTS = 10
CHUNKS = {"text": 32, "tabular": 256, "image": 16}  # forms drawn at a try: what the model answers in about a second at most
PATIENCE = 2  # tries after which both kinds are enough, even without a number of edits that both have
KEPT = 12  # forms of each kind and number of edits
CHANGED_FORMS = "changed forms"  # as which their calls are counted


@dataclass(frozen=True)
class Form:
    """A changed form, as the way to draw it again: the `index`-th of the draw of `attempt`. output: the model's answer to it."""

    kind: str
    edits: int
    output: int
    sha256: str
    attempt: int
    index: int
    changed: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()  # of the test split, whose background it has
    unseen: bool = False  # a row that joins two values that no training row joins, such as a husband who never married


def find(task: explainers.Task, one: Candidate, instance: Any, edits: int, seed: int, work: Work) -> list[Form]:
    """Forms of both kinds where there are any, [] where the instance has none to draw. Asks the model in a few batches; kept in `work`."""
    key = key_of("changes 3", task.name, task.model.fingerprint, one.sha256, edits, seed)
    stored = work.get("changes", one.sha256, key)
    if stored is None:
        calls, forms = _search(task, one, instance, edits, seed)
        stored = {"calls": calls, "forms": [asdict(form) for form in forms]}
        work.put("changes", one.sha256, key, stored)
    work.spent.add(CHANGED_FORMS, one.sha256, stored["calls"])
    return [Form(**{**form, "changed": tuple(form["changed"]), "rows": tuple(form["rows"])}) for form in stored["forms"]]


def unseen(task: explainers.Task, changed: Sequence[Any], original: Any) -> list[bool]:
    """Of each changed form of a row, whether it joins values that no training row joins, one of which is new; of other inputs never."""
    if task.modality != "tabular":
        return [False] * len(changed)
    return [bool(pairs) for pairs in explainers.unseen_pairs(task, changed, original)]


def likely(forms: Sequence[Form]) -> list[Form]:
    """Those without unseen pairs where there are any, else all."""
    return [form for form in forms if not form.unseen] or list(forms)


def both(forms: Sequence[Form]) -> bool:
    return {form.kind for form in forms} == {SAME, FLIP}


def draw_again(task: explainers.Task, one: Candidate, instance: Any, form: Form, edits: int, seed: int) -> Any:
    """The changed input itself. Raises ValueError with one sentence where the draw is not what it was."""
    drawn = _drawn(task, one, instance, edits, seed, form.attempt)
    if form.index < len(drawn) and explainers.instance_sha256(drawn[form.index].instance) == form.sha256:
        return drawn[form.index].instance
    raise ValueError(
        "A changed form comes out differently than before, so the program has changed: delete the folder work and build again."
    )


def _drawn(task: explainers.Task, one: Candidate, instance: Any, edits: int, seed: int, attempt: int) -> list[Any]:
    own = int(key_of(seed, one.sha256, attempt)[:12], 16)
    return explainers.perturbations(task, instance, CHUNKS[task.modality], seed=own, most_edits=edits, attempt=attempt)


def _search(task: explainers.Task, one: Candidate, instance: Any, edits: int, seed: int) -> tuple[int, list[Form]]:
    """Inputs asked of the model, and the forms."""
    found: dict[str, Form] = {}
    for attempt in range(ATTEMPTS):
        try:
            drawn = _drawn(task, one, instance, edits, seed, attempt)
        except ValueError:  # nothing in it can change
            break
        new = [(i, p, sha) for i, p in enumerate(drawn) if (sha := explainers.instance_sha256(p.instance)) not in found]
        if new:
            answers = explainers.predict(task, [p.instance for _, p, _ in new]).argmax(axis=1).tolist()
            odd = unseen(task, [p.instance for _, p, _ in new], instance)
            for (i, p, sha), answer, strange in zip(new, answers, odd, strict=True):
                kind = SAME if answer == one.output else FLIP
                found[sha] = Form(kind, p.edits, answer, sha, attempt, i, tuple(p.changed), p.rows, strange)
        counts = {kind: {form.edits for form in found.values() if form.kind == kind and not form.unseen} for kind in (SAME, FLIP)}
        if counts[SAME] & counts[FLIP] or (attempt >= PATIENCE and both(list(found.values()))):
            break
    kept: dict[tuple[str, int], list[Form]] = {}
    for form in sorted(found.values(), key=lambda form: form.unseen):
        if len(some := kept.setdefault((form.kind, form.edits), [])) < KEPT:
            some.append(form)
    return len(found), [form for some in kept.values() for form in some]

"""The pre-registration of a study, written from what is frozen: the fields of the OSF Prereg form. The same materials give the same bytes.

It holds no date of its own: where it is registered, that gets one. What the design says in `preregistration` (hypotheses, exclusions, stopping,
missing, exploratory) takes the place of the defaults below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .assignment import bound, forms_of
from .design import CONTROL, CROSSED, FORWARD, Design
from .items import COUNTERFACTUAL, SETS, Item
from .materials import About

_IN_WORDS = {
    "clustered_linear": "a linear probability model of correctness on arm, phase and their product, with errors clustered by participant and by item",
    "crossed_variance_t": "the difference of mean gains between arms, with variances over participants and over items added, by t",
    "mixed_logistic": "a logistic model with crossed random effects of participants and items, integrated to percentage points",
    "replication_bootstrap": "the bootstrap over participants and items of Hase and Bansal (2020), known to be conservative",
}
_STOPPING = (
    "Recruiting stops when the planned number has completed the study: the store lets nobody new in from then on, and who has begun may finish. "
    "No looks at answers by arm before."
)


def preregistration(design: Design, about: About, items: Sequence[Item], materials_sha256: str, slots_sha256: str, slots: int) -> str:
    """Plain text with a heading for each field."""
    own = design.preregistration
    arms = ", ".join(design.arms)
    explained = [arm for arm in design.arms if arm != CONTROL]
    tests = " and ".join(design.tests)
    parts = {
        "Frozen materials (SHA-256)": f"materials {materials_sha256}\nlist of slots {slots_sha256}",
        "Title": design.name,
        "Hypotheses": own.get("hypotheses") or _hypotheses(design, explained),
        "Design": _design(design, about, arms, tests),
        "Randomisation": (
            f"Arms x forms ({', '.join(form.name for form in forms_of(design))}) in permuted blocks, the list of {slots:,} slots made before the "
            f"first participant (seed {design.seed}); the lowest free slot is taken when the quiz is passed. Two arms of the same weight differ "
            f"by at most {bound(design)} participants, as long as nobody is replaced: "
            "for each who leaves, a slot of the same cell is added at the end."
            + _weights(design)
        ),
        "Items": _items(design, items),
        "Sample size": f"{design.planned:,} participants.",
        "Stopping rule": own.get("stopping") or _STOPPING,
        "Measured variables": (
            "Whether an answer equals the model's output (correct, 0 or 1); response time in milliseconds by the browser's clock"
            + ("; a rating from 1 to 7 of each explanation" if design.ratings else "") + "; answers to the closing questions."
        ),
        "Analysis": _analysis(design, explained),
        "Exclusions": own.get("exclusions") or (
            "Evaluated without looking at arm or correctness, reported both with and without: "
            + (f"{min(2, design.attention)} or more failed checks of attention; " if design.attention else "")
            + "the same answer to more than 95 % of at least 10 predictions; the answer that one's data should not be used."
        ),
        "Missing data": own.get("missing") or (
            "All who were given a slot and did not withdraw are analysed with the answers they gave; losses are "
            "reported by arm and stage. Nothing is imputed."
        ),
        "Exploratory": own.get("exploratory") or "Everything else, and said to be so.",
    }  # fmt: skip
    return "".join(f"{head}\n{'-' * len(head)}\n{text}\n\n" for head, text in parts.items())


def _hypotheses(design: Design, explained: Sequence[str]) -> str:
    if CONTROL not in design.arms:
        return (
            "In each arm, people foretell the model's answers better after having seen explanations than before. Without a control arm this "
            "cannot be told from practice."
        )
    each = ", ".join(explained)
    return f"People who saw explanations ({each}) gain more at foretelling the model's answers, from before to after, than people of the control arm."


def _design(design: Design, about: About, arms: str, tests: str) -> str:
    forms = "two crossed sets of items, one before and one after" if design.forms == CROSSED else "the same items before and after"
    return (
        f"Between participants: {arms}. Within: before and after, {tests} test, {forms}. Task {about.task}, model {about.model} "
        f"(fingerprint {about.model_fingerprint}). A participant sees "
        + ", ".join(
            [
                *([f"{design.learn} learning items"] if FORWARD in design.tests else []),
                *(f"{design.per_phase(test)} {test} items each time" for test in design.tests),
            ]
        )
        + "."
    )


def _weights(design: Design) -> str:
    return "".join(f" The arm {arm} is given {weight} times as many slots." for arm, weight in sorted(design.weights.items()) if weight > 1)


def _items(design: Design, items: Sequence[Item]) -> str:
    lines = []
    for name in SETS:
        cells = Counter((item.stratum, item.cf_kind or "") for item in items if item.set == name)
        if cells:
            told = ", ".join(f"{stratum}{' ' + kind if kind else ''}: {n}" for (stratum, kind), n in sorted(cells.items()))
            lines.append(
                f"{name}: {told} (gold label/model's output" + (", answer to the changed form)" if name == COUNTERFACTUAL else ")")
            )
    return "\n".join(lines)


def _analysis(design: Design, explained: Sequence[str]) -> str:
    against = "against control" if CONTROL in design.arms else "within each arm, after less before"
    family = len(explained) * len(design.tests)
    return (
        f"Effects in percentage points {against}, by {_IN_WORDS[design.primary]} ({design.primary}). Two-sided, 5 %, corrected by Holm over the "
        f"{family} comparisons of arms and tests ({'forward first' if FORWARD in design.tests else 'one test'}). The smallest effect of interest is "
        f"{design.smallest:g} points: only an interval inside -+ that is called no effect."
    )

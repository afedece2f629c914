"""The pre-registration of a study, written from what is frozen: the fields of the OSF Prereg form. The same materials give the same bytes.

It holds no date of its own: where it is registered, that gets one. What the design says in `preregistration` (hypotheses, exclusions, stopping,
missing, exploratory) takes the place of the defaults below. What no program can know (why this many people, who is recruited where) is left open in
square brackets where the design does not say it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from .assignment import FORMS, bound, forms_of
from .design import CONTROL, CROSSED, FORWARD, PLACEBO, Design
from .items import COUNTERFACTUAL, FLIP, SETS, Item
from .materials import About
from .selection import cell_in_words

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
    parts = {
        "Frozen materials (SHA-256)": f"materials {materials_sha256}\nlist of slots {slots_sha256}",
        "Title": design.name,
        "Description": _description(design, about),
        "Hypotheses": own.get("hypotheses") or _hypotheses(design),
        "Existing data": (
            "None: this text is written when the study is frozen, and the store takes in nobody before that. The model's outputs on the items were "
            "known, since the items were chosen by them."
        ),
        "Design": _design(design, about),
        "Manipulated variables": _arms(design, about),
        "Blinding": (
            "Participants are not told which arms there are. Who analyses sees the arms; the rules of exclusion look at neither arm nor correctness."
        ),
        "Randomisation": (
            f"Arms x forms ({_forms(design)}) in permuted blocks, the list of {slots:,} slots made before the "
            f"first participant ({_seed(design)}); the lowest free slot is taken when the quiz is passed. Two arms of the same weight differ "
            f"by at most {bound(design)} participants, as long as nobody is replaced: "
            "for each who leaves, a slot of the same cell is added at the end."
            + _weights(design)
        ),
        "Items": _items(design, about, items),
        "Data collection": _collection(design),
        "Sample size": (
            f"{design.planned:,} participants who complete the study. The list has {slots:,} slots, {design.reserve:.0%} in reserve and then to the "
            "end of a block, so that a place is free for who comes after somebody left."
        ),
        "Sample size rationale": f"[State why this number.] The smallest effect of interest is {design.smallest:g} points.",
        "Stopping rule": own.get("stopping") or _STOPPING,
        "Measured variables": (
            "Whether an answer equals the model's output (correct, 0 or 1); response time in milliseconds by the browser's clock"
            + ("; a rating from 1 to 7 of each explanation, in the control arm of the same screens without one" if design.ratings else "")
            + f"; answers to the {len(design.questions) + 1} closing questions."
        ),
        "Analysis": _analysis(design),
        "Inference criteria": (
            "Two-sided, 5 %, intervals of 95 %. An effect is called one where its corrected p is below 0.05; only where its interval lies inside "
            f"-{design.smallest:g} to +{design.smallest:g} points is it called no effect; everything else is called undecided."
        ),
        "Exclusions": own.get("exclusions") or _exclusions(design),
        "Missing data": own.get("missing") or (
            "All who were given a slot and did not withdraw are analysed with the answers they gave; losses are "
            "reported by arm and stage. Nothing is imputed."
        ),
        "Exploratory": own.get("exploratory") or "Everything else, and said to be so.",
    }  # fmt: skip
    return "".join(f"{head}\n{'-' * len(head)}\n{text}\n\n" for head, text in parts.items())


def _explained(design: Design) -> list[str]:
    """The arms whose explanations are of the item itself: what the study is about."""
    return [arm for arm in design.arms if arm not in (CONTROL, PLACEBO)]


def _description(design: Design, about: About) -> str:
    return (
        "Whether explanations of a model's answers help people to foretell its next ones. Participants learn from examples of the task "
        f"{about.task} how the model {about.model} answers ({', '.join(about.class_names)}), and foretell its answers before and after they were "
        f"shown what their arm shows. Model fingerprint: {about.model_fingerprint}."
    )


def _hypotheses(design: Design) -> str:
    each = ", ".join(_explained(design))
    if CONTROL not in design.arms:
        return (
            "In each arm, people foretell the model's answers better after having seen explanations than before. Without a control arm this "
            "cannot be told from practice."
        )
    if not each:
        return "None: no arm shows explanations of the items."
    told = (
        f"1. People who saw explanations ({each}) gain more at foretelling the model's answers, from before to after, than people of the "
        "control arm."
    )
    if PLACEBO in design.arms:
        told += (
            f"\n2. They also gain more than people of the placebo arm: it is what the explanations say that helps ({each}).\nOf the placebo against "
            "control nothing is foretold; the difference is reported as exploratory."
        )
    return told


def _design(design: Design, about: About) -> str:
    forms = "two crossed sets of items, one before and one after" if design.forms == CROSSED else "the same items before and after"
    tests = " and ".join(design.tests)
    return (
        f"Between participants: {', '.join(design.arms)}. Within: before and after, {tests} test, {forms}. Task {about.task}, model {about.model} "
        f"(fingerprint {about.model_fingerprint}). A participant sees "
        + ", ".join(
            [
                *([f"{design.learn} learning items"] if FORWARD in design.tests else []),
                *(f"{design.per_phase(test)} {test} items each time" for test in design.tests),
            ]
        )
        + "."
    )


def _arms(design: Design, about: About) -> str:
    told = []
    for arm in design.arms:
        params = design.explain.get(arm, {})
        if arm == CONTROL:
            what = "the same screens a second time, without explanations"
        elif arm == PLACEBO:
            what = f"explanations by {about.placebo_of or 'the first other arm'}, each of another item with the same answer of the model"
        elif arm in design.own:
            what = f"explanations made outside Foretell: {design.own[arm]} [describe how they were made]"
        else:
            what = f"explanations by the method {arm}, " + (
                f"parameters {json.dumps(dict(params), ensure_ascii=False, sort_keys=True)}, the others at their defaults"
                if params
                else "parameters at their defaults"
            )
        told.append(f"{arm}: {what}.")
    shown = {
        FORWARD: "the learning items, when they come the second time",
        COUNTERFACTUAL: "the counterfactual items, when they come the second time",
    }
    return "\n".join([*told, f"Explanations are shown with {' and with '.join(shown[test] for test in design.tests)}."])


def _forms(design: Design) -> str:
    told = []
    for form in forms_of(design):
        order = f"items {form.first} first" if FORMS[form.name].first else "all items both times"
        told.append(f"{form.name}: {order}, choices {'in reverse order' if form.reverse else 'in the order of the classes'}")
    return "; ".join(told)


def _seed(design: Design) -> str:
    return "drawn by chance and told to nobody: the study is anonymous" if design.anonymous else f"seed {design.seed}"


def _weights(design: Design) -> str:
    return "".join(f" The arm {arm} is given {weight} times as many slots." for arm, weight in sorted(design.weights.items()) if weight > 1)


def _items(design: Design, about: About, items: Sequence[Item]) -> str:
    lines = []
    for name in SETS:
        mine = [item for item in items if item.set == name]
        for (stratum, kind), n in sorted(Counter((item.stratum, item.cf_kind or "") for item in mine).items()):
            changed = {"": "", FLIP: "; changed so that the answer turns"}.get(kind, "; changed so that the answer stays")
            lines.append(f"{name}, {stratum}: {n} ({_lower(cell_in_words(stratum, about.class_names))}{changed})")
    return "Drawn by seed in equal cells of right answer and model's output, the same for all arms:\n" + "\n".join(lines)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:].rstrip(",")


def _collection(design: Design) -> str:
    texts = design.texts
    paid = f"{design.pay:g} {design.currency} an hour" if design.pay else "not paid"
    bonus = f", and {design.bonus:g} {design.currency} for each correct prediction above what guessing gives" if design.bonus else ""
    quiz = (
        f"A quiz of {len(texts.quiz)} questions about the task comes after the instructions; who has not answered all of them right in "
        f"{design.quiz_tries} {'try' if design.quiz_tries == 1 else 'tries'} gets no place." if texts.quiz else "There is no quiz."
    )  # fmt: skip
    return (
        f"Online, one session, in the language {texts.language}. Population and recruiting: [state who is invited, where, and with which filters]. "
        f"Included is who agrees to: “{texts.consent}” {quiz} Pay: {paid}{bonus}. Who withdraws is deleted and only counted."
    )


def _analysis(design: Design) -> str:
    explained = _explained(design)
    tests = "both tests" if len(design.tests) > 1 else "one test"
    by = f"by {_IN_WORDS[design.primary]} ({design.primary})"
    if CONTROL not in design.arms:
        family = len([arm for arm in design.arms if arm != CONTROL]) * len(design.tests)
        return f"Effects in percentage points within each arm, after less before, {by}. Corrected by Holm over the {family} comparisons."
    told = (
        f"Effects in percentage points: the gain from before to after in an arm less that of control, {by}. "
        f"Hypothesis 1: {', '.join(explained) or 'no arm'} against control, each in {tests}, corrected by Holm over these "
        f"{len(explained) * len(design.tests)} comparisons."
    )
    if PLACEBO in design.arms and explained:
        told += (
            f" Hypothesis 2: the same arms against placebo, by the same estimator with the placebo in the place of control, "
            f"corrected by Holm over these {len(explained) * len(design.tests)} comparisons apart."
        )
    return told


def _exclusions(design: Design) -> str:
    if design.attention == 0:
        failed = ""
    elif design.attention == 1:
        failed = "the one check of attention failed; "
    else:
        failed = f"2 or more of the {design.attention} checks of attention failed; "
    return (
        f"Evaluated without looking at arm or correctness, reported both with and without: {failed}the same answer to more than 95 % of at least 10 "
        "predictions; the answer that one's data should not be used."
    )

"""Tests of the finished materials: does anything else than understanding the model give its answers away? (studies.md 3.5.7)

Those that block forbid freezing; the others are figures to know. `build` avoids what they look for; they look at the result all the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

import explainers
from explainers import Explanation, render

from .arms import Artifact
from .design import PLACEBO
from .items import COUNTERFACTUAL, FLIP, FORWARD, LEARN, Item
from .materials import PLAIN, Leak
from .nearness import Nearness
from .pages import only_to_look_at
from .said import LEAST, RUN, own_texts, pictured, quotes
from .sameness import same_story, tells, turned
from .screens import visible
from .selection import BALANCED, edit_auc
from .words import ANONYMOUS, CHANGED_ONLY, Words

ALIKE = 0.34  # of a placebo and the explanation it stands in for
LOW, HIGH = 0.40, 0.60  # of the AUC of edits
SHOWN, MOST_SHOWN = 80, 5  # characters of a text that is listed; texts listed
SELECTED = 0.5  # share of explained inputs below which the figure is one to look at


@dataclass(frozen=True)
class Checked:
    """All that a study shows, by item. groups: what an input has in common with others, its changed form's included."""

    task: explainers.Task
    texts: Words
    labels: Sequence[str]
    items: list[Item]
    inputs: dict[str, Any]
    changed: dict[str, Any]
    groups: dict[str, frozenset[str]]
    artifacts: dict[str, dict[str, Artifact]]
    screens: dict[str, str]
    explained: float | None = None  # share of the inputs tried that every arm could explain
    apart: float | None = None  # largest standardised mean difference between forms; None where they are the same
    own: frozenset[str] = frozenset()  # arms whose explanations were made by other tools

    def of(self, *names: str) -> list[Item]:
        return [item for item in self.items if item.set in names]


def leaks(m: Checked) -> list[Leak]:
    found = of_folder(m)
    if m.explained is not None:
        said = f"{m.explained:.0%} of the inputs tried could be explained in every arm: the fewer, the less the items stand for the data."
        found.append(Leak("selection", m.explained >= SELECTED, said, m.explained, blocks=False))
    if m.apart is not None:
        said = (
            f"Forms A and B differ by at most {m.apart:.2f} standard deviations in margin and length; below {BALANCED} they count as alike."
        )
        found.append(Leak("forms_alike", m.apart < BALANCED, said, m.apart, blocks=False))
    floor = _floor(m)
    if floor is not None:
        said = f"A simple model of surface features that learnt from the learning items foretells {floor:.0%} of the forward items."
        found.append(Leak("surface_floor", True, said, floor, blocks=False))
    found += _own(m)
    found += _placebo(m)
    untranslated = _untranslated(m)
    if untranslated is not None:
        found.append(untranslated)
    if not _english(m.texts) and any(isinstance(a, Explanation) for by in m.artifacts.values() for a in by.values()):
        said = (
            f"The study is in the language {m.texts.language!r}, and the sentences and headings inside explanations made by methods are "
            "English: participants have to read both. Pictures of your own, as an arm in `own`, can be in any language."
        )
        found.append(Leak("explanations_in_english", False, said, blocks=False))
    return found


def of_folder(m: Checked) -> list[Leak]:
    """Those that need nothing but what is shown: neither the model nor the rest of the data."""
    return [_hidden(m), _markup(m), *_balance(m), _overlap(m), _artifacts(m), *_quotes(m), _originals(m)]


def _untranslated(m: Checked) -> Leak | None:
    """Texts that are still the English defaults in a study in another language."""
    if _english(m.texts):
        return None
    left = [f.name for f in dataclasses.fields(Words) if f.name not in ("language", "direction") and _same_text(m.texts, f.name)]
    good = "Every text of the study was written anew."
    said = f"{len(left)} texts are still the English defaults: {', '.join(left)}." if left else good
    return Leak("texts_in_english", not left, said, float(len(left)), blocks=False)


def _same_text(texts: Words, name: str) -> bool:
    default = getattr(Words(), name)
    own = getattr(texts, name)
    if (name, own) in (("instructions", CHANGED_ONLY), ("information", ANONYMOUS)):
        return True
    return bool(default) and own == default


def _english(texts: Words) -> bool:
    return texts.language.lower().startswith("en")


def _placebo(m: Checked) -> list[Leak]:
    """Whether it is one: for no item the truth, and on the whole not like it. Of the arm whose explanations the placebo borrows."""
    made, source = m.artifacts.get(PLACEBO, {}), next((by for arm, by in m.artifacts.items() if arm != PLACEBO), {})
    both = {name: (source[name], one) for name, one in made.items() if name in source}
    if not both:
        return []
    real = turned(m.task, [one for _, one in both.values()])
    bad = [name for (name, (true, one)), is_real in zip(both.items(), real, strict=True) if is_real or tells(true, one)]
    good = "No placebo has all that the explanation says that it stands in for, or a change that really turns the answer."
    found = [
        _leak("placebo_differs", bad, good, "has a placebo that tells what is true of it: take another seed, or leave the placebo out.")
    ]
    said = [x for true, one in both.values() if (x := same_story(true, one)) is not None]
    if said:
        like = float(np.mean(said))
        told = (
            f"The placebo tells the same story as the explanation it stands in for to {like:.0%} (same strongest part, correlation of maps, or "
            f"shared conditions, prototypes or changes); above {ALIKE:.0%} a difference between the two arms can hardly show."
        )
        found.append(Leak("placebo_apart", like <= ALIKE, told, like, blocks=False))
    return found


def _leak(name: str, bad: Sequence[str], good: str, wrong: str) -> Leak:
    """A test that passes where nothing is bad; `wrong` says of the first what is."""
    return Leak(name, not bad, f"{bad[0]} {wrong}" if bad else good)


def _hidden(m: Checked) -> Leak:
    """(a) What is asked is not shown: a forward screen has no word but the input's own and the heading."""
    telling = [word.casefold() for word in (m.texts.right_answer, m.texts.system_answer, m.texts.explanation, *m.labels) if word]
    bad = []
    for item in m.of(FORWARD):
        shown = visible(m.screens[f"screens/{PLAIN}/{item.id}.html"])
        own = visible(render.instance(m.inputs[item.id], m.task.modality, names=dict(m.texts.inputs) or None, head=m.texts.example))
        rest = shown.replace(own, " ", 1).casefold()
        if own not in shown or any(word in rest for word in telling):
            bad.append(item.id)
    good = "No forward screen shows a right answer, the system's answer or an explanation."
    return _leak("answers_hidden", bad, good, "says more than its input on its screen.")


def _markup(m: Checked) -> Leak:
    bad = [path for path, html in m.screens.items() if not only_to_look_at(html)]
    return _leak("no_scripts", bad, "No screen has a script or an outside address.", "has a script or an outside address.")


def _balance(m: Checked) -> list[Leak]:
    """(b), (c) and (f): whoever answers the gold label, or always the same, or by the number of edits, is right on half."""
    out = []
    for name in (FORWARD, COUNTERFACTUAL):
        items = m.of(name)
        if items:
            right = sum(item.gold == item.model_output for item in items) / len(items)
            # Of more than two classes a turned answer can be a third one, so the right class is then right on fewer than half.
            good = right == 0.5 or (name == COUNTERFACTUAL and len(m.labels) > 2 and right < 0.5)
            said = f"Whoever always answers the right class is right on {right:.0%} of the {name} items."
            out.append(Leak(f"gold_only_{name}", good, said, right))
    items = m.of(COUNTERFACTUAL)
    if items:
        same = sum(item.model_output == item.original_output for item in items) / len(items)
        said = f"Whoever says that the answer stays is right on {same:.0%} of the counterfactual items."
        out.append(Leak("always_same", same == 0.5, said, same))
        auc = edit_auc([item.edits for item in items], [item.cf_kind == FLIP for item in items])
        said = f"The number of edits tells turned from kept answers with an AUC of {auc:.2f}; {LOW:.2f} to {HIGH:.2f} is allowed."
        out.append(Leak("edits", LOW <= auc <= HIGH, said, auc))
    return out


def _overlap(m: Checked) -> Leak:
    """(e) No input twice, and nothing of a learning item in a test item."""
    holders: dict[str, list[str]] = {}
    for item in m.items:
        for sha in (item.sha256, item.changed_sha256):
            if sha:
                holders.setdefault(sha, []).append(item.id)
    bad = [f"{ids[0]} and {ids[1]} show the same input." for ids in holders.values() if len(ids) > 1]
    learnt = frozenset[str]().union(*(m.groups[item.id] for item in m.of(LEARN)))
    learning, near = [m.inputs[item.id] for item in m.of(LEARN)], Nearness(m.task)
    for shown, called in ((m.inputs, "{}"), (m.changed, "The changed input of {}")):
        tested = {item.id: shown[item.id] for item in m.of(FORWARD, COUNTERFACTUAL) if item.id in shown}
        found = [list(tested)[i] for i in near.hits(list(tested.values()), learning)]
        bad += [f"{called.format(name)} is, or is nearly, a learning item." for name in found]
    common = [item.id for item in m.of(FORWARD, COUNTERFACTUAL) if m.groups[item.id] & learnt]
    bad += [f"{name} has something in common with a learning item, such as a background." for name in common]
    if bad:
        return Leak("overlap", False, f"{bad[0]} Take another seed, or fewer items.")
    return Leak("overlap", True, "No test item is, or is nearly, a learning item or another item.")


def _artifacts(m: Checked) -> Leak:
    """No explanation shows a test input: not a changed form, nor what is nearly a forward item."""
    changed = {item.changed_sha256 for item in m.items if item.changed_sha256}
    forward, near = [m.inputs[item.id] for item in m.of(FORWARD)], Nearness(m.task)
    bad = []
    for arm, by_item in m.artifacts.items():
        for name, artifact in by_item.items():
            inside = inputs_in(artifact)
            if any(explainers.instance_sha256(one) in changed for one in inside) or near.hits(inside, forward):
                bad.append(f"{name} in the arm {arm}")
    good = "No explanation shows a changed form or a forward item."
    return _leak("explanations_show_no_test", bad, good, "has an explanation that shows a test input.")


def _quotes(m: Checked) -> list[Leak]:
    """No text in an explanation has a test text, or much of it, word by word."""
    if m.task.modality != "text":
        return []
    made = [
        (f"{name} in the arm {arm}", name, a) for arm, by in m.artifacts.items() for name, a in by.items() if isinstance(a, Explanation)
    ]
    own = {told: m.inputs[name] for told, name, _ in made}
    bad = quotes([(told, a) for told, _, a in made], own, [m.inputs[item.id] for item in m.of(FORWARD)], m.changed.values())
    good = f"No explanation has {RUN} words in a row of a forward text, or all of a test text of {LEAST} words or more."
    return [_leak("explanations_quote_no_test", bad, good, "has an explanation with a text in which a test text stands.")]


def _own(m: Checked) -> list[Leak]:
    """What a program cannot judge of explanations that other tools made: figures to look at."""
    made = {arm: [a for a in m.artifacts[arm].values() if isinstance(a, Explanation)] for arm in sorted(m.own & set(m.artifacts))}
    found = []
    if any(isinstance(a, bytes) for by in m.artifacts.values() for a in by.values()) or any(
        pictured(e) for some in made.values() for e in some
    ):
        said = (
            "Pictures and heat maps made by other tools cannot be read by a program: look whether one shows a test input or an answer to be "
            "foretold."
        )
        found.append(Leak("own_pictures", False, said, blocks=False))
    texts = [text for some in made.values() for text in own_texts(some)]
    if texts:
        some = ", ".join(f"“{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}”" for text in texts[:MOST_SHOWN])
        said = (
            f"Texts that other tools wrote into explanations and that a program cannot judge: {len(texts)}, such as {some}. Look whether one tells "
            "of a test input or of an answer to be foretold."
        )
        found.append(Leak("own_texts", False, said, float(len(texts)), blocks=False))
    elif any(made.values()):
        said = "Explanations made by other tools say no more than words of the input, columns, values, and what is the same in all of them."
        found.append(Leak("own_texts", True, said, 0.0, blocks=False))
    return found


def _originals(m: Checked) -> Leak:
    """Each explanation is of the item's own input and of the answer that is shown beside it; forward items have none."""
    by_id = {item.id: item for item in m.items}
    bad = []
    for arm, by_item in m.artifacts.items():
        for name, artifact in by_item.items():
            item = by_id[name]
            known = item.original_output if item.set == COUNTERFACTUAL else item.model_output
            another = isinstance(artifact, Explanation) and (
                artifact.target != known or (artifact.instance_sha256 != item.sha256 and arm != PLACEBO)
            )
            if item.set == FORWARD or another:
                bad.append(f"{name} in the arm {arm}")
    good = "Every explanation is of an answer that the participant knows."
    return _leak("explanations_of_originals", bad, good, "has an explanation of another input or answer.")


def inputs_in(artifact: Artifact, explained: str = "") -> list[Any]:
    """Every input that an explanation shows, but the one it explains. explained: sha256 of that one, for a part of an explanation."""
    if not isinstance(artifact, Explanation):
        return []
    payload, explained = artifact.payload, explained or artifact.instance_sha256
    if artifact.kind == "composite":
        found = [artifact.instance, *(one for part in payload.parts for one in inputs_in(part, explained))]
        return [one for one in found if explainers.instance_sha256(one) != explained]
    holders: Iterable[Any] = ()
    if artifact.kind == "prototypes":
        holders = payload.prototypes
    elif artifact.kind == "boundary_path":
        holders = payload.steps
    elif artifact.kind == "rule":
        holders = [*payload.holds, *payload.breaks]
    found = [artifact.instance, *(one.instance for one in holders)]
    return [one for one in found if explainers.instance_sha256(one) != explained]


def _floor(m: Checked) -> float | None:
    """(d) Accuracy on the forward items of a logistic regression on words, values or coarse pixels, learnt from the learning items."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler

    learning, forward = m.of(LEARN), m.of(FORWARD)
    answers = [item.model_output for item in learning]
    if not forward or len(set(answers)) < 2:
        return None
    seen, new = ([m.inputs[item.id] for item in some] for some in (learning, forward))
    steps: list[Any] = [LogisticRegression(max_iter=1000)]
    if m.task.modality == "text":
        steps = [CountVectorizer(token_pattern=r"(?u)\w+"), *steps]
    elif m.task.modality == "tabular":
        seen, new = ([{name: _value(v) for name, v in row.items()} for row in rows] for rows in (seen, new))
        steps = [DictVectorizer(), MaxAbsScaler(), *steps]
    else:
        seen, new = ([_coarse(picture) for picture in pictures] for pictures in (seen, new))
    told = make_pipeline(*steps).fit(seen, answers).predict(new)
    return float(np.mean(told == np.array([item.model_output for item in forward])))


def _value(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _coarse(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((8, 8), Image.Resampling.BOX), dtype=np.float64).ravel() / 255

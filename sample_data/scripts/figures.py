"""The figures of each task: accuracy by group, and the plain sentences about what a model gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Z = 1.959964  # of a 95 % interval
SMALL = 30  # groups with fewer rows are not reported


@dataclass(frozen=True)
class Share:
    """A share of n rows with its 95 % Wilson interval."""

    value: float
    low: float
    high: float
    rows: int

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} % ({100 * self.low:.1f} to {100 * self.high:.1f})"


def share(hits: np.ndarray) -> Share:
    """Share of True among `hits`, bool (n,)."""
    n, p = len(hits), float(np.mean(hits))
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Share(p, float(middle - half), float(middle + half), n)


def table_of(title: str, measured: Sequence[Any], groups: dict[str, np.ndarray], value) -> list[str]:
    """A Markdown table: one line per group of rows (bool (n,)), one column per model with value(model)[group]."""
    lines = [f"| {title} | rows | " + " | ".join(m.title for m in measured) + " |", "| --- | --- |" + " --- |" * len(measured)]
    for name, rows in groups.items():
        if rows.sum() >= SMALL:
            lines.append(f"| {name} | {int(rows.sum())} | " + " | ".join(str(share(value(m)[rows])) for m in measured) + " |")
    return [*lines, ""]


def short(m: Any) -> str:
    """The model's title up to a comma, for use inside sentences."""
    return m.title.split(",")[0]


def sure_and_wrong(measured: Sequence[Any]) -> list[str]:
    """How often the models are wrong although they give their answer more than 90 %."""
    out = []
    for m in measured:
        sure = m.proba.max(1) > 0.9
        out.append(f"{short(m)}: of the {int(sure.sum())} test rows answered with more than 90 %, {share(~m.right[sure])} are wrong.")
    return out


def networks(measured: Sequence[Any], rows: np.ndarray) -> list[str]:
    """Lines of the card on the prototype networks beside the models whose features they read, on the test rows (bool (n,)) that the stated
    accuracies are about."""
    by_name = {m.name: m for m in measured}
    lines = []
    for network in (m for m in measured if m.encoder):
        model = by_name[network.encoder]
        same = network.proba.argmax(1) == model.proba.argmax(1)
        agree = f"the same answer as {short(model)} to {share(same[rows])} of them"
        agree += "" if rows.all() else f", and to {share(same)} of all test rows"
        lines.append(f"- {network.title}: right on {share(network.right[rows])} of {int(rows.sum())} test rows, {agree}; {_used(network)}")
    return ["", "Prototype networks:", "", *lines] if lines else []


def _used(network: Any) -> str:
    used, total = network.used
    return f"{used} of its {total} prototypes decide about some test row, {total - used} about none."


def compared(what: str, others: str, rows: np.ndarray, measured: Sequence[Any]) -> str:
    """One sentence: accuracy on a group against the rest."""
    parts = [f"{100 * m.right[rows].mean():.0f} % against {100 * m.right[~rows].mean():.0f} % on {others} ({short(m)})" for m in measured]
    return f"Accuracy on {what} ({int(rows.sum())} test rows) is {', '.join(parts)}."


def reviews(table: pd.DataFrame, measured: Sequence[Any]) -> tuple[list[str], list[str]]:
    """(known errors as sentences, lines of the card) of the task `reviews`."""
    text = table["text"].str.lower()
    words = text.str.count(r"[^\W_]+")
    contrast = text.str.contains(r"\b(?:but|though|although|yet|despite|however)\b").to_numpy()
    negation = text.str.contains(r"\b(?:not|no|never|nothing|without|hardly|neither|nor)\b|n't\b").to_numpy()
    labels = table["label"].to_numpy()
    groups = {
        "all": np.ones(len(table), dtype=bool),
        "negative sentences": labels == 0,
        "positive sentences": labels == 1,
        "with but, though, although, yet, despite or however": contrast,
        "with a negation (not, n't, no, never, ...)": negation,
        "at most 10 words": (words <= 10).to_numpy(),
        "11 to 25 words": ((words > 10) & (words <= 25)).to_numpy(),
        "more than 25 words": (words > 25).to_numpy(),
    }
    card = ["Share of sentences classified rightly, with 95 % intervals:", ""]
    card += table_of("sentences", measured, groups, lambda m: m.right) + [f"- {s}" for s in sure_and_wrong(measured)]
    both = ~measured[0].right & ~measured[1].right
    card.append(f"- Both models are wrong on {int(both.sum())} of {len(both)} sentences.")
    known = [
        compared('sentences with a negation such as "not" or "never"', "the others", negation, measured),
        compared('sentences with a turn such as "but" or "though"', "the others", contrast, measured),
        compared("positive sentences", "negative ones", labels == 1, measured),
        *sure_and_wrong(measured),
    ]
    return known, card


def income(table: pd.DataFrame, measured: Sequence[Any]) -> tuple[list[str], list[str]]:
    """(known errors as sentences, lines of the card) of the task `income`."""
    above = table["label"].to_numpy() == 1
    groups = {"all": np.ones(len(table), dtype=bool)}
    for column in ("sex", "race"):
        groups |= {f"{column}: {v}": (table[column] == v).to_numpy() for v in table[column].value_counts().index}
    groups |= {
        "married": (table["marital status"] == "Married").to_numpy(),
        "not married": (table["marital status"] != "Married").to_numpy(),
        "age up to 28": (table["age"] <= 28).to_numpy(),
        "age 29 to 47": table["age"].between(29, 47).to_numpy(),
        "age 48 and more": (table["age"] >= 48).to_numpy(),
    }
    card = ["Share of people classified rightly, with 95 % intervals:", ""]
    card += table_of("people", measured, groups, lambda m: m.right)
    card += ["Of those who earn above $50K, share that the model puts below:", ""]
    card += table_of("people above $50K", measured, {n: g & above for n, g in groups.items()}, lambda m: ~m.right)
    card += ["Of those who earn below $50K, share that the model puts above:", ""]
    card += table_of("people below $50K", measured, {n: g & ~above for n, g in groups.items()}, lambda m: ~m.right)
    card += [f"- {s}" for s in sure_and_wrong(measured)]
    known = [
        sentence for m in measured for sentence in (_missed(groups, above, m), _raised(groups, ~above, m), _marriage(groups, above, m))
    ]
    return known + sure_and_wrong(measured), card


def _missed(groups: dict[str, np.ndarray], above: np.ndarray, m: Any) -> str:
    """Sentence: people above $50K who are put below, by sex."""
    women, men = groups["sex: Female"] & above, groups["sex: Male"] & above
    return f"{short(m)}: of women who earn above $50K, {share(~m.right[women])} are put below; of such men {share(~m.right[men])}."


def _raised(groups: dict[str, np.ndarray], below: np.ndarray, m: Any) -> str:
    """Sentence: people below $50K who are put above, by sex."""
    women, men = groups["sex: Female"] & below, groups["sex: Male"] & below
    return f"{short(m)}: of women who earn below $50K, {share(~m.right[women])} are put above; of such men {share(~m.right[men])}."


def _marriage(groups: dict[str, np.ndarray], above: np.ndarray, m: Any) -> str:
    """Sentence: errors by marriage, in both directions."""
    single, married = groups["not married"] & above, groups["married"] & ~above
    return (
        f"{short(m)}: of the unmarried who earn above $50K, {share(~m.right[single])} are put below; "
        f"of the married who earn below $50K, {share(~m.right[married])} are put above."
    )


# ImageNet's class numbers: birds; mammals
BIRDS = frozenset((*range(7, 25), *range(80, 101), *range(127, 147)))
MAMMALS = frozenset((*range(101, 107), *range(147, 300), *range(330, 389)))


def animals(table: pd.DataFrame, measured: Sequence[Any]) -> tuple[list[str], list[str]]:
    """(known errors as sentences, lines of the card) of the task `animals`."""
    biased, imagenet = measured
    usual, bird = table["usual"].to_numpy() == 1, table["label"].to_numpy() == 0
    flipped = changed_by_swapping(table, biased.proba)
    groups = {"usual background": usual, "swapped background": ~usual}
    groups |= {f"{name}, {g}": rows & here for name, rows in (("birds", bird), ("mammals", ~bird)) for g, here in groups.items()}
    card = [
        f"{biased.title}: share of pictures classified rightly, with 95 % intervals. The accuracy stated for this model is the first line:",
        "",
    ]
    card += table_of("pictures", [biased], groups, lambda m: m.right)
    card.append(f"- Swapping the background changes the answer in {share(flipped)} of the {len(flipped)} pairs.")
    seen = np.array([c in (BIRDS if b else MAMMALS) for c, b in zip(imagenet.proba.argmax(1), bird, strict=True)])
    card += ["", f"{imagenet.title}: share of pictures whose likeliest class is a bird for a bird, a mammal for a mammal:", ""]
    card += table_of("pictures", [imagenet], groups, lambda m: seen)
    known = [
        "The biased model was made so on purpose: it answers by the background more than by the animal.",
        f"Biased: right on {share(biased.right[usual])} of pictures with usual backgrounds, on {share(biased.right[~usual])} with swapped ones.",
        f"Biased: swapping the background changes {share(flipped)} of its answers.",
        f"ImageNet: names a bird for a bird, a mammal for a mammal on {share(seen[usual])} of pictures with usual backgrounds, "
        f"on {share(seen[~usual])} with swapped ones; often another kind than the one shown.",
    ]
    return known, card


def changed_by_swapping(table: pd.DataFrame, proba: np.ndarray) -> np.ndarray:
    """bool (pairs,): whether a model answers differently on the two pictures of a pair."""
    return (table.assign(answer=proba.argmax(1)).groupby("pair")["answer"].nunique() == 2).to_numpy()


REPORTS = {"reviews": reviews, "income": income, "animals": animals}

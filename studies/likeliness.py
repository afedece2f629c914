"""How many changed rows of a table are unlike any that there are: a figure of the build, beside what real rows have of it.

New values are drawn column by column (hase_bansal.md A.5), so a husband may come out who never married. Selection takes forms without such
pairs wherever it can (session.py); what is left is told here, and whether it tells turned from kept answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import explainers

from .items import FLIP, SAME, Item
from .materials import Leak

MOST = 0.05  # share of changed rows above which the figure is one to look at
REAL = 2_000  # rows of the test split, evenly spread, that are looked at for comparison
NAMED = 10  # of them, by name
APART = 0.2  # of the shares among turned and among kept answers; half of it is what an AUC is off 0.5


def likeliness(task: explainers.Task, items: Sequence[Item], inputs: Mapping[str, Any], changed: Mapping[str, Any]) -> Leak | None:
    """Over counterfactual items, by their ids; None where there are none, or the task is no table."""
    if task.modality != "tabular" or not changed:
        return None
    found = {name: explainers.unseen_pairs(task, [row], inputs[name])[0] for name, row in changed.items()}
    kinds = {item.id: item.cf_kind for item in items}
    share = {kind: [bool(pairs) for name, pairs in found.items() if kinds[name] == kind] for kind in (SAME, FLIP)}
    odd = [name for name, pairs in found.items() if pairs]
    whole, apart = len(odd) / len(found), abs(float(np.mean(share[FLIP])) - float(np.mean(share[SAME])))
    said = (
        f"{len(odd)} of {len(found)} changed rows ({whole:.0%}) have two values that no training row has together, one of them new: "
        f"{sum(share[FLIP])} of the {len(share[FLIP])} whose answer turns, {sum(share[SAME])} of the {len(share[SAME])} whose answer is kept. Of the "
        f"test rows as they are, {_real(task):.1%} have such a pair."
    )
    if odd:
        told = [f"{name} (“{found[name][0][0]}” with “{found[name][0][1]}”)" for name in odd]
        said += f" They are {', '.join(told[:NAMED])}{f' and {len(told) - NAMED} more' if len(told) > NAMED else ''}."
    return Leak("changed_rows_unseen", whole <= MOST and apart <= APART, said, whole, blocks=False)


def _real(task: explainers.Task) -> float:
    rows = task.instances("test")
    some = [rows[int(i)] for i in np.unique(np.linspace(0, len(rows) - 1, REAL).astype(int))]
    return float(np.mean([bool(pairs) for pairs in explainers.unseen_pairs(task, some)]))

"""Who left where, by arm and stage, and which participants an exclusion rule would flag: neither looks at whether an answer was correct.

The rules, none of which knows an arm or an output of the model (studies.md 3.9):
    early       screens with a least time that were left sooner (plan.LEARN_MS), at least one: the page does not let people do that
    attention   checks of attention failed, at least two, or one where the design has only one
    same_key    share of the most frequent answer among the predictions, more than 0.95, where there are at least 10 (all the same by chance: 1 in
                512); a participant's choices keep their places, so one answer is one key
    too_fast    log of the milliseconds from agreeing to the end, more than 3 standard deviations below the mean of all who completed and were
                never timed out, programs left aside (requirement R5: by total time, not by page)
    own_wish    the answer that one's data should not be used
    late        came back after a time-out or a return
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np

from .. import plan
from ..design import COUNTERFACTUAL, FORWARD, Design
from .rows import Read, Rows, coded

MOST_SAME, LEAST_ANSWERS = 0.95, 10
DEVIATIONS = 3.0
# The columns of those who went no further.
LEFT = ("in_progress", "screened_out", "full", "timed_out", "returned", "technical_failure", "withdrawn")
CONSENTED, ALLOCATED, COMPLETE = "consented", "allocated", "complete"
_NOT_OVER = ("consented", "active")
_BLOCKS = {FORWARD: ["L0", "PRE", "L1", "POST"], COUNTERFACTUAL: ["CI", "CPRE", "CPOST"]}


def exclusions(found: Read, codes: dict[int, str]) -> Rows:
    """One row for each participant with a place and rule."""
    placed = [one for one in found.people if one["arm_id"] is not None]
    failed: Counter[int] = Counter()
    asked: Counter[int] = Counter()
    early: Counter[int] = Counter()
    keys: dict[int, list[str]] = defaultdict(list)
    wishes: dict[int, bool] = {}
    for row in found.steps:
        if row["answer"] is None:
            continue
        early[row["number"]] += row["early"]
        if row["kind"] == plan.ATTENTION:
            asked[row["number"]] += 1
            failed[row["number"]] += row["answer"] != row["correct"]
        elif row["kind"] == plan.PREDICT:
            keys[row["number"]].append(row["answer"])
        elif row["question"] == plan.HONEST:
            wishes[row["number"]] = row["answer"] == "no"
    took = {
        one["number"]: math.log(one["completed_at"] - one["consent_at"]) for one in placed
        if one["completed_at"] is not None and one["completed_at"] > one["consent_at"]  # else the clock was put back
    }  # fmt: skip
    fast = _too_fast([took[one["number"]] for one in placed if one["number"] in took and not one["late"] and not one["is_bot"]])
    most = min(2, found.design.attention)
    rows: Rows = []
    for one in placed:
        n, given = one["number"], keys[one["number"]]
        same = max(Counter(given).values()) / len(given) if len(given) >= LEAST_ANSWERS else None
        if most:
            rows.append(_row(n, "attention", failed[n] if asked[n] else None, most, failed[n] >= most))
        rows.append(_row(n, "early", early[n], 1, early[n] >= 1))
        rows.append(_row(n, "same_key", same, MOST_SAME, same is not None and same > MOST_SAME))
        rows.append(_row(n, "too_fast", took.get(n), fast, n in took and fast is not None and took[n] < fast))
        rows.append(_row(n, "own_wish", wishes.get(n), 1, wishes.get(n, False)))
        rows.append(_row(n, "late", one["late"], 1, bool(one["late"])))
    return coded(rows, codes)


def _row(number: int, rule: str, value: float | None, threshold: float | None, flagged: bool) -> dict[str, object]:
    told = None if value is None else float(value)
    bound = None if threshold is None else float(threshold)
    return {"number": number, "rule": rule, "value": told, "threshold": bound, "flagged": int(flagged)}


def _too_fast(logs: Iterable[float]) -> float | None:
    """Three standard deviations below the mean, in log milliseconds; None where there are too few to have one."""
    values = np.asarray(list(logs), dtype=float)
    return float(values.mean() - DEVIATIONS * values.std(ddof=1)) if len(values) > 1 else None


def stages(design: Design) -> list[str]:
    """Those of one arm, in order."""
    return [
        ALLOCATED,
        *(block for test in (FORWARD, COUNTERFACTUAL) if test in design.tests for block in _BLOCKS[test]),
        plan.END,
        COMPLETE,
    ]


def attrition(found: Read) -> Rows:
    """The flow of people, programs left aside: what a stage reached, less those who left there, reached the next one.

    All arms' allocated are those who passed.
    """
    order = stages(found.design)
    left: Counter[tuple[str, str, str]] = Counter()
    blocks = {(row["number"], row["seq"]): row["block"] for row in found.steps}
    for one in found.people:
        if one["is_bot"]:
            continue
        arm, state = one["arm_id"] or "", one["state"]
        if not arm:
            left["", CONSENTED, "in_progress" if state in _NOT_OVER else state] += 1
        elif state == COMPLETE:
            left[arm, COMPLETE, COMPLETE] += 1
        else:
            left[arm, _stage_of(blocks[one["number"], one["cursor"]], order), "in_progress" if state in _NOT_OVER else state] += 1
    for arm, stage in found.gone:
        left[arm, _stage_of(stage, order) if arm else CONSENTED, "withdrawn"] += 1
    rows: Rows = []
    for arm in found.design.arms:
        reached = sum(n for (where, _, _), n in left.items() if where == arm)
        for stage in order:
            rows.append(_stage(arm, stage, reached, left))
            reached -= sum(left[arm, stage, name] for name in LEFT)
    return [_stage("", CONSENTED, sum(left.values()), left), *rows]


def _stage_of(block: str, order: list[str]) -> str:
    """Who was given a place by `enroll` in the middle of the quiz has one, and goes on from there."""
    return block if block in order else ALLOCATED


def _stage(arm: str, stage: str, reached: int, left: Counter[tuple[str, str, str]]) -> dict[str, int | str | None]:
    here: dict[str, int | str | None] = {name: left[arm, stage, name] for name in LEFT}
    return {"arm": arm or None, "stage": stage, "reached": reached, **here}

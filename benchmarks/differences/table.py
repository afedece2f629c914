"""Means over pairs with 95 % intervals, as one table in plain text and as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy import stats

from .cases import LEVELS

RESAMPLES, LEVEL = 4_000, 0.95
AIMS = {"easy": (0.85, 0.97), "medium": (0.70, 0.90), "hard": (0.50, 0.75), "text": (0.80, 0.95)}  # Acc@1, Acc@5 that issue 6 asks for


def mean(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean, and its 95 % interval by resampling the values (percentile bootstrap)."""
    x = np.asarray(values, dtype=float)
    rng = np.random.default_rng(0)
    means = x[rng.integers(0, len(x), (RESAMPLES, len(x)))].mean(1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(x.mean()), float(low), float(high)


def summary(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line for each level and, below it, for each kind of difference: pairs, acc1, acc5 with low and high."""
    out = []
    for level in LEVELS:
        of = [r for r in records if r["level"] == level]
        if of:
            out.append(_line(level, of) | {"aim": AIMS[level]})
            out += [_line(f"  {kind}", [r for r in of if r["kind"] == kind]) for kind in dict.fromkeys(r["kind"] for r in of)]
    return out


def ablations(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    out = []
    for level in LEVELS:
        of = [r for r in records if r["level"] == level and "ablations" in r]
        if not of:
            continue
        out.append(_line(f"{level}, all parts", of))
        for name in of[0]["ablations"]:
            some = [r["ablations"][name] for r in of if name in r["ablations"]]
            if any(one.get("candidates", 1) for one in some):  # a part for another modality has none
                out.append(_line(f"  {name}", some))
    return out


def purity(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each level and purity; truth: mean AUROC of the planted difference in its own words, over the pairs where a ranker understands them."""
    out = []
    for level in LEVELS:
        of = [r for r in records if r["level"] == level and "purity" in r]
        for share in of[0]["purity"] if of else ():
            some = [r["purity"][share] for r in of]
            known = [one["truth"] for one in some if one["truth"] is not None]
            out.append(
                _line(f"{level}, {float(share):.0%} pure", some) | {"truth": mean(known) if known else None, "understood": len(known)}
            )
    return out


def calibration(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Share of runs on random halves that reported a difference, with Clopper and Pearson's interval."""
    out = []
    for modality in dict.fromkeys(r["calibration"] for r in runs):
        found = [bool(r["found"]) for r in runs if r["calibration"] == modality]
        interval = stats.binomtest(sum(found), len(found)).proportion_ci(LEVEL)
        out.append(
            {"modality": modality, "runs": len(found), "reported": sum(found), "low": float(interval.low), "high": float(interval.high)}
        )
    return out


def text(lines: Iterable[dict[str, Any]]) -> str:
    """One line a row; intervals in brackets."""
    out = [f"{'':36}pairs  Acc@1              Acc@5"]
    for line in lines:
        said = f"{line['name']:36}{line['pairs']:5}  {_shown(line['acc1'])}  {_shown(line['acc5'])}"
        if "aim" in line:
            said += f"  aim {line['aim'][0]:.2f} / {line['aim'][1]:.2f}"
        if line.get("truth") is not None:
            said += f"  planted words: AUROC {_shown(line['truth'])} on {line['understood']}"
        out.append(said)
    return "\n".join(out)


def failures(records: Sequence[dict[str, Any]]) -> str:
    """Pairs whose first candidate is not wholly right: what was planted, what came first."""
    out = []
    for r in records:
        if r["acc1"] == 1:
            continue
        truth = "not understood by any ranker" if r["truth"] is None else f"AUROC {r['truth']:.2f} in its own words"
        where = f"right one proposed at place {r['right at']}" if r["right at"] else "right one not proposed"
        out.append(f"{r['case']} (seed {r['seed']}): planted “{r['planted']}”, {truth}, {where}; Acc@1 {r['acc1']}, Acc@5 {r['acc5']}")
        out += [
            f"    {c['score']} {c['how']:8} {c['auroc']:.2f}  {c['description']}  [{c['proposer']} > {c['ranker']}]" for c in r["first"]
        ]
        if not r["first"]:
            out.append("    nothing proposed")
    return "\n".join(out) + "\n"


def _line(name: str, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "pairs": len(records), "acc1": mean([r["acc1"] for r in records]), "acc5": mean([r["acc5"] for r in records])}


def _shown(value: tuple[float, float, float]) -> str:
    return f"{value[0]:.2f} [{value[1]:.2f}, {value[2]:.2f}]"

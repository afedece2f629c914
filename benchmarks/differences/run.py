"""One pair of the benchmark: what is found, how the judge scores it, what is left without one part, and what is left as the sets are mixed.

Proposers and rankers are those that the library lists; a part is left out by listing fewer for the time of a run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from explainers import difference, explain_difference
from explainers.differences.proposers import all_proposers
from explainers.differences.rankers import all_rankers

from .cases import Case, truths
from .judge import Judge
from .pictures import Side, picture_sets
from .texts import Source, text_sets

FIRST = 5  # candidates of which the best counts for Acc@5
PURITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
RUNS, POOL = 200, 80  # of random halves for each modality; items that are halved
REPOSITORY = Path(__file__).resolve().parents[2]


def run_pair(case: Case, seed: int, judge: Judge, quick: bool = False, ablations: bool = False, purity: bool = False) -> dict[str, Any]:
    """A record for the work file: case, seed, what was planted, the first candidates with their scores, Acc@1 and Acc@5, and by name those of
    each ablation; by purity Acc@1, Acc@5 and the AUROC of the planted difference in its own words (None where no ranker understands them)."""
    a, b = case.sets(seed, quick)
    with proposed() as said:
        found = explain_difference(a, b, case.modality, seed=seed)
    first = [_judged(c.description, case, judge) | _evidence(c) for c in found.payload.candidates[:FIRST]]
    record = {
        "case": case.name,
        "seed": seed,
        "level": case.level,
        "kind": case.kind,
        "planted": truths()[case.truth_a].says,
        "items": [len(a), len(b)],
    }
    record |= {
        "first": first,
        "found": len(found.payload.found),
        "truth": truth_auroc(case, a, b),
        "seconds": found.cost.seconds,
        **_accuracy(first),
    }
    ordered = [_judged(text, case, judge) for text in said]
    record["right at"] = next(
        (i + 1 for i, one in enumerate(ordered) if one["score"] == 1), None
    )  # among what was proposed, before ranking
    if ablations:
        record["ablations"] = {"no ranker": _accuracy(ordered[:FIRST]), **_alone(case, seed, a, b, judge)}
    if purity:
        record["purity"] = {str(p): _at_purity(case, seed, a, b, p, judge) for p in PURITIES}
    return record


def truth_auroc(case: Case, a: Sequence[Any], b: Sequence[Any]) -> float | None:
    """AUROC of the planted difference as one would say it."""
    found = explain_difference(a, b, case.modality, descriptions=[truths()[case.truth_a].says], propose=False).payload.candidates
    return found[0].score if found else None


def mixed(a: Sequence[Any], b: Sequence[Any], purity: float, rng: np.random.Generator) -> tuple[list[Any], list[Any]]:
    """Both sets with as many items swapped between them: none at purity 1, half of the smaller set at 0 (the paper, section 5)."""
    n = round((1 - purity) / 2 * min(len(a), len(b)))
    from_a, from_b = (set(rng.choice(len(items), n, replace=False).tolist()) for items in (a, b))
    kept = [[x for i, x in enumerate(items) if i not in gone] for items, gone in ((a, from_a), (b, from_b))]
    return kept[0] + [b[i] for i in sorted(from_b)], kept[1] + [a[i] for i in sorted(from_a)]


@contextmanager
def only(proposers: str | None = None, rankers: str | None = None) -> Iterator[None]:
    """Within it the library has the proposers, the rankers of one name alone."""
    some_proposers = [p for p in all_proposers() if proposers in (None, p.name)]
    some_rankers = [r for r in all_rankers() if rankers in (None, r.name)]
    with patch.object(difference, "all_proposers", lambda: some_proposers), patch.object(difference, "all_rankers", lambda: some_rankers):
        yield


@contextmanager
def proposed() -> Iterator[list[str]]:
    """Within it the list fills with the descriptions proposed, in their order before ranking."""
    said: list[str] = []
    plain = difference._distinct

    def listened(proposals: list[Any]) -> list[Any]:
        out = plain(proposals)
        said.extend(p.description for p in out)
        return out

    with patch.object(difference, "_distinct", listened):
        yield said


def calibration_run(modality: str, run: int) -> dict[str, Any]:
    """Random halves of one set: was any difference reported?"""
    rng = np.random.default_rng([7, run])
    pool = _pool(modality)
    order = rng.permutation(len(pool))
    half = len(pool) // 2
    found = explain_difference([pool[i] for i in order[:half]], [pool[i] for i in order[half:]], modality, seed=run)
    return {"calibration": modality, "run": run, "found": [c.description for c in found.payload.found]}


_POOLS: dict[str, list[Any]] = {}


def _pool(modality: str) -> list[Any]:
    if modality not in _POOLS:
        rng = np.random.default_rng(7)
        if modality == "image":
            _POOLS[modality] = picture_sets(Side("animal fruit vehicle"), Side("animal"), POOL, rng)[0]
        else:
            _POOLS[modality] = text_sets(Source(), Source(), POOL, rng)[0]
    return _POOLS[modality]


@dataclass
class Work:
    """Records kept line by line in a file: a run that is killed goes on where it was. Records made by other code are left alone and not used."""

    path: Path

    def __post_init__(self) -> None:
        self.version = version()
        self._known: dict[str, dict[str, Any]] = {}
        if self.path.is_file():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except ValueError:
                    continue  # the last line of a run that was killed
                if row.get("version") == self.version:
                    self._known[row["key"]] = row["record"]

    def get(self, key: str) -> dict[str, Any] | None:
        return self._known.get(key)

    def put(self, key: str, record: dict[str, Any]) -> None:
        self._known[key] = record
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"version": self.version, "key": key, "record": record}))


def version() -> str:
    """sha256 of the code whose results these are."""
    folders = [REPOSITORY / "explainers" / "differences", REPOSITORY / "benchmarks" / "differences"]
    files = sorted(f for folder in folders for f in folder.rglob("*") if f.suffix in (".py", ".toml", ".csv", ".json", ".safetensors"))
    digest = hashlib.sha256()
    for file in [REPOSITORY / "explainers" / "difference.py", *files]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _alone(case: Case, seed: int, a: Sequence[Any], b: Sequence[Any], judge: Judge) -> dict[str, Any]:
    out = {}
    parts = [(f"{p.name} alone proposes", {"proposers": p.name}) for p in all_proposers()]
    parts += [(f"{name} alone ranks", {"rankers": name}) for name in dict.fromkeys(r.name for r in all_rankers())]
    for name, part in parts:
        with only(**part):
            candidates = explain_difference(a, b, case.modality, seed=seed).payload.candidates
        out[name] = _accuracy([_judged(c.description, case, judge) for c in candidates[:FIRST]]) | {"candidates": len(candidates)}
    return out


def _at_purity(case: Case, seed: int, a: Sequence[Any], b: Sequence[Any], purity: float, judge: Judge) -> dict[str, Any]:
    mixed_a, mixed_b = mixed(a, b, purity, np.random.default_rng([seed, round(100 * purity)]))
    candidates = explain_difference(mixed_a, mixed_b, case.modality, seed=seed).payload.candidates
    return _accuracy([_judged(c.description, case, judge) for c in candidates[:FIRST]]) | {"truth": truth_auroc(case, mixed_a, mixed_b)}


def _judged(description: str, case: Case, judge: Judge) -> dict[str, Any]:
    verdict = judge(description, truths()[case.truth_a], truths()[case.truth_b])
    return {"description": description, "score": verdict.score, "how": verdict.how}


def _evidence(candidate: Any) -> dict[str, Any]:
    return {"auroc": round(candidate.score, 3), "q": candidate.q, "proposer": candidate.proposer, "ranker": candidate.ranker}


def _accuracy(first: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The paper's: the score of the first, the best of the first five."""
    scores = [one["score"] for one in first[:FIRST]]
    return {"acc1": scores[0] if scores else 0.0, "acc5": max(scores, default=0.0)}

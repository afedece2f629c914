"""python -m benchmarks.differences: see the package's docstring."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from explainers.models.sentences import sentence_encoder

from . import table
from .cases import LEVELS, Case, all_cases
from .judge import Judge, accuracy, judge, remembering
from .run import RUNS, Work, calibration_run, run_pair

EVERY = 3  # of the pairs that --quick takes
HALVES = {"tune": 0, "report": 1}  # seeds with this remainder by 2


def main(arguments: list[str] | None = None) -> None:
    options = _parsed(arguments)
    work = Work(options.work)
    embed = remembering(sentence_encoder().embed)
    jury = judge(embed)
    how_well = accuracy(embed)
    pairs = _pairs(options)
    records, runs = [], []
    try:
        records = _records(pairs, options, work, jury)
        runs = _calibrated(options, work)
    except KeyboardInterrupt:
        print("stopped: what was done is kept; the same command goes on from there", file=sys.stderr)
        records = [r for case, seed in pairs if (r := work.get(_key(case, seed, options))) is not None]
    said = {
        "half": options.half, "quick": options.quick, "judge": vars(how_well) | {"cuts": vars(jury.cuts)}, "pairs": table.summary(records),
        "ablations": table.ablations(records), "purity": table.purity(records), "calibration": table.calibration(runs), "records": records,
    }  # fmt: skip
    print(_report(said))
    if options.json:
        options.json.write_text(json.dumps(said, indent=1), encoding="utf-8")
    if options.failures:
        options.failures.write_text(table.failures(records), encoding="utf-8")


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.differences", description="How often the planted difference between two sets is found."
    )
    parser.add_argument("--half", choices=[*HALVES], default="report", help="which seeds: those to tune on or those to report")
    parser.add_argument("--seeds", type=int, default=1, help="how many of that half's seeds")
    parser.add_argument("--quick", action="store_true", help="30 items a set and every third pair")
    parser.add_argument("--level", choices=LEVELS, action="append", help="only this level; may be repeated")
    parser.add_argument("--modality", choices=["image", "text"])
    parser.add_argument("--only", default="", help="only pairs whose name holds this")
    parser.add_argument("--ablations", action="store_true", help="also without rankers, with each proposer alone, with each ranker alone")
    parser.add_argument("--purity", action="store_true", help="also with items swapped between the sets")
    parser.add_argument("--calibration", action="store_true", help=f"also {RUNS} runs on random halves of one set")
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "foretell-differences.jsonl", help="where results are kept"
    )
    parser.add_argument("--json", type=Path, help="write the numbers and every pair's record here")
    parser.add_argument("--failures", type=Path, help="write here what came first where the planted difference did not")
    return parser.parse_args(arguments)


def _pairs(options: argparse.Namespace) -> list[tuple[Case, int]]:
    cases = [
        c for c in all_cases() if c.level in (options.level or LEVELS) and options.modality in (None, c.modality) and options.only in c.name
    ]
    if options.quick:
        cases = cases[::EVERY]
    return [(case, HALVES[options.half] + 2 * i) for i in range(options.seeds) for case in cases]


def _key(case: Case, seed: int, options: argparse.Namespace) -> str:
    return f"{case.name} {seed} {options.quick} {options.ablations} {options.purity}"


def _records(pairs: list[tuple[Case, int]], options: argparse.Namespace, work: Work, jury: Judge) -> list[dict[str, Any]]:
    out = []
    missing = sum(work.get(_key(case, seed, options)) is None for case, seed in pairs)
    started, done = time.monotonic(), 0
    for case, seed in pairs:
        key = _key(case, seed, options)
        record = work.get(key)
        if record is None:
            record = run_pair(case, seed, jury, options.quick, options.ablations, options.purity)
            work.put(key, record)
            done += 1
            left = (time.monotonic() - started) / done * (missing - done)
            print(f"{done} of {missing}, {record['acc1']} {case.name}, about {left / 60:.0f} min left", file=sys.stderr, flush=True)
        out.append(record)
    return out


def _calibrated(options: argparse.Namespace, work: Work) -> list[dict[str, Any]]:
    out = []
    for modality in ("image", "text") if options.calibration else ():
        if options.modality not in (None, modality):
            continue
        for run in range(RUNS):
            key = f"calibration {modality} {run}"
            record = work.get(key)
            if record is None:
                record = calibration_run(modality, run)
                work.put(key, record)
            out.append(record)
    return out


def _report(said: dict[str, Any]) -> str:
    judged = said["judge"]
    out = [
        f"The judge: {judged['both']:.2f} of {judged['pairs']} hand-labelled pairs scored as by hand (cross-validated; by embeddings alone "
        f"{judged['near']:.2f}, always 0 {judged['always_0']:.2f}), mean error {judged['error']:.2f}; cosine cuts "
        f"{judged['cuts']['whole']:.3f} and {judged['cuts']['half']:.3f}, margin {judged['cuts']['margin']:.2f}.",
        f"Half: {said['half']}{', quick' if said['quick'] else ''}. Means over pairs with 95 % intervals.",
        table.text(said["pairs"]),
    ]
    for title, name in (("Ablations", "ablations"), ("Purity", "purity")):
        if said[name]:
            out += ["", f"{title}:", table.text(said[name])]
    for line in said["calibration"]:
        share = f"{line['reported']} of {line['runs']} runs report a difference [{line['low']:.3f}, {line['high']:.3f}]"
        out.append(f"Random halves, {line['modality']}: {share}")
    return "\n".join(out)


if __name__ == "__main__":
    main()

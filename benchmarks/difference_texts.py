"""10,000 texts against 10,000: killed in mid-way, then run again from what was kept. Peak memory, and how many texts were read twice.

    python -m benchmarks.difference_texts [--texts 10000] [--kill-at 0.5]

A first process looks for differences with a folder for its embeddings (`cache=`) and is killed, without warning, once it has read
`--kill-at` of the half that is tested on; a second does the same with the same folder and ends. Each notes which texts it hands to
MiniLM. Printed: how many had been read at the kill, how many the two read together, how many of them twice; peak memory before and
after; what was found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import explainers
from explainers.models.sentences import sentence_encoder

OWN = "about cooking"  # typed by hand, so that the embeddings of all texts are needed
DISH = ("the soup was seasoned with garlic and butter", "she baked bread in the oven", "a recipe for roast chicken with onions")
PLANTED = 0.3  # share of the texts of A with a dish
POLL = 0.05  # seconds between two looks at the first process


def texts(count: int, dishes: float, seed: int) -> list[str]:
    """A fragment of a bundled review each, a sentence about a dish before a share of them; no two alike."""
    rng = np.random.default_rng(seed)
    reviews = explainers.load_task("reviews").instances("train")
    out = []
    for _ in range(count):
        words = reviews[int(rng.integers(len(reviews)))].split()
        start = int(rng.integers(max(1, len(words) - 10)))
        dish = f"{DISH[int(rng.integers(len(DISH)))]}, " if rng.random() < dishes else ""
        out.append(f"{dish}{' '.join(words[start : start + 10])} {rng.integers(10**9)}")
    return out


def work(count: int, folder: Path) -> None:
    """One process: notes what it asks, says how far it is, prints one line of JSON at its end."""
    encoder = sentence_encoder()
    plain = encoder.embed
    a, b = texts(count, PLANTED, 1), texts(count, 0.0, 2)
    given = {*a, *b}

    def noted(batch: Sequence[str]) -> np.ndarray:
        with (folder / "asked.txt").open("a") as file:
            for text in batch:
                if text in given:  # no description, topic or text with something cut out of it
                    file.write(hashlib.blake2b(text.encode(), digest_size=8).hexdigest() + "\n")
        return plain(batch)

    encoder.embed = noted  # type: ignore[method-assign]
    plain(a[:64])  # its own memory, once
    before, told = peak(), []
    d = explainers.explain_difference(
        a, b, "text", descriptions=[OWN], cache=str(folder / "kept"), on_progress=lambda fraction, left: told.append(fraction)
    )
    best = d.payload.candidates[0]
    said = {
        "status": d.status, "before": before, "after": peak(), "backwards": told != sorted(told), "told": len(told),
        "best": best.description, "score": best.score, "seconds": d.cost.seconds,
    }  # fmt: skip
    print(json.dumps(said), flush=True)


def peak() -> float:
    """Megabytes of memory this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def asked(folder: Path) -> list[str]:
    """A hash for each text handed to MiniLM, in order."""
    file = folder / "asked.txt"
    return file.read_text().split() if file.exists() else []


def run(count: int, kill_at: float) -> dict[str, Any]:
    """Both processes: what is printed, by name."""
    with tempfile.TemporaryDirectory(prefix="foretell-texts-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", __spec__.name if __name__ != "__main__" else "benchmarks.difference_texts", "--texts", str(count)]
        started = time.monotonic()
        with subprocess.Popen([*command, "--worker", name], stdout=subprocess.PIPE) as first:
            while first.poll() is None and len(asked(folder)) < kill_at * count:
                time.sleep(POLL)
            killed = first.poll() is None
            first.kill()
        at_kill = len(asked(folder))
        ended = subprocess.run([*command, "--worker", name], stdout=subprocess.PIPE, check=True, text=True)
        said = json.loads(ended.stdout.splitlines()[-1])
        both = asked(folder)
        kept = (folder / "kept" / "embeddings.sqlite").stat().st_size / 1e6
        return {**said, "killed": killed, "at_kill": at_kill, "read": len(set(both)), "twice": len(both) - len(set(both)), "megabytes_on_disk": kept,
                "wall": time.monotonic() - started}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=10_000, help="of each set")
    parser.add_argument("--kill-at", type=float, default=0.5, help="share of one set's size after which the first process is killed")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.texts, options.worker)
        return
    said = run(options.texts, options.kill_at)
    print(f"{options.texts:,} texts against {options.texts:,}")
    print(f"killed: {said['killed']}; MiniLM had been handed {said['at_kill']:,} texts by then")
    print(f"read over both runs: {said['read']:,} different texts (one half is for proposing, where a sample is read)")
    print(f"read twice: {said['twice']:,} texts; progress went back: {said['backwards']}, told {said['told']:,} times")
    print(f"peak memory of the second: {said['after']:.0f} MB, of which {said['before']:.0f} MB before it began (Python, torch, model)")
    print(f"embeddings on disk: {said['megabytes_on_disk']:.0f} MB")
    print(f"{said['status']}: first of the ranking is “{said['best']}”, AUROC {said['score']:.2f}")
    print(f"{said['wall']:.0f} s in all, by the clock")


if __name__ == "__main__":
    main()

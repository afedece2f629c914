"""How often ordinary words of a test text stand in another text by chance: what `studies.said.quotes` would call a quote and is none.

    python -m benchmarks.quotes [--task reviews]

Of each length of a run of words: pairs of a test and a training text (what prototypes show) that have one in common, and test texts that have one
in common with any other test text (of two, one can be a learning item). And test texts of few words that stand whole in a training text.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import explainers
from studies.said import LEAST, RUN, runs, words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", default="reviews", help="a task of texts")
    task = explainers.load_task(parser.parse_args().task)
    test, train = ([words(text) for text in task.instances(split)] for split in ("test", "train"))
    print(f"{len(test):,} test and {len(train):,} training texts, {len(test) * len(train):,} pairs; the rule: {RUN} words in a row")
    for size in range(LEAST, RUN + 4):
        pairs = {(i, j) for i, some in with_runs(test, train, size) for j in some}
        others = [i for i, some in with_runs(test, test, size) if some - {i}]
        shared = f"{len(pairs):,} pairs, of {len({i for i, _ in pairs}):,} test texts"
        print(f"{size:2d} words in a row in common: {shared}; with another test text: {len(others):,}")
    for size in range(1, RUN):
        short = [text for text in test if len(text) == size]
        stand = sum(bool(some) for _, some in with_runs(short, train, size))
        print(f"{size:2d} words in all: {len(short)} test texts, of which {stand} stand whole in a training text")


def with_runs(texts: list[tuple[str, ...]], others: list[tuple[str, ...]], size: int) -> list[tuple[int, set[int]]]:
    """(i, places of the others that have a run of so many words of text i)"""
    holders: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for j, other in enumerate(others):
        for run in runs(other, size):
            holders[run].add(j)
    return [(i, set().union(*(holders[run] for run in runs(text, size) if run in holders))) for i, text in enumerate(texts)]


if __name__ == "__main__":
    main()

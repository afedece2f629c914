"""Which items a study shows: equal cells, disjoint sets, nothing of a learning item in a test item. Pure: asks no model, reads no file.

The scheme is that of Hase and Bansal (ACL 2020; studies.md 3.5). Cells are gold label x the model's answer (of two classes), or the model's
answer x right or wrong (of more), and every set takes as many items from each cell: whoever answers the gold label, or always the same class,
is right on half of them. Every random choice comes from `numpy.random.PCG64` with a seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .items import COUNTERFACTUAL, FORWARD, LEARN, SETS

TRIES = 60  # orders tried before a cell counts as short
SPLITS = 1_000  # splits into two forms of which the best balanced is kept (studies.md 3.5.5)
BALANCED = 0.1  # standardised mean difference between forms below which they count as alike
RIGHT, WRONG = "right", "wrong"


@dataclass(frozen=True)
class Candidate:
    """An input that could become an item.

    row      in the task's test split
    stratum  its cell
    margin   probability of the model's answer minus that of the next best, 0 to 1
    length   words of a text; 0 of tables and pictures
    groups   names of what it has in common with others; two inputs that share one are never in learning and test
    proba    of each class, by the model
    """

    row: int
    sha256: str
    gold: int
    output: int
    stratum: str
    margin: float = 0.0
    length: int = 0
    groups: frozenset[str] = frozenset()
    proba: tuple[float, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """Items that each cell gives to each set. `forms`: 2 where forms are crossed, and tests then need twice as many."""

    learn: int
    forward: int
    counterfactual: int
    cells: int
    forms: int = 1

    def of(self, name: str) -> int:
        return self.learn if name == LEARN else self.forms * (self.forward if name == FORWARD else self.counterfactual)

    @property
    def told(self) -> str:
        """As a design says it."""
        return ", ".join(f"{name} = {getattr(self, name) * self.cells}" for name in SETS if getattr(self, name))


Drawn = dict[str, dict[str, list[Candidate]]]  # set -> cell -> items


def cells_of(classes: int) -> list[str]:
    """Names of the cells: "0/1" is gold 0, answer 1; of more than two classes "2/wrong" is answer 2, which is wrong."""
    if classes == 2:
        return ["0/0", "0/1", "1/0", "1/1"]
    return [f"{output}/{kind}" for output in range(classes) for kind in (RIGHT, WRONG)]


def cell_of(gold: int, output: int, classes: int) -> str:
    return f"{gold}/{output}" if classes == 2 else f"{output}/{RIGHT if gold == output else WRONG}"


def sizes_of(learn: int, forward: int, counterfactual: int, classes: int, forms: int = 1) -> Sizes:
    """Per cell. Raises ValueError with one sentence where items cannot be shared out evenly; 0 items: that test is not in the study."""
    cells = len(cells_of(classes))
    for name, count, unit in ((LEARN, learn, cells), (FORWARD, forward, cells), (COUNTERFACTUAL, counterfactual, 2 * cells)):
        if count % unit:
            least, halves = max(unit, count // unit * unit), " and in each cell half must keep the answer" if unit > cells else ""
            other = f"{least} or {count // unit * unit + unit}" if count > unit else str(unit)
            raise ValueError(
                f"{name} is {count}, but a study of {classes} classes takes as many items from each of {cells} cells{halves}: use {other}."
            )
    return Sizes(learn // cells, forward // cells, counterfactual // cells, cells, forms)


def draw(
    pool: Sequence[Candidate], sizes: Sizes, cells: Sequence[str], seed: int, unfit: Mapping[str, set[int]] | None = None,
    names: Sequence[str] = (),
) -> Drawn:  # fmt: skip
    """Disjoint sets with equal cells, the same at every call. unfit: set -> rows that it cannot take; names: of the classes, for the error.

    Forward items come first in the order and are never replaced; so an item found unfit shifts only those behind it.
    Raises ValueError with the largest balanced design where a cell is short.
    """
    unfit = unfit or {}
    found = _tried(pool, sizes, cells, seed, unfit, TRIES)
    if found is None:
        raise ValueError(_short(pool, sizes, cells, seed, unfit, names))
    return found


def reserve(pool: Sequence[Candidate], drawn: Drawn, cells: Sequence[str], seed: int, share: float) -> list[Candidate]:
    """Who would come next where learning or counterfactual items drop out: of each cell, `share` of what it gives to the two."""
    taken = {c.row for by_cell in drawn.values() for some in by_cell.values() for c in some}
    out = []
    for cell, order in _orders(pool, cells, seed, 0).items():
        more = int(np.ceil(share * sum(len(drawn[name][cell]) for name in (LEARN, COUNTERFACTUAL))))
        out += [c for c in order if c.row not in taken][:more]
    return out


def _tried(
    pool: Sequence[Candidate], sizes: Sizes, cells: Sequence[str], seed: int, unfit: Mapping[str, set[int]], tries: int
) -> Drawn | None:
    for attempt in range(tries):
        orders = _orders(pool, cells, seed, max(attempt - 1, 0))
        # The second try has the first one's order, but gives what a test cannot use to the sets that can; later ones, a new order each.
        # From a third on learning items are gathered in few groups, so that many inputs are left for the tests.
        found = _once(orders, sizes, unfit, thrifty=attempt > 0, gather=attempt > tries // 3)
        if found is not None:
            return found
    return None


def _orders(pool: Sequence[Candidate], cells: Sequence[str], seed: int, attempt: int) -> dict[str, list[Candidate]]:
    rng = np.random.Generator(np.random.PCG64([seed, attempt]))
    by_cell: dict[str, list[Candidate]] = {cell: [] for cell in cells}
    for candidate in sorted(pool, key=lambda c: c.row):
        by_cell[candidate.stratum].append(candidate)
    return {cell: [some[i] for i in rng.permutation(len(some))] for cell, some in by_cell.items()}


def _once(orders: Mapping[str, list[Candidate]], sizes: Sizes, unfit: Mapping[str, set[int]], thrifty: bool, gather: bool) -> Drawn | None:
    """One order's sets, or None where a cell is short."""
    no = {name: unfit.get(name, set()) for name in SETS}
    if thrifty:
        orders = {cell: sorted(order, key=lambda c: c.row not in no[COUNTERFACTUAL]) for cell, order in orders.items()}
    drawn: Drawn = {name: {} for name in SETS}
    taken: set[int] = set()
    learnt: set[str] = set()

    def take(name: str, avoid: set[str]) -> bool:
        for cell, order in orders.items():
            fit = (c for c in order if c.row not in taken and c.row not in no[name] and not c.groups & avoid)
            drawn[name][cell] = [c for c, _ in zip(fit, range(sizes.of(name)), strict=False)]
            taken.update(c.row for c in drawn[name][cell])
        return all(len(some) == sizes.of(name) for some in drawn[name].values())

    if gather:
        drawn[LEARN] = _gathered(orders, sizes.learn, no[LEARN])
        taken.update(c.row for some in drawn[LEARN].values() for c in some)
        learnt = _groups(drawn[LEARN])
        good = all(len(some) == sizes.learn for some in drawn[LEARN].values()) and take(FORWARD, learnt)
    else:
        good = take(FORWARD, set()) and take(LEARN, _groups(drawn[FORWARD]))
        learnt = _groups(drawn[LEARN])
    return drawn if good and take(COUNTERFACTUAL, learnt) else None


def _gathered(orders: Mapping[str, list[Candidate]], each: int, no: set[int]) -> dict[str, list[Candidate]]:
    """Learning items that have much in common: each next one adds a group that shuts out as few others as can be, in proportion to cells."""
    holds: dict[str, dict[str, int]] = {}
    for cell, order in orders.items():
        for c in order:
            for name in c.groups:
                holds.setdefault(name, dict.fromkeys(orders, 0))[cell] += 1
    price = {name: sum(n / max(len(orders[cell]), 1) for cell, n in by_cell.items()) for name, by_cell in holds.items()}
    out: dict[str, list[Candidate]] = {cell: [] for cell in orders}
    known: set[str] = set()
    for _ in range(each):
        for cell in sorted(orders, key=lambda c: len(orders[c])):  # scarce cells choose first
            left = [c for c in orders[cell] if c not in out[cell] and c.row not in no]
            if left:
                best = min(left, key=lambda c: sum(price[name] for name in c.groups - known))
                out[cell].append(best)
                known |= best.groups
    return out


def _groups(by_cell: Mapping[str, Iterable[Candidate]]) -> set[str]:
    return {name for some in by_cell.values() for c in some for name in c.groups}


def largest(pool: Sequence[Candidate], sizes: Sizes, cells: Sequence[str], seed: int, unfit: Mapping[str, set[int]]) -> Sizes | None:
    """The largest balanced sizes not above those wanted, first in their proportions, then each set in turn; None where there is none."""

    def can(some: Sizes) -> bool:
        counts = {cell: sum(c.stratum == cell for c in pool) for cell in cells}
        return (
            sum(some.of(name) for name in SETS) <= min(counts.values()) and _tried(pool, some, cells, seed, unfit, TRIES // 4) is not None
        )

    steps = max(sizes.learn, sizes.forward, sizes.counterfactual // 2)
    best = None
    for step in range(steps, 0, -1):
        scaled = {
            name: min(getattr(sizes, name), max(unit, getattr(sizes, name) * step // steps // unit * unit)) for name, unit in _UNITS.items()
        }
        if can(some := replace(sizes, **scaled)):
            best = some
            break
    if best is None:
        return None
    grown = True
    while grown:
        grown = False
        for name, unit in _UNITS.items():
            more = replace(best, **{name: getattr(best, name) + unit})
            if getattr(more, name) <= getattr(sizes, name) and can(more):
                best, grown = more, True
    return best


_UNITS = {FORWARD: 1, COUNTERFACTUAL: 2, LEARN: 1}  # a cell's counterfactual items are half same, half flipped


def _short(
    pool: Sequence[Candidate], sizes: Sizes, cells: Sequence[str], seed: int, unfit: Mapping[str, set[int]], names: Sequence[str]
) -> str:
    usable = {cell: sum(c.stratum == cell and c.row not in unfit.get(LEARN, set()) for c in pool) for cell in cells}
    scarce = min(usable, key=lambda cell: usable[cell])
    needed = sum(sizes.of(name) for name in SETS)
    why = f"{cell_in_words(scarce, names)} there are {usable[scarce]} inputs that can be used, and each cell has to give {needed}"
    if usable[scarce] >= needed and any(c.groups for c in pool):
        why += "; besides, test items may have nothing in common with learning items"
    if sizes.counterfactual and unfit.get(COUNTERFACTUAL):
        why += "; counterfactual items need a changed form that keeps the answer and one that turns it, which not all have"
    best = largest(pool, sizes, cells, seed, unfit)
    if best is None:
        return f"This study cannot be built: {why}. Not even the smallest balanced study can be had: give more test data, or another model."
    looked = ", as far as inputs were tried" if any(unfit.values()) else ""
    return f"This study cannot be built: {why}. The largest balanced design: {best.told} can be had{looked}."


def cell_in_words(cell: str, names: Sequence[str] = ()) -> str:
    """names: of the classes; else by number."""
    first, second = cell.split("/")

    def called(index: str) -> str:
        return f"“{names[int(index)]}”" if names else f"class {index}"

    if second in (RIGHT, WRONG):
        return f"Where the system answers {called(first)} and is {second},"
    return f"Where the right answer is {called(first)} and the system answers {called(second)},"


# --- forms, kinds and edits -------------------------------------------------------------------------------------------


def split_forms(by_cell: Mapping[str, Sequence[Candidate]], seed: int) -> tuple[dict[str, bool], float]:
    """Two forms of equal make-up: sha256 -> whether in B, half of each cell; and the largest |standardised mean difference| that is left.

    Of `SPLITS` random splits the one whose forms are most alike in margin and length is kept.
    """
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    items = [c for some in by_cell.values() for c in some]
    if not items:
        return {}, 0.0
    base = np.concatenate([np.arange(len(some)) % 2 == 1 for some in by_cell.values()])
    ends = np.cumsum([len(some) for some in by_cell.values()])
    splits = np.tile(base, (SPLITS, 1))
    for start, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
        splits[:, start:end] = rng.permuted(splits[:, start:end], axis=1)
    values = np.array([[c.margin, c.length] for c in items], dtype=np.float64)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    share = splits.mean(axis=1, keepdims=True)
    apart = np.abs(splits @ scaled / np.maximum(share, 1e-9) - ~splits @ scaled / np.maximum(1 - share, 1e-9)).max(axis=1) / len(items)
    best = int(apart.argmin())
    return {c.sha256: bool(b) for c, b in zip(items, splits[best], strict=True)}, float(apart[best])


def split_kinds(cells: Sequence[str], seed: int) -> np.ndarray:
    """Which counterfactual items get a changed form that turns the answer: bool (n,), half of each cell, at random. cells: each item's."""
    rng = np.random.Generator(np.random.PCG64([seed, 2]))
    flips = np.zeros(len(cells), dtype=bool)
    for cell in sorted(set(cells)):
        rows = np.flatnonzero([c == cell for c in cells])
        if len(rows) % 2:
            raise ValueError("A cell has an odd number of counterfactual items, so it has no halves.")
        flips[rng.permutation(rows)[: len(rows) // 2]] = True
    return flips


def match_edits(options: Sequence[Sequence[int]], flips: np.ndarray, seed: int) -> list[int]:
    """How many edits each counterfactual item gets, so that the number does not tell same from flipped.

    options: for each item the numbers of edits that its forms of its kind have. Same and flipped items are paired, each pair as close in
    edits as it can be (an assignment problem), so equal wherever a pair has a number in common.
    """
    from scipy.optimize import linear_sum_assignment

    rng = np.random.Generator(np.random.PCG64([seed, 3]))
    same, flipped = np.flatnonzero(~flips).tolist(), np.flatnonzero(flips).tolist()
    apart = np.array([[min(abs(a - b) for a in options[s] for b in options[f]) for f in flipped] for s in same], dtype=np.float64)
    rows, columns = linear_sum_assignment(apart + rng.random(apart.shape) * 1e-6)
    out = [0] * len(options)
    for s, f in zip([same[i] for i in rows], [flipped[j] for j in columns], strict=True):
        least = min(abs(a - b) for a in options[s] for b in options[f])
        pairs = sorted({(a, b) for a in options[s] for b in options[f] if abs(a - b) == least})
        out[s], out[f] = pairs[int(rng.integers(len(pairs)))]
    return out


def one_each(options: Sequence[Sequence[str]]) -> list[str | None]:
    """One of each item's options such that none is chosen twice: for as many items as can be, each as early in its options as can be (an
    assignment problem). None for an item that is left without."""
    from scipy.optimize import linear_sum_assignment

    every = {name: i for i, name in enumerate(sorted({name for some in options for name in some}))}
    none = 1.0 + sum(map(len, options))  # dearer than any choice, so that nobody goes without for another's convenience
    cost = np.full((len(options), len(every) + len(options)), none)
    for row, some in zip(cost, options, strict=True):
        for place, name in enumerate(some):
            row[every[name]] = min(row[every[name]], place)
    names = list(every)
    _, columns = linear_sum_assignment(cost)
    return [names[column] if column < len(names) and names[column] in some else None for column, some in zip(columns, options, strict=True)]


def edit_auc(edits: Sequence[int], flips: Sequence[bool] | np.ndarray) -> float:
    """Chance that a flipped item has more edits than one that keeps its answer, ties counted half: 0.5 = edits tell nothing."""
    counts, kinds = np.asarray(edits), np.asarray(flips, dtype=bool)
    apart = counts[kinds][:, None] - counts[~kinds][None, :]
    return float((apart > 0).mean() + (apart == 0).mean() / 2)

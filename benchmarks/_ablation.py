"""What each part of the variance reduction buys, at the same number of samples: added one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import _ablation_images as ablation_images
from benchmarks._measure import TOP, Run, jaccard, long_reference, ours, weight_error
from benchmarks._speed import TABLE_ROWS, TEXTS
from benchmarks._stability import ROWS, cancer
from explainers import load_task, stand_in, surrogate
from explainers.models.tables import CodedTable
from explainers.neighbourhoods import designs, tables, texts
from explainers.neighbourhoods.texts import KERNEL_WIDTH, with_original
from explainers.parts import WORDS, TextParts
from explainers.tasks import Task

if TYPE_CHECKING:
    from benchmarks.lime import Options

TOTAL = 5000  # what the ridge is scaled to
Draw = Callable[[int, int, np.random.Generator], tuple[np.ndarray, np.ndarray]]  # (n, d, rng) -> keep (n, d), factor (n,)


def reference_draws(n: int, d: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    size = rng.integers(1, d + 1, size=n)
    return rng.random((n, d)).argsort(axis=1).argsort(axis=1) >= size[:, None], np.ones(n)


def complement_pairs(n: int, d: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    keep, _ = reference_draws(n // 2, d, rng)
    keep = np.stack([keep, ~keep], axis=1).reshape(-1, d)
    on = keep.sum(axis=1)
    # A complement has 0..d - 1 parts off: "none off" stands in for no size of the reference's and weighs nothing.
    return keep, np.where(on == d, 0.0, np.where(on == 0, 2.0, 1.0))


def shares(spread: bool, cost: bool) -> Callable[[int], np.ndarray]:
    def of(d: int) -> np.ndarray:
        k = np.arange(1, d + 1)
        wanted = (
            designs.size_kernel(d, KERNEL_WIDTH) * (k / d + designs.LEAST_SPREAD if spread else 1) / (np.sqrt(d - k + 2) if cost else 1)
        )
        return (1 - designs.DEFENSIVE) * wanted / wanted.sum() + designs.DEFENSIVE / d

    return of


def sized(of: Callable[[int], np.ndarray], rounds: bool = False, balanced: bool = False) -> Draw:
    def draw(n: int, d: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        share = of(d)
        if rounds:
            masks = designs.drawn_masks(n, d, share, rng)
            keep, factor = masks.keep, masks.factor
        else:
            size = rng.choice(np.arange(1, d + 1), size=n, p=share)
            keep, factor = rng.random((n, d)).argsort(axis=1).argsort(axis=1) >= size[:, None], 1 / (d * share[size - 1])
        return (balance(keep, rng) if balanced else keep), factor

    return draw


def balance(keep: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same sizes; within a size, parts are dealt from shuffled decks, so that each is off about equally often."""
    out = np.ones_like(keep)
    d = keep.shape[1]
    decks: dict[int, list[int]] = {}
    for row, size in enumerate((~keep).sum(axis=1)):
        deck = decks.setdefault(int(size), [])
        taken: list[int] = []
        while len(taken) < size:
            if not deck:
                deck.extend(rng.permutation(d).tolist())
            at = next((i for i, part in enumerate(deck) if part not in taken), None)
            if at is None:
                deck.clear()
                continue
            taken.append(deck.pop(at))
        out[row, taken] = False
    return out


def ablation(options: Options) -> None:
    _texts(options)
    _tables(options)
    ablation_images.pictures(options)


def steered(task: Task, text: str, target: int, n: int, seed: int) -> tuple[Run, float]:
    """As `explain` does it, stopped after `n` copies; and the share of the words that it asked about."""
    hood = texts.draw(task, text, TOTAL, np.random.default_rng(seed), WORDS, "", None)
    assert hood.pool is not None
    learner, answers = stand_in.Learner(hood.pool()), np.empty(0)
    goals = [*(at for at in hood.checks if at < n), n + 1]
    for goal, following in zip(goals, [*goals[1:], None], strict=True):
        answers = np.append(answers, task.model.predict_proba(hood.batch[len(answers) : goal])[:, target])
        learnt = learner.learn(hood.design[:goal], answers, rough=following is not None)
        if following is not None:
            assert hood.steer is not None
            hood = hood.steer(learner.miss, goal, following)
    fitted = surrogate.fit(hood.design[: n + 1], answers, hood.fit_weights(n + 1), 10, stand_in=learnt)
    return as_run(fitted, hood.features, n), float(hood.design[: n + 1].mean())


def as_run(fitted: surrogate.Fit, names: list[str], n: int) -> Run:
    return Run(dict(zip([names[i] for i in fitted.chosen], fitted.coef.tolist(), strict=True)), 0, 0, n)


def _texts(options: Options, n: int = 844) -> None:
    task = load_task("reviews", model="bilstm")
    sentences = [task.instances("test")[row] for row in options.some(TEXTS)]
    seeds = 3 if options.quick else 10
    print(
        f"What each part buys, texts (BiLSTM, {len(sentences)} sentences, {seeds} seeds, {n} copies; agreement with 50,000 samples of lime)"
    )
    ways: list[tuple[str, Draw | None, bool]] = [  # no draw: steered
        ("the reference's draws", reference_draws, False),
        ("  in complement pairs", complement_pairs, False),
        ("sizes drawn by weight", sized(shares(False, False)), False),
        ("  x spread", sized(shares(True, False)), False),
        ("  x spread / sqrt(cost)", sized(shares(True, True)), False),
        ("    stratified in rounds", sized(shares(True, True), rounds=True), False),
        ("      balanced by deck (left out)", sized(shares(True, True), rounds=True, balanced=True), False),
        ("      with the stand-in", sized(shares(True, True), rounds=True), True),
        ("        steered by it (as shipped)", None, True),
        ("stand-in, reference's draws", reference_draws, True),
    ]
    first = None
    for label, draw, helped in ways:
        errors, overlaps, words = [], [], []
        for text in sentences:
            target = int(task.model.predict_proba([text])[0].argmax())
            long = long_reference(options.keep, task, text, target, 50_000)
            parts = TextParts.of(text)
            d = len(parts)
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                if draw is None:
                    run, share_on = steered(task, text, target, n, seed)
                    errors.append(weight_error(run, long))
                    overlaps.append(jaccard(run.top, long.top))
                    words.append(share_on)
                    continue
                keep, factor = draw(n, d, rng)
                keep = with_original(keep)
                answers = task.model.predict_proba(parts.switch_off(keep))[:, target]
                kernel = np.append(1.0, np.append(0.0, designs.size_kernel(d, KERNEL_WIDTH))[(~keep[1:]).sum(axis=1)])
                w = kernel * np.append(1.0, factor * (TOTAL - 1) / n)
                learnt = None
                if helped:
                    share = designs.size_shares(d, KERNEL_WIDTH)
                    pool = designs.drawn_masks(32_768, d, share, rng)
                    pool_w = designs.size_kernel(d, KERNEL_WIDTH)[(~pool.keep).sum(axis=1) - 1] * pool.factor * (TOTAL - 1) / 32_768
                    learner = stand_in.Learner(stand_in.Pool(with_original(pool.keep).astype(float), np.append(1.0, pool_w)))
                    learnt = learner.learn(keep.astype(float), answers)
                fitted = surrogate.fit(keep.astype(float), answers, w, 10, stand_in=learnt)
                run = as_run(fitted, parts.features, n)
                errors.append(weight_error(run, long))
                overlaps.append(jaccard(run.top, long.top))
                words.append(keep.mean())
        variance = float(np.mean(np.square(errors)))
        first = first or variance
        print(
            f"  {label:<34} weight error {100 * np.sqrt(variance):5.1f} %  Jaccard {np.mean(overlaps):.3f}  "
            f"{100 * np.mean(words):3.0f} % of the words asked  worth {first / variance * n:6.0f} of the reference's draws",
            flush=True,
        )
    short = " ".join(sentences[0].split()[:8])
    for label, settle in (("8 words: drawn", False), ("8 words: every copy", True)):
        runs = [ours(task, short, 1, seed, settle=settle) for seed in range(4)]
        spread = np.mean([np.std([run.values[name] for run in runs]) for name in runs[0].top])
        print(
            f"  {label:<34} {runs[0].samples:5d} copies, standard deviation over seeds {spread:.5f}, {np.mean([r.seconds for r in runs]):.3f} s"
        )


def _tables(options: Options) -> None:
    seeds = 3 if options.quick else 6
    print(f"What each part buys, tables ({seeds} seeds; truth: 65,536 points of a net)")
    forest, trees = cancer(), load_task("income", model="trees")
    _table("breast cancer", forest, [forest.instances()[row] for row in options.some(ROWS, 4)], seeds, None, [
        ("the reference's draws", "", 4096),
        ("bins drawn by weight", "near", 4096),
        ("  in a net", "near net", 4096),
        ("  other bins taken out too", "near net aside", 4096),
        ("  twice as many rows", "near net aside", 8192),
    ])  # fmt: skip
    _table("breast cancer, kernel width 1", forest, [forest.instances()[row] for row in options.some(ROWS, 4)], seeds, 1.0, [
        ("the reference's draws", "", 4096),
        ("bins drawn by weight", "near", 4096),
        ("  in a net", "near net", 4096),
    ])  # fmt: skip
    _table("Adult, trees", trees, [trees.instances("test")[row] for row in TABLE_ROWS], seeds, None, [
        ("the reference's draws", "", 1024),
        ("in a net", "near net", 1024),
        ("  rare bins drawn more often too", "near net rare", 1024),
        ("  other bins taken out too", "near net rare aside", 1024),
    ])  # fmt: skip


def _table(title: str, task: Task, rows: list[dict], seeds: int, width: float | None, settings: list[tuple[str, str, int]]) -> None:
    print(f"  {title}, {len(rows)} rows")
    d = len(task.table.columns)
    width = width or 0.75 * np.sqrt(d)
    prepared = []
    for row in rows:
        target = int(task.model.predict_proba(task.batch([row]))[0].argmax())
        prepared.append((row, target, _by_column(_fitted(task, row, target, 65_536, 777, "near net rare", width), d)))
    for label, parts, n in settings:
        found = [(_by_column(_fitted(task, row, t, n, s, parts, width), d), truth) for row, t, truth in prepared for s in range(seeds)]
        error = np.sqrt(np.mean([(a - b) ** 2 for a, b in found]))
        top = [jaccard([str(i) for i in np.argsort(-np.abs(a))[:TOP]], [str(i) for i in np.argsort(-np.abs(b))[:TOP]]) for a, b in found]
        print(f"    {label:<34} {n:5d} rows: root mean square error {error:.5f}, top-{TOP} Jaccard {np.mean(top):.3f}", flush=True)


def _fitted(task: Task, row: dict, target: int, n: int, seed: int, parts: str, width: float) -> surrogate.Fit:
    """What LIME finds with some of the `parts` of its drawing: near, net, rare, aside."""
    columns = tables.column_bins(task, "quartile")
    d, rng = len(columns), np.random.default_rng(seed)
    u = designs.net(n, d, rng) if "net" in parts else rng.random((n, d))
    own = [c.index_of(row[c.column.name]) for c in columns]
    near = [tables._Near.of(c, i, width if "near" in parts else 1e6) for c, i in zip(columns, own, strict=True)]
    wanted = np.array([bins.shares[0] for bins in near])
    shares = tables._own_shares(wanted) if "rare" in parts else wanted
    held, design, w, drawn = [], np.ones((n, d)), np.full(n, TOTAL / n), []
    for j, column in enumerate(columns):
        bins, level, ratio = near[j].draw(u[:, j], shares[j])
        bins[0] = own[j]
        w *= ratio
        design[:, j] = bins == own[j]
        held.append(bins if column.column.categorical else column.number_at(bins, level))
        drawn.append((bins, near[j]))
    w *= 1.0 if "near" in parts else np.exp(-(d - design.sum(axis=1)) / (2 * width**2))
    w[0] = 0.0  # the instance itself, which is not drawn
    answers = task.model.predict_proba(CodedTable(task.table, tuple(held)).frame())[:, target]
    return surrogate.fit(design, answers, w, d, "none", aside=tables._Aside(drawn) if "aside" in parts else None)


def _by_column(fit: surrogate.Fit, d: int) -> np.ndarray:
    out = np.zeros(d)
    out[fit.chosen] = fit.coef
    return out

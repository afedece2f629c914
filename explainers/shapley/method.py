"""A method that plays a game from the few lines that are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine import Ended
from ..explanation import Attribution, Score
from ..maps import baselines
from ..maps.completeness import NO_EFFECT, SMALL, gap_score, relative_gap
from ..maps.output import PROBABILITY, output_option
from ..methods import MAPS, MethodSpec, Outcome, Request, option
from ..tasks import Task
from . import players as playing
from .borrowed import Borrowed
from .game import Game, mask_keys
from .players import Players

CALLS = 300
_STOPS = {"cancelled": "It was cancelled", "max_calls": "It reached its limit of model calls", "max_seconds": "It reached its time limit"}
_CALLS_HELP = "How many different instances the model may be asked about. More: surer, slower."
_FEWEST, _MOST = 10, 1_000_000


@dataclass(frozen=True)
class TextParams:
    calls: int = option(CALLS, "Most model calls", _CALLS_HELP, low=_FEWEST, high=_MOST)
    covered: str = option(
        playing.REMOVED, "An absent word is", "Removed, or replaced by a word that stands for no word: it changes the answer.",
        choices=(playing.REMOVED, playing.REPLACED),
    )  # fmt: skip
    stand_in: str = option(
        "", "Stand-in word", "The word that replaces others. Empty: the model's own word for unknown ones.", most=40, advanced=True
    )
    output: str = output_option(PROBABILITY)


@dataclass(frozen=True)
class ImageParams:
    calls: int = option(CALLS, "Most model calls", _CALLS_HELP, low=_FEWEST, high=_MOST)
    segments: int = option(40, "Areas", "About how many areas the picture is cut into.", low=2, high=400)
    baseline: str = option(
        baselines.BLUR, "An absent part shows", "What the model sees in place of what is absent: it changes the answer.",
        choices=baselines.PICTURES,
    )  # fmt: skip
    output: str = output_option(PROBABILITY)


@dataclass(frozen=True)
class TableParams:
    calls: int = option(CALLS, "Most model calls", _CALLS_HELP, low=_FEWEST, high=_MOST)
    rows: int = option(
        10, "Background rows", "Rows of the training data that absent columns take their values from: they change the answer.",
        low=1, high=1000,
    )  # fmt: skip
    output: str = output_option(PROBABILITY)


@dataclass(frozen=True)
class Found:
    """values (players,), their 95 % interval where they are sampled, what to say, and the limit that ended it early."""

    values: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    caveats: list[str] = field(default_factory=list)
    stopped: str = ""


@dataclass(frozen=True)
class Play:
    """What a method's own lines are given.

    value  masks (n, players), 1 = present -> float64 (n,): what shap calls; raises `Ended` at a limit, and lends out the random state
    evals  coalitions, besides nobody and everybody, that the calls pay for even where no two copies are alike
    """

    game: Game
    params: Any
    evals: int
    seed: int
    state: Borrowed

    @property
    def count(self) -> int:
        return self.game.players.count

    def value(self, masks: np.ndarray, whole: bool = False) -> np.ndarray:
        with self.state.returned():
            return self.game.values(masks, whole)

    def known(self, masks: np.ndarray) -> np.ndarray | None:
        """The values if all of them are known already."""
        found = [self.game.known.get(key) for key in mask_keys(np.asarray(masks) > 0.5)]
        return None if None in found else np.array(found, dtype=np.float64)

    @property
    def ends(self) -> tuple[float, float]:
        """What nobody and everybody is worth."""
        nobody, everybody = self.game.values(np.array([np.zeros(self.count), np.ones(self.count)]))
        return float(nobody), float(everybody)


Own = Callable[[Play], Found | None]  # None: the limit came before there was a map


def shapley_method(
    name: str,
    title: str,
    params: dict[str, type],
    own: Own,
    most_players: Callable[[int], int],
) -> MethodSpec:
    """`own`: the method. `most_players`: how many it can tell apart with so many coalitions besides nobody and everybody."""

    def run(request: Request, given: Any) -> Outcome:
        _ = request.prediction
        players = players_of(request.task, request.instance, given, request.seed, most_players)
        evals = _evals(given.calls, players)
        request.ask.plan(1 + players.rows * (1 + min(evals, 2 ** min(players.count, 40))))
        game = Game(request, players, given.output, max(given.calls, 1 + players.rows))
        try:
            game.values(np.array([np.zeros(players.count), np.ones(players.count)]))
        except Ended as ended:
            return _nothing(request, given, str(ended))
        if players.count == 1:
            play = Play(game, given, evals, request.seed, Borrowed(request.seed))
            found: Found | None = Found(np.array([play.ends[1] - play.ends[0]]))
        else:
            with Borrowed(request.seed) as state:
                play = Play(game, given, evals, request.seed, state)
                found = own(play)
        if found is None:
            return _nothing(request, given, request.ask.stopped or "")
        if not found.stopped:
            request.ask.plan(1)
            request.ask(request.task.batch([request.instance]))  # the instance again, from the cache: progress ends at 1
        return _outcome(play, found)

    def fits(task: Task) -> str | None:
        return None if task.modality in params else f"Shapley values here are of parts of texts, pictures and tables, not {task.modality}."

    def plan(task: Task, instance: Any, given: Any, seed: int) -> tuple[int, Any]:
        players = players_of(task, instance, given, seed, most_players)
        evals = _evals(given.calls, players)
        some = np.random.default_rng(seed).random((max(2, 16 // players.rows), players.count)) < 0.5
        batch = players.copies(some)
        batch = batch.frame() if task.modality == "tabular" else batch[:16]
        most = 2 ** min(players.count, 40) - 2
        return 1 + players.rows * (1 + min(evals, most)), batch

    return MethodSpec(name, "attribution", title, lambda task: params.get(task.modality, TextParams), fits, run, plan, family=MAPS)


def _evals(calls: int, players: Players) -> int:
    """Coalitions that `calls` pay for, once the instance and the baseline are paid."""
    return max(0, (calls - 1 - players.rows) // players.rows)


def players_of(task: Task, instance: Any, given: Any, seed: int, most_players: Callable[[int], int]) -> Players:
    """Raises ValueError where the calls are too few to tell the parts apart."""
    if task.modality == "text":
        return playing.words(task, instance, given.covered, given.stand_in, most_players(max(0, given.calls - 2)))
    if task.modality == "tabular":
        found = playing.columns(task, instance, given.rows, seed)
        less = "take fewer background rows"
    elif hasattr(given, "side"):
        found, less = playing.cells(task, instance, given.side, given.baseline, seed), "take a coarser grid"
    else:
        found, less = playing.areas(task, instance, given.segments, given.baseline, seed), "cut the picture into fewer areas"
    evals = _evals(given.calls, found)
    if found.count > 1 and most_players(evals) < found.count and evals < 2**found.count - 2:
        needed = next(n for n in range(evals, 4 * found.count + 8) if most_players(n) >= found.count)
        raise ValueError(
            f"{given.calls:,} model calls are too few to tell {found.count:,} parts apart: allow {1 + found.rows * (needed + 1):,}, or {less}."
        )
    return found


def _outcome(play: Play, found: Found) -> Outcome:
    game, (nobody, everybody) = play.game, play.ends
    effect = everybody - nobody
    payload = game.players.attribution(
        found.values, game.output, baseline=game.players.baseline, intercept=nobody, effect=effect, low=found.low, high=found.high,
        samples=len(game.known) * game.players.rows,
    )  # fmt: skip
    quality: list[Score] = []
    caveats = [*game.players.caveats, *found.caveats]
    if abs(effect) <= SMALL:
        caveats.append(NO_EFFECT)
    else:
        quality.append(gap_score(relative_gap(float(found.values.sum()), effect)))
    if found.stopped:
        caveats.append(f"{_STOPS[found.stopped]}: the map is what {len(game.known):,} combinations of parts gave.")
    return Outcome(payload, quality, caveats, "partial" if found.stopped else "complete", found.stopped)


def _nothing(request: Request, given: Any, reason: str) -> Outcome:
    """A limit was met before there was a map."""
    places: list[Any] | None = [] if request.task.modality == "text" else None
    payload = Attribution([], [], np.empty(0), given.output, None, None, 0.0, places, places)
    return Outcome(payload, [], [f"{_STOPS[reason]} before there was a map."], "partial", reason)

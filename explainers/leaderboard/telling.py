"""A board as sentences, as plain text and as a table of comma-separated values."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Sequence

from scipy import stats

from ..scores.faithful import COMPREHENSIVENESS, DELETION, EDGES, INSERTION, RANDOM_ORDER, SUFFICIENCY
from ..scores.infidelity import INFIDELITY
from ..scores.truth import AREA, MASS, POINTING, PRECISION, ZEROS
from .aggregate import NO_RIVAL, RIVALS
from .artifact import RANDOM, Board, Cell, Column, Leaderboard, Row

FAITHFUL = (DELETION, INSERTION, COMPREHENSIVENESS, SUFFICIENCY, INFIDELITY)
_SPREAD = (
    "Here less is better, since this model looks at the background, and random numbers lie everywhere, so they have little on the object. "
    "This score shows which maps point at the object all the same; it does not tell an honest map from noise."
)
_REACH = {
    RANDOM_ORDER: "Taking the parts one by one in random order, drawn for each fill, reaches",
    EDGES: "An edge detector, which knows nothing of the model, reaches",
    AREA: "By chance, the share of the area that the object takes, one would get",
    ZEROS: "Saying that every effect is zero reaches",
}


def better_is(column: Column) -> str:
    return "higher is better" if column.higher_is_better else "lower is better"


def heading(column: Column) -> str:
    """For a table: "deletion ↓ (lower is better)"."""
    return f"{column.name} {'↑' if column.higher_is_better else '↓'} ({better_is(column)})"


def place(cell: Cell) -> str:
    """ "1", or "1 to 3" where the data leave it open."""
    if cell.place is None:
        return ""
    best, worst = cell.place
    return str(best) if best == worst else f"{best} to {worst}"


def number(cell: Cell) -> str:
    """ "0.412 (0.388 to 0.436)"."""
    return f"{cell.mean:.3f}" if cell.low is None or cell.high is None else f"{cell.mean:.3f} ({cell.low:.3f} to {cell.high:.3f})"


def result(board: Board, score: str) -> list[str]:
    """What the score says on this board, a sentence each, not escaped: who beats random, who comes first and how surely, what a rival reaches."""
    column = board.column(score)
    rows = [row for row in board.sorted_rows(score) if not row.rival]
    methods = [row for row in rows if row.name != RANDOM]
    where = f"On {board.title} with {board.model_title}"
    if not methods:
        return [f"{where}, no method has the score {score}."]
    if score in NO_RIVAL:
        told = [f"{where}, random numbers are no line to beat on {score}: they do not look at the model at all."]
    else:
        told = [_against_random(where, score, column, rows, methods)]
    if score in (MASS, POINTING, PRECISION) and not column.higher_is_better:
        told.append(_SPREAD)
    told.append(_first(score, methods, column, board))
    told += [_against_rival(name, score, column, board, methods) for name in RIVALS if (found := board.row(name)) and score in found.cells]
    return [sentence for sentence in told if sentence]


def record(board: Board, method: str) -> str:
    """What a method's single map is to be seen beside: on which scores of faithfulness it surely beats random numbers over the board's
    instances; "" where it has none."""
    row = board.row(method)
    columns = [column for column in board.columns if column.name in FAITHFUL and row is not None and column.name in row.cells]
    if row is None or method == RANDOM or not columns:
        return ""
    better, worse = [], []
    for column in columns:
        apart = row.cells[column.name].against.get(RANDOM)
        if apart is not None and apart.better(column.higher_is_better):
            better.append(column.name)
        elif apart is not None and apart.worse(column.higher_is_better):
            worse.append(column.name)
    level = [column.name for column in columns if column.name not in (*better, *worse)]
    said = [f"surely beats random numbers on {listed(better)}"] if better else []
    said += [f"cannot be told from {'them' if better else 'random numbers'} on {listed(level)}"] if level else []
    said += [f"is surely worse than {'they are' if better or level else 'random numbers'} on {listed(worse)}"] if worse else []
    return f"over {max(row.cells[c.name].n for c in columns)} instances {row.title} {'; '.join(said)}."


def _against_random(where: str, score: str, column: Column, rows: Sequence[Row], methods: Sequence[Row]) -> str:
    if not any(row.name == RANDOM for row in rows):
        have = "method has" if len(methods) == 1 else "methods have"
        return f"{where}, {len(methods)} {have} the score {score}; random numbers cannot have it."
    better, worse = _sides(methods, score, RANDOM, column)
    n = len(methods)
    if not better:
        said = f"{where}, none of {n} methods surely beats random numbers on {score}"
    elif len(better) == n:
        said = f"{where}, {'the one method surely beats' if n == 1 else f'all {n} methods surely beat'} random numbers on {score}"
    else:
        said = f"{where}, {len(better)} of {n} methods surely {'beats' if len(better) == 1 else 'beat'} random numbers on {score}"
    return f"{said}; worse than random: {listed(worse)}." if worse else f"{said}."


def _sides(methods: Sequence[Row], score: str, rival: str, column: Column) -> tuple[list[str], list[str]]:
    """Titles of the methods that are surely better, and surely worse, than a rival."""
    found = [(row.title, row.cells[score].against[rival]) for row in methods if rival in row.cells[score].against]
    better = [title for title, apart in found if apart.better(column.higher_is_better)]
    return better, [title for title, apart in found if apart.worse(column.higher_is_better)]


def _first(score: str, methods: Sequence[Row], column: Column, board: Board) -> str:
    """`methods`: best mean first."""
    first = methods[0]
    level = [row.title for row in methods if row.cells[score].mean == first.cells[score].mean]
    if len(level) > 1:
        return f"{listed(level)} share the best mean, {first.cells[score].mean:.3f}."
    best = f"{first.title} has the best mean, {number(first.cells[score])}"
    if len(methods) == 1:
        return f"{best}."
    open_ = [row.title for row in methods[1:] if none_ahead(board, column, row)]
    if not open_:
        return f"{best}, and is surely ahead of every other method."
    if len(open_) == len(methods) - 1 and len(open_) > 3:
        return f"{best}, but no method can be told from the first: these instances do not rank them."
    if len(open_) > 4:
        return f"{best}, but {len(open_)} further methods may be as good."
    return f"{best}, but {listed(open_)} may be as good."


def none_ahead(board: Board, column: Column, row: Row) -> bool:
    """Whether no other method is surely better; that random numbers are puts nobody behind another method."""
    cell = row.cells[column.name]
    return cell.place is not None and cell.place[0] <= 1 + _behind_random(board, column, cell)


def _behind_random(board: Board, column: Column, cell: Cell) -> bool:
    """Whether random numbers are one of those that put it back: their difference at the level of a place, which holds all comparisons together."""
    apart = cell.against.get(RANDOM)
    placed = [row.name for row in board.rows if column.name in row.cells and row.cells[column.name].place is not None]
    if apart is None or apart.low is None or apart.high is None or RANDOM not in placed:
        return False
    levels = 1 - 0.05 / (2 * max(len(placed) - 1, 1)), 1 - 0.05 / 2
    wide, narrow = (float(stats.t.ppf(level, apart.n - 1)) for level in levels)
    reach = (apart.high - apart.low) / 2 * wide / narrow
    return dataclasses.replace(apart, low=apart.mean - reach, high=apart.mean + reach).worse(column.higher_is_better)


def _against_rival(rival: str, score: str, column: Column, board: Board, methods: Sequence[Row]) -> str:
    row = board.row(rival)
    assert row is not None
    better, worse = _sides(methods, score, rival, column)
    short = row.cells[score].mean
    what = _REACH[rival]
    beaten = (
        "all methods surely beat it"
        if len(better) == len(methods)
        else f"{len(better)} of {len(methods)} methods surely {'beats' if len(better) == 1 else 'beat'} it"
    )
    if not better:
        beaten = "no method surely beats it"
    told = f"{what} {short:.3f}: {beaten}" + (f", and {len(worse)} {'is' if len(worse) == 1 else 'are'} surely worse." if worse else ".")
    if rival == RANDOM_ORDER and len(better) > len(_sides(methods, score, RANDOM, column)[0]):
        told += " It is a mean over several orders, which varies less than one map of random numbers, and so is more easily beaten surely."
    return told


def listed(names: Sequence[str]) -> str:
    """ "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def as_text(leaderboard: Leaderboard, width: int = 140) -> str:
    """Every board as plain text: a table of means with intervals for each score, methods best first."""
    lines = [f"Leaderboard, made {leaderboard.made}, seed {leaderboard.seed}, at most {leaderboard.max_calls} model calls a map."]
    for board in leaderboard.boards:
        lines += ["", f"{board.name}: {board.what}", "=" * min(width, len(board.name) + len(board.what) + 2)]
        for column in board.columns:
            lines += ["", *_score_lines(board, column)]
            lines += [f"  {sentence}" for sentence in result(board, column.name)]
        lines += ["", *_cost_lines(board)]
    return "\n".join(lines) + "\n"


def _score_lines(board: Board, column: Column) -> list[str]:
    lines = [
        f"{heading(column)}", f"  {'':<34}{'mean (95 % interval)':<28}{'n':>4}  {'place':<10}{'less random (95 % interval)'}"
    ]  # fmt: skip
    for row in board.sorted_rows(column.name):
        cell = row.cells[column.name]
        apart = cell.against.get(RANDOM)
        told = ""
        if apart is not None and apart.low is not None and apart.high is not None:
            beats = "*" if apart.better(column.higher_is_better) else ""
            told = f"{apart.mean:+.3f} ({apart.low:+.3f} to {apart.high:+.3f}){beats}"
        name = f"[{row.title}]" if row.rival else row.title
        lines.append(f"  {name[:33]:<34}{number(cell):<28}{cell.n:>4}  {place(cell):<10}{told}".rstrip())
    return lines


def _cost_lines(board: Board) -> list[str]:
    lines = [f"  {'cost of a map':<34}{'calls':>8}{'most':>6}{'seconds':>9}{'maps':>6}{'partial':>9}{'failed':>8}"]
    for row in (row for row in board.rows if not row.rival and row.calls is not None):
        warned = "   flagged: hardly changes under random weights" if row.flagged else ""
        lines.append(
            f"  {row.title[:33]:<34}{row.calls:>8.1f}{row.most_calls:>6}{row.seconds:>9.3f}"
            f"{row.instances:>6}{row.partial:>9}{row.failed:>8}{warned}"
        )
    lines += [f"  left out: {one.title}. {one.reason}" for one in board.left_out]
    return lines


def as_csv(*boards: Board) -> str:
    """One line a board, method and score, with every number of the artifact."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(
        ["board", "method", "rival", "score", "direction", "mean", "low", "high", "n", "place_best", "place_worst", "less_random",
         "less_random_low", "less_random_high", "calls_per_map", "seconds_per_map", "flagged"]
    )  # fmt: skip
    for board, row in [(one, row) for one in boards for row in one.rows]:
        for column in board.columns:
            cell = row.cells.get(column.name)
            if cell is None:
                continue
            apart = cell.against.get(RANDOM)
            write.writerow(
                [board.name, row.name, int(row.rival), column.name, better_is(column), cell.mean, cell.low, cell.high, cell.n,
                 *(cell.place or ("", "")), *((apart.mean, apart.low, apart.high) if apart else ("", "", "")),
                 "" if row.calls is None else row.calls, "" if row.seconds is None else row.seconds, int(row.flagged)]
            )  # fmt: skip
    return out.getvalue()

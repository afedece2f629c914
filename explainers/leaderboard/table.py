"""A board as a table of HTML: all its scores, or one of them with its intervals. Names are escaped; it has its own style.

It scrolls sideways in a box of its own where it is wider than the page, with the names of the methods kept in sight, and can be read by a
screen reader, which a drawn grid cannot. Headings are short; `glossary` says each in full.
"""

from __future__ import annotations

from ..render import escape, numbers
from ..scores.agreement import AGREEMENT
from ..scores.faithful import COMPREHENSIVENESS
from ..scores.noise import NOISE
from ..scores.sanity import CHANGE
from ..scores.seeds import STABILITY
from ..scores.truth import DISTANCE, KNOWN, MASS, POINTING, PRECISION
from .artifact import RANDOM, Board, Cell, Column, Row
from .telling import better_is, none_ahead, number, place

SHORT = {  # what a heading calls a score; others by their own names
    COMPREHENSIVENESS: "compreh.",
    STABILITY: "seeds",
    NOISE: "noise",
    CHANGE: "weights",
    AGREEMENT: "agreement",
    MASS: "on object",
    POINTING: "pointing",
    PRECISION: "precision",
    KNOWN: "known",
    DISTANCE: "distance",
}
FIRST = "★"  # beside a number, so that its weight is not the only sign
_LINE = "color-mix(in srgb, currentColor 18%, transparent)"
_STYLE = f"""<style>
.ft-board {{ overflow-x: auto; background: var(--ft-ground); border: 1px solid {_LINE}; border-radius: .5em; font-size: .92em; }}
.ft-board table {{ border-collapse: separate; border-spacing: 0; width: 100%; margin: 0; font-variant-numeric: tabular-nums; }}
.ft-board th, .ft-board td {{ padding: .45em .7em; border: 0; border-bottom: 1px solid {_LINE}; text-align: end; white-space: nowrap; }}
.ft-board tbody tr:last-child > * {{ border-bottom: 0; }}
.ft-board thead th {{ font-weight: 600; vertical-align: bottom; }}
.ft-board th:first-child {{ position: sticky; left: 0; z-index: 1; text-align: start; border-right: 1px solid {_LINE}; white-space: normal;
  background: var(--ft-ground); min-width: 8em; max-width: 12em; overflow-wrap: anywhere; font-weight: 400; }}
.ft-board thead th:first-child {{ font-weight: 600; }}
.ft-board tr.ft-rival > * {{ font-style: italic; }}
.ft-board td b {{ font-weight: 700; }}
.ft-board [title] {{ cursor: help; }}
</style>"""


def short(column: Column) -> str:
    """ "deletion ↓": the arrow points to where better lies."""
    return f"{SHORT.get(column.name, column.name)} {'↑' if column.higher_is_better else '↓'}"


def glossary(board: Board) -> list[tuple[str, str]]:
    """(heading, what it is in full), for each score of a board; not escaped."""
    told = []
    for column in board.columns:
        full = "" if column.name in short(column) else f"{column.name[:1].upper()}{column.name[1:]}: "
        told.append((short(column), f"{full}{better_is(column)}. {column.meaning}"))
    return told


def every_score(board: Board, sort_by: str, ground: str = "Canvas") -> str:
    """Methods x scores, best of `sort_by` first, then those without it. `ground`: colour of the page, behind the names.

    The column of `sort_by` comes first, so that a phone shows it.
    Marked are the methods that no other is surely ahead of, where that tells some from others (see `first`).
    """
    rows = board.sorted_rows(sort_by)
    rows = [*rows, *(row for row in board.rows if row not in rows)]
    columns = sorted(board.columns, key=lambda column: column.name != sort_by)
    firsts = {column.name: first(board, column) for column in columns}
    head = "".join(_heading(short(column), f"{column.name}: {better_is(column)}. {column.meaning}") for column in columns)
    body = "".join(_line(row, "".join(_cell(row, column, firsts[column.name]) for column in columns)) for row in rows)
    return _table(head, body, ground)


def one_score(board: Board, score: str, ground: str = "Canvas") -> str:
    """A score's means with their intervals, best first, each with its place and its paired difference to random numbers."""
    column = board.column(score)
    named = (
        ("place", "The places that the data leave open among the methods, 1 = first."),
        (f"mean {'↑' if column.higher_is_better else '↓'}", f"{better_is(column)}."),
        ("95 % interval", "Of the mean over the instances."),
        ("difference to random", "Mean of this method less random numbers on the same instances, and its 95 % interval in brackets."),
        ("n", "Instances"),
    )
    marked = first(board, column)
    body = ""
    for row in board.sorted_rows(score):
        cell = row.cells[score]
        mean = _marked(f"{cell.mean:.3f}", row.name in marked)
        cells = (place(cell) or "–", mean, _interval(cell.low, cell.high) or "–", _apart(cell) or "–", str(cell.n))
        body += _line(row, "".join(f"<td>{one}</td>" for one in cells))
    return _table("".join(_heading(*one) for one in named), body, ground)


def costs(board: Board, ground: str = "Canvas") -> str:
    """What a map of each method took."""
    named = (
        ("calls", "Model calls of one map, on average."),
        ("most", "The most model calls of any map."),
        ("seconds", "Of one processor, the median map."),
        ("maps", "Instances that were explained."),
        ("flagged", "Its maps hardly change when the model's weights are drawn at random."),
    )
    body = ""
    for row in (row for row in board.rows if row.calls is not None):
        most, seconds = ("–" if x is None else form.format(x) for x, form in ((row.most_calls, "{}"), (row.seconds, "{:.3f}")))
        cells = (f"{row.calls:.1f}", most, seconds, str(row.instances), _flag(row))
        body += _line(row, "".join(f"<td>{one}</td>" for one in cells))
    return _table("".join(_heading(*one) for one in named), body, ground)


def _flag(row: Row) -> str:
    """Random numbers never look at the model: no warning, and not one of the methods that are said to be flagged."""
    return "–" if row.name == RANDOM else "⚑ yes" if row.flagged else "no"


def first(board: Board, column: Column) -> set[str]:
    """Names of the methods that no other is surely ahead of; none where that is all of them, which tells nobody apart.

    Random numbers and rivals are no methods: they are not marked, and put nobody back.
    """
    placed = [row for row in board.rows if column.name in row.cells and not row.rival and row.name != RANDOM]
    found = {row.name for row in placed if none_ahead(board, column, row)}
    return set() if len(found) >= len([row for row in placed if row.cells[column.name].place is not None]) else found


def _table(head: str, body: str, ground: str) -> str:
    box = (
        f'<div class="ft-board" style="--ft-ground:{escape.text(ground)}" tabindex="0" role="region" aria-label="Table, scrolls sideways">'
    )
    return f'{_STYLE}{box}<table><thead><tr><th scope="col">method</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _heading(name: str, help: str) -> str:
    return f'<th scope="col" title="{escape.text(escape.shorten(help, 400))}">{escape.text(name)}</th>'


def _line(row: Row, cells: str) -> str:
    kind = ' class="ft-rival"' if row.rival or row.name == RANDOM else ""
    return f'<tr{kind}><th scope="row">{escape.text(escape.shorten(row.title, 60))}</th>{cells}</tr>'


def _cell(row: Row, column: Column, firsts: set[str]) -> str:
    cell = row.cells.get(column.name)
    if cell is None:
        return '<td title="This score cannot be taken of that map.">–</td>'
    where = f", place {place(cell)}" if cell.place is not None else ""
    full = escape.text(f"{number(cell)} over {cell.n} instances{where}")
    return f'<td title="{full}">{_marked(f"{cell.mean:.3f}", row.name in firsts)}</td>'


def _marked(shown: str, yes: bool) -> str:
    shown = shown.replace("-", numbers.MINUS)
    return f"<b>{FIRST}&nbsp;{shown}</b>" if yes else shown


def _interval(low: float | None, high: float | None, sign: str = "") -> str:
    return "" if low is None or high is None else f"{low:{sign}.3f} to {high:{sign}.3f}".replace("-", numbers.MINUS)


def _apart(cell: Cell) -> str:
    apart = cell.against.get(RANDOM)
    if apart is None:
        return ""
    ends = _interval(apart.low, apart.high, "+")
    return f"{apart.mean:+.3f}".replace("-", numbers.MINUS) + (f" ({ends})" if ends else "")

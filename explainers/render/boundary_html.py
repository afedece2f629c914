"""A path over the decision boundary as HTML: each step with what changed, its margin around zero and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PIL import Image

from ..explanation import Explanation
from . import boundary_sentence, escape, inputs, numbers, style
from .boundary_picture import outlined
from .boundary_rows import Path, Stop, changes, listed, margin
from .inputs import Mark

MOST_STEPS = 12  # in the figure: the last ones of a longer path; the table has all of them
MOST_PICTURES = 6  # likewise, of pictures
_PICTURE_SIDE = 320


def step(e: Explanation, i: int) -> str:
    """One input of the path (0: the instance itself) as a fragment with its own style: what changed, the margin, the answer.

    Raises ValueError for a step that the path has not.
    """
    path = Path.of(e)
    stop = path.stop(i)
    title = f"The {path.noun[0]} itself" if stop.index == 0 else f"Step {stop.index} of {len(path.stops) - 1}"
    new = f"<p>Changed here: {escape.prose(listed(stop.new))}</p>" if stop.new else ""
    inner = f"<h5>{title}</h5>{new}{_level(path, stop)}{changed_input(path, stop)}{_legend(path)}"
    return f'<div class="ft-inputs">{style.style(style.WORDS, style.INPUTS)}{inner}</div>'


def highlight(e: Explanation, **look: Any) -> str:
    """The input of one step (`step`, else the last) with what changed marked, as a fragment with its own style."""
    path = Path.of(e)
    if not path.stops:
        return ""
    stop = path.stop(look.get("step", path.last.index))
    return f'<div class="ft-inputs">{style.style(style.WORDS, style.INPUTS)}{changed_input(path, stop)}</div>'


def figure(e: Explanation) -> str:
    """The steps as a numbered list; the input of the last is unfolded."""
    path = Path.of(e)
    if not path.stops:
        return ""
    most = MOST_PICTURES if isinstance(e.instance, Image.Image) else MOST_STEPS
    shown = path.stops if len(path.stops) <= most else [path.stops[0], *path.stops[-(most - 1) :]]
    left = len(path.stops) - len(shown)
    cut = f'<p class="ft-small">{numbers.count(left, "step")} between the first two shown: see the table of numbers.</p>' if left else ""
    items = "".join(_item(path, stop) for stop in shown)
    return (
        f'<div class="ft-part ft-inputs">{style.style(style.INPUTS)}<h4>{_title(path)}</h4>'
        f'<ol class="ft-steps">{items}</ol>{cut}{_legend(path)}</div>'
    )


def _title(path: Path) -> str:
    if path.payload.flipped:
        return "The way to another answer, one change at a time"
    return "The nearest approach to another answer" if path.approached else f"The {path.noun[0]}"


def _item(path: Path, stop: Stop) -> str:
    what = f"The {path.noun[0]} itself" if stop.index == 0 else f"{stop.index}. {listed(stop.new) if stop.new else 'no further change'}"
    summary = f"the {path.noun[0]} in full"
    opened = " open" if stop is path.last else ""
    shown = f"<details{opened}><summary>{summary}</summary>{changed_input(path, stop)}</details>"
    return f"<li><h5>{escape.prose(what)}</h5>{_level(path, stop)}{shown}</li>"


def _level(path: Path, stop: Stop) -> str:
    """The margin as a bar around zero with its number, and the answer in words."""
    turned = (
        f" {inputs.UNEQUAL} the answer to the {path.noun[0]} itself"
        if stop.over
        else ""
        if stop.index == 0
        else f" {inputs.EQUAL} the answer to the {path.noun[0]} itself"
    )
    sure = f" ({numbers.percent(stop.sure)} sure){turned}" if stop.answer is not None else ""
    says = f"The model says <b>{escape.prose(path.said(stop.answer))}</b>{escape.prose(sure)}."
    return f"{_bar(path, stop)}<p>{says}</p>"


def _bar(path: Path, stop: Stop) -> str:
    low, high = path.reach
    room = 0.35 * ((high - low) or 1.0)
    left, width = low - room, (high - low) + 2 * room
    zero, at = (100 * (x - left) / width for x in (0.0, stop.margin))
    side = " ft-over" if stop.margin < 0 else ""
    before = ' class="ft-before"' if stop.margin < 0 else ""
    return (
        f'<div class="ft-margin"><i class="ft-line" style="left:{zero:.2f}%"></i>'
        f'<i class="ft-fill{side}" style="left:{min(zero, at):.2f}%;width:{abs(at - zero):.2f}%"></i>'
        f'<span{before} style="left:{at:.2f}%">{margin(stop.margin)}</span></div>'
    )


def _legend(path: Path) -> str:
    said = (
        f"The bar: the model's evidence for {path.original} over the best other answer. {boundary_sentence.GLOSS} Right of the line it says "
        f"{path.original}; left of it, with a dashed edge, something else."
    )
    return f'<p class="ft-small">{escape.prose(said)}</p>'


def changed_input(path: Path, stop: Stop) -> str:
    """The input itself, with everything that changed so far marked."""
    instance, own = stop.step.instance, path.e.instance
    if isinstance(instance, str):
        marked = path.marks(stop)
        note = '<p class="ft-small">struck through: the words before; marked: the words now</p>' if marked else ""
        return inputs.text(instance, marked, _changed_word) + note
    if isinstance(instance, dict):
        if stop.index == 0 or not isinstance(own, dict):
            return inputs.values(instance)
        return inputs.compared(own, instance, ("this row", "at this step"), inputs.BECAME)
    if isinstance(instance, Image.Image):
        alt = f"The picture at step {stop.index}" + (f": {', '.join(changes(stop.step))}" if stop.step.changed else "")
        return inputs.photograph(outlined(path, stop), alt, _PICTURE_SIDE)
    return ""


def _changed_word(mark: Mark, inner: str) -> str:
    old = f"<del>{escape.text(escape.shorten(mark.old, 60))}</del>" if mark.old else ""
    return f'{old}<mark class="ft-new">{inner}</mark>'


def table(e: Explanation) -> str:
    """The numbers behind the bars."""
    path = Path.of(e)
    if not path.stops:
        return ""
    heads = ["step", "changed", "evidence (log odds)", "the model says", "sure"]
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    body = "".join(_numbers_row(path, stop) for stop in path.stops)
    caption = f"Evidence for {path.original} over the best other answer, step by step."
    return (
        f'<div class="ft-scroll"><table class="ft-numbers"><caption>{escape.prose(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _numbers_row(path: Path, stop: Stop) -> str:
    new = listed(stop.new, 20) if stop.new else "nothing"
    cells = [new, margin(stop.margin), path.said(stop.answer), numbers.percent(stop.sure)]
    return f'<tr><th scope="row">{stop.index}</th>{"".join(f"<td>{escape.prose(c)}</td>" for c in cells)}</tr>'


def lines(e: Explanation) -> Iterator[tuple[str, str]]:
    """Further facts for "how this was made"."""
    p = e.payload
    path = Path.of(e)
    if p.samples:
        yield "Tried", f"{numbers.count(p.samples, f'changed {path.noun[0]}')}, of which {p.flips:,} got another answer"
    if p.distance is not None:
        where = f" and the squared distance in {escape.shorten(p.space, 200)}" if p.space else ""
        yield "Distance", f"{numbers.plain(p.distance, 2)}: the number of changes{where}"
    if p.plausibility is not None:
        farther = f"{numbers.percent(p.plausibility)} of the training {path.noun[1]} lie farther from their nearest neighbour"
        yield "Closeness to the training data", f"{farther} than the last step does"
    if p.locked:
        yield "Not to change", ", ".join(escape.shorten(name, 60) for name in p.locked[:30])

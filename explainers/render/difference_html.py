"""A set difference as HTML: the descriptions, best first, each with its numbers and the items that show and that contradict it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PIL import Image

from ..explanation import Explanation
from ..payloads import Shown
from . import colours, escape, inputs, numbers, style
from .common import quoted
from .difference_rows import CHANCE, FOUND, LIKE, REVERSE, View, caption, cases, chance, in_pairs, in_short, interval, shares, true_of
from .difference_rows import Line as Row
from .difference_sentence import tested, uncorrected
from .difference_size import could_find, nothing, reach

IN_FULL = 12  # descriptions with evidence; the table has all of them
OPEN = 3  # of them whose evidence is seen at once, with those that a person typed; of the others it is folded
MOST_BYTES = 600_000  # of pictures; the page with the rest of it stays under 1 MB
_SIDE = 104  # pixels of a picture
_VERDICT_CLASS = {FOUND: "ft-yes", LIKE: "ft-like", REVERSE: "ft-no"}

_SHEET = f"""
.ft-inputs .ft-ranked {{ list-style: none; margin: 0; padding: 0; display: grid; gap: .9em; }}
.ft-inputs .ft-ranked > li {{ border: 1px solid rgba(128,132,149,.45); border-radius: .5em; padding: .8em 1em; margin: 0; min-width: 0; }}
.ft-inputs .ft-ranked > li.ft-yes {{ border-inline-start: 5px solid {colours.TOWARD}; }}
.ft-inputs .ft-ranked > li.ft-like {{ border-inline-start: 5px dashed {colours.TOWARD}; }}
.ft-inputs .ft-ranked > li.ft-no {{ border-inline-start: 5px dotted {colours.AWAY}; }}
.ft-inputs h4 ~ .ft-small {{ margin-bottom: .7em; }}
.ft-chance {{ margin-top: .9em; }}
.ft-chance > summary {{ cursor: pointer; margin-bottom: .9em; }}
.ft-inputs .ft-goes {{ border-inline-start: 3px solid rgba(128,132,149,.45); padding-inline-start: .8em; margin: .5em 0; }}
.ft-inputs .ft-goes ul {{ margin: .2em 0; padding-inline-start: 1.2em; }}
.ft-inputs .ft-goes p {{ margin: .15em 0; }}
.ft-inputs .ft-says {{ font-size: 1.1em; margin: 0; }}
.ft-verdict {{ font-size: .85em; border: 1px solid; border-radius: 1em; padding: .05em .7em; white-space: nowrap; display: inline-block; }}
.ft-ranked .ft-verdict {{ font-weight: 400; white-space: normal; }}
.ft-yes .ft-verdict {{ border-color: {colours.TOWARD}; border-width: 2px; }}
.ft-auc {{ position: relative; height: 1.3em; max-width: 28em; margin: .4em 0; border-bottom: 1px solid rgba(128,132,149,.6); }}
.ft-auc i {{ position: absolute; }}
.ft-auc .ft-half {{ left: 50%; top: 0; bottom: 0; border-inline-start: 2px dashed rgba(128,132,149,.8); }}
.ft-auc .ft-ends {{ top: .6em; border-top: 2px solid; }}
.ft-auc .ft-dot {{ top: .3em; width: .7em; height: .7em; margin-left: -.35em; border: 2px solid; border-radius: 50%;
  background: {colours.TOWARD}; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
.ft-ranked li:not(.ft-yes) .ft-dot {{ background: none; border-radius: 0; transform: rotate(45deg); }}
.ft-shows {{ display: flex; flex-wrap: wrap; gap: .5em; margin: .2em 0 .6em; }}
.ft-inputs .ft-shows figure {{ margin: 0; width: {_SIDE}px; font-size: .78em; line-height: 1.25; }}
.ft-inputs .ft-shows img {{ margin: 0 0 .15em; }}
.ft-inputs .ft-quotes {{ list-style: none; margin: .2em 0 .6em; padding: 0; font-size: .92em; }}
.ft-inputs .ft-quotes li {{ margin: 0 0 .25em; padding: 0; }}
@media print {{ .ft-ranked > li {{ break-inside: avoid; }} }}
"""


def highlight(e: Explanation, **look: Any) -> str:
    return ""


def figure(e: Explanation) -> str:
    """The ranked descriptions with their evidence. What may be chance and nobody typed is folded; where nothing was found, only the few that
    came nearest. Has its own style, so it can stand alone on a page."""
    view = View.of(e)
    if not view.lines:
        return ""
    budget = [MOST_BYTES]
    shown = [row for row in view.heads if row.own or row.verdict != CHANCE]
    folded = [row for row in view.heads if row not in shown] if view.found else [row for row in view.closest if not row.own]
    items = ""
    if shown:
        items = f'<ol class="ft-ranked">{"".join(_one(view, row, i, budget) for i, row in enumerate(shown[:IN_FULL], start=1))}</ol>'
    if len(shown) > IN_FULL:
        items += f'<p class="ft-small">and {len(shown) - IN_FULL} more, in the table of numbers</p>'
    if folded:
        label = f"{numbers.count(len(folded), 'description')} more that may be chance" if view.found else "Closest, not more than chance"
        inner = "".join(_one(view, row, None, budget) for row in folded[:IN_FULL])
        note = "" if view.found else uncorrected(view)
        items += f'<details class="ft-chance"><summary>{label}</summary>{_small(note)}<ol class="ft-ranked">{inner}</ol></details>'
    lead = _small(uncorrected(view)) if view.found else "".join(f"<p>{escape.prose(s)}</p>" for s in (nothing(view), *could_find(view)))
    sheet = style.style(style.INPUTS, _SHEET)
    heading = "Descriptions, best first" if view.found else "Nothing found"
    return f'<div class="ft-part ft-inputs">{sheet}<h4>{heading}</h4>{lead}{items}</div>'


def _small(said: str) -> str:
    return f'<p class="ft-small">{escape.prose(said)}</p>' if said else ""


def _one(view: View, row: Row, place: int | None, budget: list[int]) -> str:
    """place: its number among the cards."""
    c = row.candidate
    own = " (typed)" if row.own else ""
    verdict = f'<span class="ft-verdict">{escape.text(row.verdict)}</span>'
    number = "" if place is None else f"{place}. "
    head = f'<h5 class="ft-says">{number}“<bdi>{escape.text(row.says)}</bdi>”{own} {verdict}</h5>'
    said = [
        f"Fits a random {view.noun[0]} of {view.a} better than one of {view.b} in {cases(c.score)} of cases (95 % interval {interval(c)}); "
        f"p corrected for the number tested: {chance(c.q)}.",
    ]
    if c.pairs is not None:
        said.append(f"Within pairs it {in_pairs(view, c)}; p is of the differences within pairs.")
    said += shares(view, row)
    if row.also:
        said.append(f"Stands for {', '.join(map(quoted, row.also))} too: one description, another cut, not tested by itself.")
    needed = reach(view, row) if row.verdict == CHANCE else None
    if needed is not None:
        said.append(f"To count as found by itself it had to reach about {numbers.in_hundred(min(needed, 1.0))} %.")
    if row.verdict == LIKE:
        nearer = view.a if c.score > 0.5 else view.b
        said.append(
            f"The labels that a classifier gives to {nearer} lie nearer to these words. That does not make the words true: words that it does "
            "not understand get a number all the same. Look at the pictures."
        )
    origin = "Typed by a person" if row.own else f"Proposed by {row.proposed_by}"
    said.append(f"Measured by {row.measured_by}. {origin}.")
    if row.others:
        said.append(f"Others measure: {row.others}.")
    if row.own and row.without != row.place:
        other = quoted(view.lines[row.without - 1].says)
        unknown = c.left is None
        known = (
            "whether it also differs by itself, these sets cannot tell" if unknown else "without that, what is left of it could be chance"
        )
        said.append(f"Goes with {other}: {known}.")
    if row.head != row.place:
        said.append(f"Says the same of these {view.noun[1]} as {quoted(view.lines[row.head - 1].says)}.")
    rest = f"{_same(view, row)}{_brought(view, row)}{_evidence(view, row, budget)}"
    if place is None or place <= OPEN or row.own:
        body = f"{_bar(row)}{_facts(said)}{rest}"
    else:
        body = f"{_bar(row)}{_facts(said[:1])}<details><summary>Evidence</summary>{_facts(said[1:])}{rest}</details>"
    return f'<li class="{_VERDICT_CLASS.get(row.verdict, "ft-unsure")}">{head}{body}</li>'


def _facts(said: list[str]) -> str:
    return f'<ul class="ft-facts2">{"".join(f"<li>{escape.prose(s)}</li>" for s in said)}</ul>'


def _same(view: View, row: Row) -> str:
    """The other descriptions that say the same, each with its score."""
    others = view.same(row)
    if not others:
        return ""
    parts = [f"{quoted(o.says)} ({cases(o.candidate.score)}{', may be chance' if o.verdict == CHANCE else ''})" for o in others]
    said = f"Says the same of these {view.noun[1]}, less well: {'; '.join(parts)}."
    return f'<p class="ft-small">{escape.prose(said)}</p>'


def _brought(view: View, row: Row) -> str:
    """What goes with it, each with its score, and with what is left of it without this one where that was measured."""
    others = view.brought(row)
    if not others:
        return ""
    items = "".join(f"<li>{escape.prose(s)}</li>" for s in (_goes(view, o, row) for o in others))
    measured = any(o.candidate.left is not None for o in others)
    elsewhere = any(o.candidate.left is not None and o.without not in (o.place, row.place) for o in others)
    usual = any(o.candidate.left is None and o.without != o.place for o in others)
    named = ", or what is named beside it," if elsewhere else ""
    why = [
        f"With that{named} taken away, what is left of these could be chance (after the arrow)." if measured else "",
        f"{'Where no arrow stands, it' if measured else 'It'} usually brings such things along; whether they also differ by themselves, these sets "
        "cannot tell."
        if usual
        else "",
    ]
    said = " ".join(s for s in why if s)
    return (
        f'<div class="ft-goes"><p class="ft-small"><strong>Goes with it</strong> ({len(others)})</p><ul class="ft-small">{items}</ul>'
        f'<p class="ft-small">{escape.prose(said)}</p></div>'
    )


def _goes(view: View, o: Row, row: Row) -> str:
    """One that stands under `row`; where it was another's that was taken away, that one is named."""
    left = "" if o.candidate.left is None else f" → {cases(o.candidate.left)}"
    other = "" if o.without in (o.place, row.place) else f" without {quoted(view.lines[o.without - 1].says)}"
    same = f", says the same as {quoted(view.lines[o.head - 1].says)}" if o.without == o.place else ""
    return f"{quoted(o.says)}: {cases(o.candidate.score)}{left}{other}{same}"


def _bar(row: Row) -> str:
    """The score and its interval from 0 to 1, with 0.5 marked."""
    c = row.candidate
    low, score, high = (100 * min(max(x, 0.0), 1.0) if x == x else 50.0 for x in (c.low, c.score, c.high))
    ends = f'<i class="ft-ends" style="left:{low:.1f}%;width:{max(0.0, high - low):.1f}%"></i>'
    return f'<div class="ft-auc" aria-hidden="true"><i class="ft-half"></i>{ends}<i class="ft-dot" style="left:{score:.1f}%"></i></div>'


def _evidence(view: View, row: Row, budget: list[int]) -> str:
    """The items that show a description, and those that contradict it. Of what is true of an item or not, only those of which it is
    (not) true: items that it fits equally well stand in no order."""
    c = row.candidate
    examples, against = view.shown(c.examples), view.shown(c.against)
    true_a, true_b = (None, None) if row.degree or c.pairs is not None else (true_of(view, row, side) for side in "AB")
    if true_a is not None and true_b is not None:
        worst, best = ([one for one in against if one.side == side] for side in "AB")
        examples = examples[:true_a]
        against = [*worst[: view.payload.tested[0] - true_a], *best[:true_b]]
    parts = []
    if examples:
        what = "Most like that" if row.degree else "Shows it best"
        parts.append(f'<p class="ft-small">{what}, in {escape.prose(view.a)}:</p>{_items(view, examples, row, budget, named=False)}')
    elif true_a == 0:
        parts.append(f'<p class="ft-small">It is true of no {view.noun[0]} of {escape.prose(view.a)}.</p>')
    if against:
        parts.append(f"<details><summary>Contradicts it</summary>{_items(view, against, row, budget, named=True)}</details>")
    return "".join(parts)


def _items(view: View, shown: list[Shown], row: Row, budget: list[int], named: bool) -> str:
    """named: with the set that each is of."""
    if not shown:
        return ""
    pictures = [one for one in shown if isinstance(one.instance, Image.Image)]
    if len(pictures) < len(shown):
        quotes = (
            f"<li>{escape.prose(caption(view, s, named))}: <bdi>{escape.prose(in_short(view, s, row.given))}</bdi></li>" for s in shown
        )
        return f'<ul class="ft-quotes">{"".join(quotes)}</ul>'
    drawn = "".join(_picture(one, caption(view, one, named), budget) for one in pictures)
    return f'<div class="ft-shows">{drawn}</div>' if drawn else '<p class="ft-small">Its pictures would make this page too heavy.</p>'


def _picture(one: Shown, said: str, budget: list[int]) -> str:
    drawn = inputs.photograph(one.instance, said, _SIDE)
    if len(drawn) > budget[0]:
        return ""
    budget[0] -= len(drawn)
    return f"<figure>{drawn}<figcaption>{escape.prose(said)}</figcaption></figure>"


def table(e: Explanation) -> str:
    """All descriptions with their numbers."""
    view = View.of(e)
    if not view.lines:
        return ""
    heads = [
        "description",
        "AUROC",
        "95 % interval",
        "p",
        "q",
        "true of the first",
        "of the second",
        "measured by",
        "proposed by",
        "verdict",
    ]
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    body = "".join(_numbers_row(row) for row in view.lines)
    scale = f"AUROC: 1 = fits every item of {view.a} better than any of {view.b}, 0.5 = no difference"
    heading = f"{scale}{tested(view)}. Intervals are not corrected; q: p corrected for {len(view.lines)} tests."
    return (
        f'<div class="ft-scroll"><table class="ft-numbers"><caption>{escape.prose(heading)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _numbers_row(row: Row) -> str:
    c = row.candidate
    share = ["by degree" if row.degree else "none" if s is None else numbers.percent(s) for s in (c.share_a, c.share_b)]
    within = f"{numbers.plain(c.low, 2)} to {numbers.plain(c.high, 2)}"
    cells = [numbers.plain(c.score, 2), within, chance(c.p), chance(c.q), *share, row.measured_by, row.proposed_by, row.verdict]
    head = f'<th scope="row"><bdi>{escape.text(row.says)}</bdi></th>'
    return f"<tr>{head}{''.join(f'<td>{escape.prose(cell)}</td>' for cell in cells)}</tr>"


def lines(e: Explanation) -> Iterator[tuple[str, str]]:
    """Further facts for "how this was made"."""
    view = View.of(e)
    p = view.payload
    yield "Sets", f"{escape.flat(view.a)}: {p.sizes[0]:,}; {escape.flat(view.b)}: {p.sizes[1]:,}{tested(view)}"
    yield "Counts as found", f"q below {p.alpha:g} and truer of the first set"
    test = "Wilcoxon's signed-rank test within pairs" if p.paired else "Mann-Whitney's rank-sum test"
    yield (
        "Test",
        f"{test}, exact where few values decide; q by Benjamini and Hochberg over {numbers.count(len(p.candidates), 'description')}",
    )
    for name, sees in p.sees.items():
        yield f"Measured by {escape.shorten(name, 60)}", escape.shorten(sees, 400)

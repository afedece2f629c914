"""An attribution in plain words: the alt text, the screen-reader text, and what a stakeholder reads first."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..explanation import Explanation
from ..maps.complete import CLOSE
from . import escape, fills, numbers
from .attribution_rows import Row, Rows, column
from .common import PROTECTED_SENTENCE, answer_sentence, answered, class_name, probability, quoted, stopped_sentence
from .little import cancels, little
from .texts import method_text

MOST_TOWARD = 3
MOST_AWAY = 2
LEAST_NAMED = 0.1  # of the largest number on the same side
LEADS = 2.0  # so many times the largest number toward the class: what counts away from it is said first
RANDOM = "random"
_DRAWN = "These numbers were drawn at random: they say nothing about the model, and are here to be beaten."


_FOR_ONLY = ("gradcam",)  # methods whose numbers are the evidence for the class alone


def sentence(e: Explanation) -> str:
    return " ".join(s for s in in_parts(e) if s)


def in_parts(e: Explanation) -> tuple[str, str]:
    """What it says, and what it says that of: what stands for what is taken away, whether it adds up, that it is not finished."""
    rows = Rows.of(e)
    if e.method == RANDOM:
        return f"{answer_sentence(e)} {_DRAWN}", ""
    stopped = stopped_sentence(e, rows.payload.samples)
    nothing, balance = little(rows), cancels(rows)
    pushes = [nothing, _the_little(rows)] if nothing else [_pushes(rows), _largest(rows), balance]
    pushes = [*pushes, _chance(rows)]
    said = [answer_sentence(e), *pushes, _marks(rows, pushes)]
    small = [_held_against(rows, told=bool(nothing or balance)), stopped, _too_few(rows)]
    return " ".join(s for s in said if s), " ".join(s for s in small if s)


def gist(e: Explanation) -> str:
    """Which parts count, for a place among other explanations."""
    rows = Rows.of(e)
    if e.method == RANDOM:
        return _DRAWN
    said = [little(rows), _pushes(rows), cancels(rows)]
    said += [_marks(rows, said), stopped_sentence(e, rows.payload.samples), _too_few(rows)]
    return " ".join(s for s in said if s)


def _marks(rows: Rows, said: Sequence[str]) -> str:
    """What the sign behind a protected attribute means, where one is named."""
    return PROTECTED_SENTENCE if any(r.mark and r.mark in sentence for r in rows.rows for sentence in said) else ""


def _the_little(rows: Rows) -> str:
    """What pushes, without its capital, which is ours (a name is quoted, or isolated, or follows); of nothing, it stands by itself."""
    said = _pushes(rows)
    return f"The little there is: {said[:1].lower()}{said[1:]}" if any(r.sure for r in rows.rows) else said


def _pushes(rows: Rows) -> str:
    """Which parts push toward the target and which pull away; only those that stand out from chance are named."""
    if not rows.rows:
        return _nothing(rows)
    toward = [r for r in rows.rows if r.sure and r.toward]
    away = [r for r in rows.rows if r.sure and not r.toward]
    if not toward and not away:
        return _none_stand_out(rows)
    if not rows.signed:
        return _counts_most(rows, toward)
    return _table_pushes(rows, toward, away) if rows.e.modality == "tabular" else _named_pushes(rows, toward, away)


def _worth_naming(same_side: list[Row]) -> list[Row]:
    """Without those next to nothing beside the largest of their side: in an exact map every number stands out from chance."""
    least = LEAST_NAMED * max((abs(r.value) for r in same_side), default=0.0)
    return [r for r in same_side if abs(r.value) >= least]


def _named_pushes(rows: Rows, toward: list[Row], away: list[Row]) -> str:
    one, many = rows.noun
    target = quoted(class_name(rows.e, rows.e.target))
    if not toward:
        named = _worth_naming(away)[:MOST_AWAY]
        noun, verb = (one, "pulls") if len(named) == 1 else (many, "pull")
        clearly = f"no {one} clearly pushes toward it" if len(rows.rows) > len(away) or rows.payload.total > len(rows.rows) else ""
        start = f"{_subject(rows, noun, named)} {verb} it {_most(rows, away, named)}away from {target}"
        return f"{start}; {clearly}." if clearly else f"{start}."
    if _strength(away) > LEADS * _strength(toward):
        named = _worth_naming(away)[:MOST_TOWARD]
        noun, verb = (one, "pulls") if len(named) == 1 else (many, "pull")
        start = f"{_subject(rows, noun, named)} {verb} it {_most(rows, away, named)}away from {target}"
        named = _worth_naming(toward)[:MOST_AWAY]
        verb = "pushes" if len(named) == 1 else "push"
        return f"{start}; {_listed(named, _in_quotes(rows))} {verb} the other way{_far_less(toward, away)}."
    named = _worth_naming(toward)[:MOST_TOWARD]
    noun, verb = (one, "pushes") if len(named) == 1 else (many, "push")
    start = f"{_subject(rows, noun, named)} {verb} it {_most(rows, toward, named)}toward {target}"
    if not away:
        return f"{start}."
    named = _worth_naming(away)[:MOST_AWAY]
    verb = "pulls" if len(named) == 1 else "pull"
    return f"{start}; {_listed(named, _in_quotes(rows))} {verb} the other way{_far_less(away, toward)}."


def _strength(same_side: list[Row]) -> float:
    """The largest number of a side; 0 for none."""
    return max((abs(r.value) for r in same_side), default=0.0)


def _far_less(weaker: list[Row], stronger: list[Row]) -> str:
    """That a side is next to nothing beside the other, which its names alone would hide."""
    return ", but far less" if _strength(weaker) < LEAST_NAMED * _strength(stronger) else ""


def _counts_most(rows: Rows, sure: list[Row]) -> str:
    """For numbers without a direction: "The words “a” and “b” count most"."""
    named = sure[:MOST_TOWARD]
    one, many = rows.noun
    noun, verb = (one, "counts") if len(named) == 1 else (many, "count")
    most = _most(rows, sure, named).strip() or "here"
    if rows.e.method in _FOR_ONLY:
        return f"{_subject(rows, noun, named)} {verb} {most} for {quoted(class_name(rows.e, rows.e.target))}; what speaks against it is not shown."
    if rows.e.modality == "tabular":
        return f"What counts {most}: {_listed(named, quotes=False)}; which way, it does not say."
    return f"{_subject(rows, noun, named)} {verb} {most}; which way, it does not say."


def _table_pushes(rows: Rows, toward: list[Row], away: list[Row]) -> str:
    target = quoted(class_name(rows.e, rows.e.target))
    if not toward:
        named = _worth_naming(away)[:MOST_AWAY]
        return f"What counts {_most(rows, away, named)}against {target}: {_listed(named, quotes=False)}; nothing clearly counts toward it."
    if _strength(away) > LEADS * _strength(toward):
        named = _worth_naming(away)[:MOST_TOWARD]
        start = f"What counts {_most(rows, away, named)}against {target}: {_listed(named, quotes=False)}"
        return f"{start}; toward it{_far_less(toward, away)}: {_listed(_worth_naming(toward)[:MOST_AWAY], quotes=False)}."
    named = _worth_naming(toward)[:MOST_TOWARD]
    start = f"What counts {_most(rows, toward, named)}toward {target}: {_listed(named, quotes=False)}"
    if not away:
        return f"{start}."
    return f"{start}; against it{_far_less(away, toward)}: {_listed(_worth_naming(away)[:MOST_AWAY], quotes=False)}."


def _subject(rows: Rows, noun: str, named: Sequence[Row]) -> str:
    """ "The words “a” and “b”", or "Part 3 (top left) and part 4 (middle)"."""
    if _in_quotes(rows):
        return f"The {noun} {_listed(named)}"
    listed = _listed(named, quotes=False)
    return listed.replace("p", "P", 1) if listed.lstrip(escape.FIRST_STRONG_ISOLATE).startswith("part") else listed


def _in_quotes(rows: Rows) -> bool:
    """Words are quoted; variables and parts of a picture have names of ours."""
    return rows.e.modality not in ("tabular", "image")


def _most(rows: Rows, same_side: Sequence[Row], named: Sequence[Row]) -> str:
    """ "most " when there are others that push less."""
    return "most " if len(same_side) > len(named) or rows.payload.total > len(rows.rows) else ""


def _listed(named: Sequence[Row], quotes: bool = True) -> str:
    """ "a", "b" and "c"."""
    items = [(quoted(r.phrase) if quotes else escape.isolated(r.phrase)) + r.suffix + r.mark for r in named]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _none_stand_out(rows: Rows) -> str:
    one, many = rows.noun
    if len(rows.rows) == 1:
        return f"{_subject(rows, one, rows.rows)} {_fails_to(rows)}."
    return f"None of the {len(rows.rows)} {many} shown {_fails_to(rows, many=True)}."


def _fails_to(rows: Rows, many: bool = False) -> str:
    sampled = rows.payload.low is not None
    if many:
        return "stands out from chance" if sampled else "moves the answer"
    return "does not stand out from chance" if sampled else "does not move the answer"


def _nothing(rows: Rows) -> str:
    if rows.e.status != "complete":
        return ""
    one, many = rows.noun
    if rows.payload.total == 0:
        return f"The {'text' if rows.e.modality == 'text' else 'input'} has no {many} to point at."
    return f"No {one} was singled out."


def _too_few(rows: Rows) -> str:
    if rows.rows or rows.e.status != "partial" or not rows.payload.samples:
        return ""
    return f"That is too few to say which {rows.noun[1]} count."


def _chance(rows: Rows) -> str:
    unsure = sum(not r.sure for r in rows.rows)
    if rows.payload.low is None or unsure in (0, len(rows.rows)):
        return ""
    return f"Of the {len(rows.rows)} {rows.noun[1]} shown, {unsure} could be chance{_larger_by_chance(rows)}."


def _larger_by_chance(rows: Rows) -> str:
    """Parts that the sentence leaves out though their numbers are larger than those it names: a picture of them would seem to contradict it."""
    toward, away = ([r for r in rows.rows if r.sure and r.toward == side] for side in (True, False))
    most = (MOST_AWAY, MOST_TOWARD) if _strength(away) > LEADS * _strength(toward) and toward else (MOST_TOWARD, MOST_AWAY)
    named = [*_worth_naming(toward)[: most[0]], *_worth_naming(away)[: most[1]]]
    least = min((abs(r.value) for r in named), default=math.inf)
    larger = [r for r in rows.rows if not r.sure and abs(r.value) > least]
    if not larger:
        return ""
    shown, more = larger[:MOST_AWAY], len(larger) - MOST_AWAY
    said = _listed(shown, _in_quotes(rows)) if more <= 0 else f"{', '.join(_listed([r], _in_quotes(rows)) for r in shown)} and {more} more"
    return f", among them {said}, whose larger numbers are left out here for that reason"


def _largest(rows: Rows) -> str:
    """The strongest part's number in words."""
    sure = [r for r in rows.rows if r.sure]
    if not sure or not rows.signed:  # a size without a direction says nothing by itself
        return ""
    row = sure[0]
    amount, ends = numbers.within(row.value, row.low, row.high)
    between = f" ({ends})" if ends else ""
    method = method_text(rows.e.method, rows.e.modality)
    if method.removal and rows.in_points and not row.slope:
        return _removal(rows, row, method.title, amount + " percentage points" + between)
    unit = (" percentage points" if rows.in_points else "") + (" per standard deviation" if row.slope else "")
    measured = "" if rows.in_points else f", measured in {rows.unit}" if rows.unit else ", in no unit"
    sign = row.sign
    name = _listed([row], quotes=_in_quotes(rows))
    return f"The largest effect is that of {name}: {sign}{amount}{unit}{between}{measured}."


def _held_against(rows: Rows, told: bool = False) -> str:
    """What stands for what is absent, and whether the numbers add up to what they promise. `told`: that has been said already."""
    p = rows.payload
    said = fills.sentence(p.baseline)
    if p.effect is None or not rows.rows:
        return said
    gap = next((s.value for s in rows.e.quality if s.name == "completeness gap"), math.nan)
    kept = "" if not math.isfinite(gap) else ", and do" if gap < CLOSE else f", and miss it by {numbers.percent(gap)}"
    if told:
        return f"{said} All numbers together should add up to that difference{kept}.".strip()
    effect = 100 * p.effect if rows.in_points else p.effect
    amount = f"{'+' if effect >= 0 else numbers.MINUS}{numbers.amount(effect)} {rows.unit}".strip()
    return f"{said} All numbers together should add up to {amount}, the difference to the answer with everything taken away{kept}.".strip()


def _removal(rows: Rows, row: Row, method: str, amount: str) -> str:
    """What the method thinks would happen without the part: its own words for a number, not a promise."""
    change = "lower" if row.toward else "raise"
    by = f"the probability of {quoted(class_name(rows.e, rows.e.target))} by about {amount}"
    if rows.e.modality == "text":
        every = "" if row.times == 1 else " both times" if row.times == 2 else f" all {row.times} times"
        act = "hiding" if rows.e.params.get("mask_word") and rows.e.params.get("parts") == "positions" else "removing"
        start = f"{method} estimates that {act} {_listed([row])}{every} would {change} {by}"
    elif rows.e.modality == "tabular":
        start = f"{method} estimates that other values of {escape.isolated(column(rows.payload.features[row.index]))} would {change} {by}"
    else:
        start = f"{method} estimates that switching off {_listed([row], _in_quotes(rows))} would {change} {by}"
    return f"{start}.{_impossible(rows, row)}"


def _impossible(rows: Rows, row: Row) -> str:
    """A straight line can promise more than there is; say so rather than print nonsense."""
    p = 100 * probability(rows.e, rows.e.target)
    least = min((x for x in (row.value, row.low, row.high) if x is not None), key=abs)
    if not answered(rows.e) or 0 <= p - least <= 100:
        return ""
    limit = f"the {numbers.percent(p / 100)} there is to lose" if row.toward else f"the {numbers.percent(1 - p / 100)} there is to gain"
    return f" That is more than {limit}, so read it as a rank, not as an amount."

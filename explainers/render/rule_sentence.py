"""A rule in plain words: the alt text, the screen-reader text, and what a stakeholder reads first."""

from __future__ import annotations

from ..explanation import Explanation
from . import numbers
from .common import PROTECTED_SENTENCE, answer_sentence, stop_reason, unfinished_sentence
from .rule_view import View


def sentence(e: Explanation) -> str:
    """What was not reached comes first, then the model's answer, the rule, and how often the answer comes without it."""
    view = View(e)
    said = [_status(view), answer_sentence(e), _rule(view), _marks(view), _without(view)]
    return " ".join(s for s in said if s)


def gist(e: Explanation) -> str:
    """The rule alone, for a place among others."""
    view = View(e)
    return " ".join(s for s in (_status(view), _rule(view), _marks(view)) if s)


def _status(view: View) -> str:
    if view.e.status == "not_found":
        told = view.e.reason.strip() and not view.e.reason.startswith("no rule")  # which this sentence says in plainer words
        why = f": {stop_reason(view.e)}" if told else ""
        return f"No rule was found that holds {view.asked} times in 100{why}."
    if view.e.status == "partial":
        return unfinished_sentence(view.e, "The search was not finished")
    return ""


def _marks(view: View) -> str:
    return PROTECTED_SENTENCE if view.marked else ""


def _rule(view: View) -> str:
    if not view.payload.conditions:
        return _no_condition(view)
    if not view.measured:
        return f"The best rule so far is “if {view.clause}”; how often the model keeps to its answer under it was not measured."
    said = f"{view.whatever}, if {view.clause} the model says {view.target} {_times(view)}; this covers {view.coverage}."
    best = {"not_found": "The best one found: ", "partial": "The best rule so far: "}
    return best[view.e.status] + said if view.e.status in best else said[:1].upper() + said[1:]


def _no_condition(view: View) -> str:
    if not view.measured:
        return "No rule was found so far." if view.e.status == "partial" else ""
    if view.e.status == "complete":
        return f"No condition is needed: {view.whatever}, the model says {view.target} {_times(view)}."
    found = "no condition was found that makes it clearly surer" if view.e.status == "not_found" else "no rule was found so far"
    return f"Without any condition the model says {view.target} {_times(view)}; {found}."


def _without(view: View) -> str:
    """What the rule is to be held against: a rule that holds no more often than nothing at all says nothing."""
    base = view.payload.base
    if base is None or not view.payload.conditions:
        return ""
    said = f"Without any condition it says so {numbers.in_hundred(base)} times in 100"
    return f"{said}, about as often, so the rule says little." if view.adds_little() else f"{said}."


def _times(view: View) -> str:
    times, ends = view.precision
    return f"{times} times in 100" + (f" (95 % range {ends})" if ends else "")

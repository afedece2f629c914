"""One printable page about one decision, for the person about whom it was made: plain words, A4, no scripts.

decision_page(e, reasons, stability)   e: a boundary path; reasons: an attribution or a rule of the same input; stability: a Score
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from PIL import Image

from ..explanation import BoundaryPath, Explanation, Score
from . import boundary_sentence, escape, inputs, numbers, style
from .attribution_rows import Row, Rows
from .boundary_html import changed_input
from .boundary_rows import Path, arrowed, changes
from .card import POLICY
from .common import answered, class_name, facts, probability, quoted
from .kinds import kind_of

MOST_FOR, MOST_AGAINST = 5, 3
_PICTURE_SIDE = 300
STABILITY = "agreement over seeds"  # name of the score that `quality.evaluate` gives
_STRONG, _MEDIUM = 0.66, 0.33  # of the largest effect

_SHEET = f"""
@page {{ size: A4; margin: 12mm 16mm; }}
:root {{ color-scheme: light; }}
body {{ background: #fff; color: #1c1e26; }}
.ft-decision {{ max-width: 46em; margin: 0 auto; padding: 1.6em 1.2em; font: 15px/1.5 {style.FONT}; }}
.ft-decision h1 {{ font-size: 1.6em; line-height: 1.25; margin: 0 0 .4em; }}
.ft-decision h2 {{ font-size: 1.1em; margin: 1.2em 0 .35em; padding: .6em 0 0; border-top: 1px solid #c9ccd4; break-after: avoid; }}
.ft-decision ul {{ margin: .2em 0 .5em; padding-inline-start: 1.2em; }}
.ft-decision li {{ margin: 0 0 .2em; break-inside: avoid; }}
.ft-decision .ft-answer {{ font-size: 1.15em; margin: 0 0 .4em; }}
.ft-decision .ft-given {{ columns: 2 15em; column-gap: 2em; margin: 0; }}
.ft-decision .ft-given div {{ break-inside: avoid; display: flex; gap: .6em; justify-content: space-between; border-bottom: 1px solid #e3e5ea;
  padding: .12em 0; }}
.ft-decision dt, .ft-decision dd {{ margin: 0; min-width: 0; }}
.ft-decision .ft-given dd {{ font-weight: 600; text-align: end; }}
.ft-decision .ft-made {{ font-size: .8em; color: #4c4f5a; }}
.ft-decision .ft-reasons {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15em), 1fr)); gap: 0 2em; }}
@media print {{ .ft-decision {{ font-size: 10pt; line-height: 1.4; padding: 0; max-width: none; }}
  .ft-decision h2 {{ margin-top: .8em; padding-top: .45em; }} }}
"""


def decision_page(e: Explanation, reasons: Explanation | None = None, stability: Score | None = None, note: str = "") -> str:
    """A stand-alone HTML document, light and printable whatever the theme.

    reasons    an explanation of the same input by the same model: an attribution, a rule, or any other kind
    stability  a score that says how far the result holds when the search is run again
    note       what only its maker knows, in a sentence
    Raises ValueError where `e` is not a boundary path, or `reasons` are about another input or another model.
    """
    _check(e, reasons)
    path = Path.of(e)
    title = f"Why the answer is {quoted(class_name(e, e.predicted if answered(e) else e.target))}"
    parts = [
        f"<h1>{escape.prose(title)}</h1>",
        f"<p>{escape.text(note)}</p>" if note else "",
        _decision(path),
        _section("What the answer rests on", _reasons(reasons)) if reasons is not None else "",
        _section(_change_title(path), _change(path)),
        _section("How steady this is", _stability(stability)) if stability is not None else "",
        _section("What this page does not say", _list(_not_said(path, reasons))),
        _section("How this page was made", _made(e, reasons)),
    ]
    head_title = escape.text(title.replace(escape.FIRST_STRONG_ISOLATE, "").replace(escape.POP_ISOLATE, ""))
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape.text(POLICY)}">',
            f"<title>{head_title}</title>{style.style(style.PAGE, style.WORDS, style.INPUTS, _SHEET)}</head>",
            f'<body><main class="ft-decision ft-inputs">{"".join(parts)}</main></body></html>',
        ]
    )


def _check(e: Explanation, reasons: Explanation | None) -> None:
    if e.kind != BoundaryPath.kind or not e.payload.steps:
        raise ValueError(f"A decision page needs a boundary path, not an explanation of kind {e.kind!r}: run decision_boundary first.")
    if reasons is None:
        return
    if reasons.instance_sha256 != e.instance_sha256:
        raise ValueError("The reasons are about another input than the decision: explain the same input.")
    if reasons.model_fingerprint != e.model_fingerprint:
        raise ValueError("The reasons are about another model than the decision: explain the answer of the same model.")


def _section(title: str, inner: str) -> str:
    return f"<h2>{escape.prose(title)}</h2>{inner}" if inner else ""


def _list(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape.prose(s)}</li>' for s in sentences)}</ul>"


def _decision(path: Path) -> str:
    """The answer, how sure the model is, and what it was given."""
    e = path.e
    if not answered(e):
        return "<p>The answer is not known.</p>"
    sure = numbers.percent(probability(e, e.predicted))
    said = f"<b>{escape.prose(quoted(class_name(e, e.predicted)))}</b>"
    intro = f'<p class="ft-answer">A computer model gave the answer {said}. It is {escape.prose(sure)} sure of it.</p>'
    return f"{intro}{_given(path)}"


def _given(path: Path) -> str:
    instance = path.e.instance
    if isinstance(instance, dict):
        items = "".join(
            f"<div><dt><bdi>{escape.breakable(escape.shorten(k, 80))}</bdi></dt><dd><bdi>{_cell(v)}</bdi></dd></div>"
            for k, v in list(instance.items())[: inputs.MOST_VARIABLES]
        )
        return f'<p>It knew only this:</p><dl class="ft-given">{items}</dl>'
    if isinstance(instance, str):
        return f"<p>It read only this text:</p>{inputs.text(instance, [], lambda mark, inner: inner)}"
    if isinstance(instance, Image.Image):
        return f"<p>It saw only this picture:</p>{inputs.photograph(instance, 'The picture', _PICTURE_SIDE)}"
    return ""


def _cell(v: object) -> str:
    return escape.text(escape.shorten(numbers.value(v), 80))


def _reasons(reasons: Explanation) -> str:
    """An attribution as two lists in plain words; any other kind as its sentence."""
    if reasons.kind != "attribution":
        return f"<p>{escape.prose(kind_of(reasons).sentence(reasons))}</p>"
    rows = Rows.of(reasons)
    toward = [r for r in rows.rows if r.sure and r.toward][:MOST_FOR]
    away = [r for r in rows.rows if r.sure and not r.toward][:MOST_AGAINST]
    target = quoted(class_name(reasons, reasons.target))
    parts = []
    if toward:
        parts.append(f"<div><p>This counted most for {escape.prose(target)}:</p>{_list(_reason(rows, r) for r in toward)}</div>")
    if away:
        parts.append(f"<div><p>This counted against {escape.prose(target)}:</p>{_list(_reason(rows, r) for r in away)}</div>")
    if parts:
        scale = "<p>Strongly, somewhat and a little are meant relative to what counted most here.</p>"
        return f'<div class="ft-reasons">{"".join(parts)}</div>{scale}'
    return "<p>Nothing that was tried stands out as counting for it or against it.</p>"


def _reason(rows: Rows, row: Row) -> str:
    share = abs(row.value) / rows.largest
    strength = "strongly" if share >= _STRONG else "somewhat" if share >= _MEDIUM else "a little"
    phrase = quoted(row.phrase) if rows.e.modality == "text" else escape.isolated(row.phrase)
    return f"{phrase}{row.suffix} ({strength}{'' if row.toward else ' against'})"


def _change_title(path: Path) -> str:
    return "What would have given another answer" if path.payload.flipped else "What was tried to get another answer"


def _change(path: Path) -> str:
    """The nearest change within reach, or how near the search came."""
    last, locked = path.last, _locked(path)
    if not path.approached:
        return f"<p>No change was found that comes nearer to another answer.</p>{locked}"
    changed = _list(arrowed(change) for change in changes(last.step))
    answer = f"{path.said(last.answer)} ({numbers.percent(last.sure)} sure)"
    if path.payload.flipped:
        intro, then = "The nearest change that was found, all else being the same:", f"The model would then have said {answer}."
    else:
        intro = "No change that was tried gives another answer. This came nearest to one:"
        then = f"The model would still have said {answer}."
    stopped = "" if path.e.status != "partial" else " The search was stopped early, so a nearer change may exist."
    return f"<p>{intro}</p>{changed}<p>{escape.prose(f'{then}{_plausible(path)}{stopped}')}</p>{_look(path)}{locked}"


def _look(path: Path) -> str:
    """A text or a picture as it would have been."""
    return "" if isinstance(path.last.step.instance, dict) else changed_input(path, path.last)


def _plausible(path: Path) -> str:
    share = path.payload.plausibility
    if share is None:
        return ""
    if share < boundary_sentence.STRANGE:
        return " Such cases hardly occur among the examples that the model learned from, so its answer to them is less to be relied on."
    return " Cases as unusual as that do occur among the examples that the model learned from."


def _locked(path: Path) -> str:
    if path.e.modality != "tabular":
        return ""
    if not path.payload.locked:
        return "<p>Nothing was kept fixed in the search, so it may name changes that nobody can make.</p>"
    them = "this" if len(path.payload.locked) == 1 else "these"
    return f"<p>{escape.prose(f'{boundary_sentence.locked(path, None)} No change to {them} was looked for.')}</p>"


def _stability(score: Score) -> str:
    if score.name == STABILITY and math.isfinite(score.value):
        return f"<p>Asked again with other random draws, {_found_again(score.value)} This is about the change, not about the reasons.</p>"
    low_high = ""
    if score.low is not None and score.high is not None and numbers.plain(score.low, 2) != numbers.plain(score.high, 2):
        low_high = f" (95 % range {numbers.plain(score.low, 2)} to {numbers.plain(score.high, 2)})"
    best = "higher is steadier" if score.higher_is_better else "lower is steadier"
    name = escape.shorten(score.name.replace("_", " "), 80)
    said = f"{name[:1].upper()}{name[1:]}: {numbers.plain(score.value, 2)}{low_high}, {best}. {escape.shorten(score.meaning, 400)}"
    return f"<p>{escape.prose(said.rstrip())}</p>"


def _found_again(share: float) -> str:
    """How much of the change two searches have in common: 1 is all of it, whichever two."""
    if share >= 1:
        return "the search found a change of the same things each time."
    if share <= 0:
        return "the search found a change of other things each time."
    tenths = round(10 * share)
    much = "nearly all" if tenths == 10 else "hardly any" if tenths == 0 else f"about {tenths} in 10"
    return f"the search did not always change the same things: two searches have on average {much} of them in common."


def _not_said(path: Path, reasons: Explanation | None) -> list[str]:
    said = [
        "It does not say that the answer is right or fair. The model can be wrong about you.",
        "It does not say that the change would make anything better in life, nor that the answer would change for certain: "
        "another model, or this one once it is renewed, may answer differently.",
        "Other changes, even smaller ones, may do the same: not all were tried.",
    ]
    if reasons is not None:
        said.append(
            "What the answer rests on was estimated by asking the model about changed cases. It is no record of how it computed the answer."
        )
    if path.e.modality == "tabular":
        said.append("It is not advice. A change in one thing often brings others with it, which were left as they are here.")
    return said


def _made(e: Explanation, reasons: Explanation | None) -> str:
    """Provenance in one small paragraph: enough to make the page again."""
    known = {fact.name: fact.value for fact in facts(e)}
    said = [
        f"Task: {known['Task']}",
        f"model: {known['Model']}",
        f"change by {known['Method']} (seed {e.seed})",
    ]
    if reasons is not None:
        said.append(f"reasons by {escape.shorten(reasons.method, 60)} (seed {reasons.seed}; digest {reasons.digest[:12]})")
    return f'<p class="ft-made">{escape.text("; ".join([*said, f"digest: {e.digest}"]))}. Made with Foretell.</p>'

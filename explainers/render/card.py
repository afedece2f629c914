"""The frame around every kind of explanation: a card (`fragment`) and a stand-alone page.

Nothing is fetched and nothing runs: no script, no address, no event handler. A kind brings its figure and its table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..explanation import Explanation, Score
from . import belief, common, escape, fills, numbers, style
from . import scores as drawn
from .texts import method_text

MOST_BYTES = 950_000  # of a page; only a large picture with much noise in it comes near
_UNCHECKED = {
    "composite": "Each of the explanations above has checks of its own, in its fold.",
    "set_difference": "Every description has an interval, and q, which is corrected for how many were tested: both come from items that no proposer "
    "saw, or from all items where nothing was proposed.",
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def fragment(
    e: Explanation, sentence: str, figure: str, table: str, more: Iterable[tuple[str, str]] = (), scores: Sequence[Score] = ()
) -> str:
    """`figure`, `table`: HTML from the kind; `sentence`: plain words; `more`: further facts; `scores`: taken besides its own."""
    method = method_text(e.method, e.modality)
    kicker = " · ".join(escape.shorten(s, 80) for s in (method.title, e.task, e.model_name) if s)
    return "".join(
        [
            f'<section class="ft-card" lang="en">{style.style(style.WORDS, style.CARD)}',
            f'<p class="ft-kicker">{escape.text(kicker)}</p><h3>{escape.prose(common.title(e))}</h3>',
            _answers(e),
            f'<p class="ft-sentence">{escape.prose(sentence)}</p>',
            _clause(e, scores),
            figure,
            rest(e, table, more, scores),
            "</section>",
        ]
    )


def rest(e: Explanation, table: str, more: Iterable[tuple[str, str]] = (), scores: Sequence[Score] = ()) -> str:
    """What stands below the figure: the numbers, how far to trust them, what they do not say, how they were made."""
    method = method_text(e.method, e.modality)
    trust = f'<div class="ft-part ft-two">{_trust(e, scores)}{_not_said(method.not_said)}</div>'
    return folded(table) + trust + _beside_rivals(e, scores) + _provenance(e, method.line, more)


def folded(table: str) -> str:
    """The numbers, which a reader may open."""
    return f'<details class="ft-part ft-open"><summary>The numbers</summary>{table}</details>' if table else ""


def page(e: Explanation, fragment: str, note: str = "") -> str:
    """A whole document: opens from a disk, prints, and holds the data it was drawn from."""
    data = escape.json_text(e.to_json(indent=1))
    if len(data) + len(fragment) > MOST_BYTES:
        data = "The data would make this page too heavy to send around: download it as a file of its own."
    title = escape.text(common.title(e).replace(escape.FIRST_STRONG_ISOLATE, "").replace(escape.POP_ISOLATE, ""))
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape.text(POLICY)}">',
            f"<title>{title}</title>{style.style(style.PAGE, style.CARD)}</head><body><main>",
            f'<p class="ft-note">{escape.text(note)}</p>' if note else "",
            fragment,
            "<footer><details><summary>The data behind this page (JSON)</summary>",
            f"<p>Foretell reads this text as a file. Its digest is {e.digest}.</p>",
            f"<pre>{data}</pre></details></footer></main></body></html>",
        ]
    )


def _answers(e: Explanation, most: int = 4) -> str:
    """The classes with their probabilities, most probable first; the explained class is always among them."""
    if not common.answered(e) or e.kind == "set_difference":  # which has no model's answer
        return ""
    order = common.ranked(e)
    shown = order[:most] if e.target in order[:most] else [*order[: most - 1], e.target]
    items = "".join(_answer(e, i, i == order[0]) for i in shown if 0 <= i < len(order))
    left = len(order) - len(shown)
    more = f"<li>and {numbers.count(left, 'other class', 'other classes')}</li>" if left > 0 else ""
    return f'<ul class="ft-answers" aria-label="The model\'s answer">{items}{more}</ul>'


def _answer(e: Explanation, index: int, first: bool) -> str:
    p = common.probability(e, index)
    name = f"<bdi>{escape.text(common.class_name(e, index))}</bdi>"
    name = f"<b>{name}</b>" if first else f"<span>{name}</span>"
    width = min(100.0, max(0.0, 100 * p))
    meter = f'<span class="ft-meter" aria-hidden="true"><i style="width:{width:.1f}%"></i></span>'
    return f"<li>{name}{meter}<span>{escape.prose(numbers.percent(p))}</span></li>"


def _clause(e: Explanation, scores: Sequence[Score]) -> str:
    """How far to believe what the sentence before it says; "" for what has no such word."""
    found = belief.believe(e, scores)
    return f'<p class="ft-believe">{escape.prose(found.clause)}</p>' if found is not None else ""


def _trust(e: Explanation, further: Sequence[Score]) -> str:
    """How far to believe it: the one word, its own checks, each with what it means, and the caveats."""
    found = belief.believe(e, further)
    lines = "" if found is None else "".join(f"<li>{escape.text(head)}: {escape.prose(words)}</li>" for head, words in found.lines)
    word = "" if found is None else f"<p><b>{escape.text(found.level)}</b></p>" + (f"<ul>{lines}</ul>" if lines else "")
    alone = "".join(_score(s) for s in (*e.quality, *further) if not s.beside)
    none = "" if e.quality or further else f"<p>{_UNCHECKED.get(e.kind, 'No checks were run on this explanation.')}</p>"
    scores = f'<dl class="ft-scores">{alone}</dl>' if alone else none
    caveats = "".join(f"<li>{escape.text(escape.shorten(c, 500))}</li>" for c in e.caveats)
    caveats = f"<h4>Keep in mind</h4><ul>{caveats}</ul>" if caveats else ""
    return f"<div><h4>How far to trust it</h4>{word}{scores}{caveats}</div>"


def _beside_rivals(e: Explanation, further: Sequence[Score]) -> str:
    """Scores that are held against a rival (a random order, an edge detector, ...), each with the rival's value, as on the app's page."""
    held = [s for s in (*e.quality, *further) if s.beside]
    if not held:
        return ""
    said = " ".join(filter(None, [drawn.verdict(held), fills.of_scores(e.modality) if any(s.name in drawn.FAITHFUL for s in held) else ""]))
    head = f"<h4>Scored on this very input</h4><p>{escape.prose(said)}</p>" if said else "<h4>Scored on this very input</h4>"
    return f'<div class="ft-part">{head}{drawn.html(*held)}</div>'


def _score(s: Score) -> str:
    name = escape.shorten(s.name.replace("_", " "), 80)
    value = "unknown" if not math.isfinite(s.value) else numbers.plain(s.value, 2)
    if s.low is not None and s.high is not None and numbers.plain(s.low, 2) != numbers.plain(s.high, 2):
        value += f" (95 % range {numbers.plain(s.low, 2)} to {numbers.plain(s.high, 2)})"
    direction = "higher is better" if s.higher_is_better else "lower is better"
    meaning = escape.shorten(s.meaning, 400)
    return f"<dt>{escape.text(name[:1].upper() + name[1:])}: {escape.prose(value)}</dt><dd>{escape.text(meaning)} ({direction})</dd>"


def _not_said(sentences: Iterable[str]) -> str:
    items = "".join(f"<li>{escape.text(s)}</li>" for s in sentences)
    return f"<div><h4>What this does not say</h4><ul>{items}</ul></div>"


def _provenance(e: Explanation, line: str, more: Iterable[tuple[str, str]]) -> str:
    facts = [(f.name, f.value) for f in common.facts(e)]
    items = "".join(f"<dt>{escape.text(k)}</dt><dd>{escape.text(v)}</dd>" for k, v in [*facts[:-1], *more, facts[-1]])
    facts_list = f'<dl class="ft-facts">{items}</dl>'
    return f'<details class="ft-part ft-open"><summary>How this was made</summary><p>{escape.text(line)}</p>{facts_list}</details>'

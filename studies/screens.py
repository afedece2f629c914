"""What a participant is shown of an item: a fragment of HTML, without scripts or outside addresses, in the design's own words.

A screen holds what is shown, not what is asked: the question and its choices are the page's. A forward screen holds the input alone.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Sequence
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from explainers import Explanation, render

from .arms import Artifact
from .titles import in_words_of
from .words import Words

_STYLE = (
    "<style>.ft-study{max-width:44rem;margin:0 auto;line-height:1.5}.ft-study h2{font-size:1rem;margin:1.2em 0 .4em}"
    ".ft-study dl{display:flex;flex-wrap:wrap;gap:.4em 2em;margin:1em 0}.ft-study dt{font-size:.9rem}"
    ".ft-study .ft-changed{margin-top:1.5em;padding-top:1em;border-top:1px solid}.ft-study dd{margin:0;font-weight:700}"
    ".ft-study img{max-width:100%;height:auto}</style>"
)


@dataclasses.dataclass(frozen=True)
class Screens:
    """Draws the screens of one study. labels: names of the classes as shown."""

    texts: Words
    modality: str
    labels: Sequence[str]

    def learn(self, instance: Any, gold: int, output: int, artifact: Artifact | None = None) -> str:
        """A learning item with the right answer and the system's, and in explained arms why."""
        return self._page(self._input(self.texts.example, instance), self._answers(gold, output), self._why(artifact))

    def forward(self, instance: Any) -> str:
        return self._page(self._input(self.texts.example, instance))

    def counterfactual(self, original: Any, gold: int, output: int, changed: Any, artifact: Artifact | None = None) -> str:
        """The original, both answers to it, in explained arms why, and the changed form. gold, output: of the original."""
        names = dict(self.texts.inputs) or None
        heads = (self.texts.original, self.texts.changed)
        shown = render.change(original, changed, self.modality, names=names, heads=heads)
        told = self._answers(gold, output) + self._why(artifact)
        return self._page(self._input(self.texts.original, original), told, f'<section class="ft-changed">{shown}</section>')

    def _input(self, head: str, instance: Any) -> str:
        shown = render.instance(instance, self.modality, names=dict(self.texts.inputs) or None, head=head)
        return f'<section class="ft-input">{shown}</section>'

    def _answers(self, gold: int, output: int) -> str:
        pairs = ((self.texts.right_answer, self.labels[gold]), (self.texts.system_answer, self.labels[output]))
        told = "".join(f'<div><dt dir="auto">{escape(head)}</dt><dd dir="auto">{escape(label)}</dd></div>' for head, label in pairs)
        return f'<dl class="ft-answers">{told}</dl>'

    def _why(self, artifact: Artifact | None) -> str:
        if artifact is None:
            return ""
        return f'<section class="ft-why">{_head(self.texts.explanation)}{self._drawn(artifact)}</section>'

    def _drawn(self, artifact: Artifact) -> str:
        if isinstance(artifact, Explanation):
            return render.for_participant(in_words_of(artifact, self.labels, self.texts.inputs))
        source = base64.b64encode(artifact).decode()
        return f'<img alt="{escape(self.texts.explanation, quote=True)}" src="data:image/png;base64,{source}">'

    def _page(self, *parts: str) -> str:
        words = self.texts
        return f'<div class="ft-study" lang="{escape(words.language, quote=True)}" dir="{words.direction}">{_STYLE}{"".join(parts)}</div>'


def visible(html: str) -> str:
    """Everything a person or a screen reader gets of a fragment: its text and its alternative texts, spaces as one."""
    reader = _Reader()
    reader.feed(html)
    return " ".join(unescape(" ".join(reader.found)).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("style", "script")
        self.found += [value for name, value in attrs if name in ("alt", "title", "aria-label", "value") and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def _head(text: str) -> str:
    return f'<h2 dir="auto">{escape(text)}</h2>'

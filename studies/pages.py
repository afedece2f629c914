"""Pages of words as HTML: the design's texts, never markup. And whether a fragment that somebody handed over is only to be looked at."""

from __future__ import annotations

import html
import re

from .markup import strange
from .words import Words


def paragraphs(text: str, words: Words) -> bytes:
    """A fragment: a blank line starts a new paragraph, a line break stays one; everything else is shown as it is written."""
    found = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    inner = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in found)
    return f'<div lang="{html.escape(words.language)}" dir="{html.escape(words.direction)}">{inner}</div>'.encode()


def only_to_look_at(fragment: str) -> bool:
    """Whether a fragment is made of nothing but what Foretell draws with: no script, nothing to be filled in, no outside address (markup.py)."""
    return not strange(fragment)

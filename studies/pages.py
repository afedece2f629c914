"""Pages of words as HTML: the design's texts, never markup."""

from __future__ import annotations

import html
import re

from .words import Words


def paragraphs(text: str, words: Words) -> bytes:
    """A fragment: a blank line starts a new paragraph, a line break stays one; everything else is shown as it is written."""
    found = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    inner = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in found)
    return f'<div lang="{html.escape(words.language)}" dir="{words.direction}">{inner}</div>'.encode()

"""Pages of words as HTML: the design's texts, never markup. And whether a fragment that somebody handed over is only to be looked at."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from .words import Words


def paragraphs(text: str, words: Words) -> bytes:
    """A fragment: a blank line starts a new paragraph, a line break stays one; everything else is shown as it is written."""
    found = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    inner = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in found)
    return f'<div lang="{html.escape(words.language)}" dir="{words.direction}">{inner}</div>'.encode()


# Tags that run, load or send something, and whatever is no tag (comments, declarations): browsers read those in many ways.
_ACTIVE = re.compile(
    r"<(?:[!?]|/?\s*(?:script|iframe|frame|frameset|object|embed|applet|portal|form|input|button|textarea|select|link|meta|base|audio|video"
    r"|template|foreignobject|set|animate\w*)\b)", re.IGNORECASE,
)  # fmt: skip
_ADDRESSES = ("src", "srcset", "href", "xlink:href", "action", "formaction", "data", "poster", "background", "ping", "srcdoc")
_STYLE = re.compile(r"url\((?!\s*['\"]?(?:data:image/|#))|@import|expression\(|\\", re.IGNORECASE)


def only_to_look_at(fragment: str) -> bool:
    """Whether a fragment has no script, nothing to be filled in, and no outside address: a folder of materials may be anybody's."""
    reader = _Active()
    reader.feed(fragment)
    reader.close()
    return not (_ACTIVE.search(fragment) or reader.found)


class _Active(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            text = (value or "").strip().lower()
            away = name in _ADDRESSES and not text.startswith(("data:image/", "#"))
            self.found |= name.startswith("on") or away or (name not in ("alt", "title", "aria-label") and bool(_STYLE.search(text)))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        self.found |= self._in_style and bool(_STYLE.search(data))

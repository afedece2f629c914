"""Pages of words as HTML: the design's texts, never markup. And whether a fragment that somebody handed over is only to be looked at."""

from __future__ import annotations

import html
import re

from .words import Words


def paragraphs(text: str, words: Words) -> bytes:
    """A fragment: a blank line starts a new paragraph, a line break stays one; everything else is shown as it is written."""
    found = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    inner = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in found)
    return f'<div lang="{html.escape(words.language)}" dir="{words.direction}">{inner}</div>'.encode()


# What a screen may be made of: everything else is refused, since browsers do unexpected things with what they know and we do not.
_TAG_NAMES = (
    "abbr b bdi bdo blockquote br caption code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li "
    "mark ol p pre q rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th thead tr u ul var wbr "
    "svg g defs clippath path rect circle ellipse line polyline polygon text tspan image lineargradient radialgradient stop"
)
_ATTRIBUTE_NAMES = (
    "alt class clip-path clip-rule colspan cx cy d dir dominant-baseline dx dy fill fill-opacity fill-rule focusable font-family font-size "
    "font-style font-weight "
    "gradienttransform gradientunits height href id lang letter-spacing offset opacity open points preserveaspectratio r reversed role "
    "rowspan rx ry scope src start stop-color stop-opacity stroke stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity "
    "stroke-width style tabindex text-anchor title transform translate type value version viewbox width x x1 x2 xml:space xmlns xmlns:xlink "
    "xlink:href y y1 y2"
)
_FUNCTION_NAMES = (
    "calc clamp color-mix cubic-bezier fit-content has hsl hsla is lang light-dark linear-gradient matrix max min minmax not nth-child "
    "nth-last-child nth-of-type oklab oklch radial-gradient repeat repeating-linear-gradient rgb rgba rotate scale scalex scaley steps translate "
    "translatex translatey url var where"
)
_TAGS, _ATTRIBUTES, _FUNCTIONS = (frozenset(names.split()) for names in (_TAG_NAMES, _ATTRIBUTE_NAMES, _FUNCTION_NAMES))
_ADDRESSES = ("src", "href", "xlink:href")
_RULES = ("media", "container", "supports", "layer")
# A fragment as this program writes them, and no other way: quoted values, no < in a value, in a text or in a style. So there is one way to read it.
_ATTRIBUTE = r'[ \t\n\f\r]+([a-zA-Z][\w:.-]*)(?:="([^"<]*)")?'
_PIECE = re.compile(rf"[^<]+|<style>([^<&]*)</style>|<([a-zA-Z][a-zA-Z0-9]*)((?:{_ATTRIBUTE})*)[ \t\n\f\r]*/?>|</[a-zA-Z][a-zA-Z0-9]*>")
_URL = re.compile(r"url\(\s*['\"]?(?:data:image/|#)", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml)[;,]|#", re.IGNORECASE)


def only_to_look_at(fragment: str) -> bool:
    """Whether a fragment has no script, nothing to be filled in, and no outside address: a folder of materials may be anybody's."""
    at = 0
    while at < len(fragment):
        piece = _PIECE.match(fragment, at)
        if piece is None:
            return False
        sheet, tag, attributes = piece[1], piece[2], piece[3]
        if sheet is not None and not _plain_style(sheet):
            return False
        if tag is not None and not (tag.lower() in _TAGS and all(map(_plain_attribute, re.finditer(_ATTRIBUTE, attributes)))):
            return False
        at = piece.end()
    return "\0" not in fragment


def _plain_attribute(found: re.Match[str]) -> bool:
    name, value = found[1].lower(), html.unescape(found[2] or "").strip()
    if name in _ADDRESSES:
        return bool(_IMAGE.match(value))
    if name in ("alt", "title") or name.startswith("aria-"):
        return True
    return name in _ATTRIBUTES and (_plain_style(value) if name == "style" or "(" in value else True)


def _plain_style(css: str) -> bool:
    """Colours and places; of addresses only pictures that it holds itself."""
    named = re.findall(r"([\w-]*)\(", css.lower())
    ours = all(name in _FUNCTIONS or not name for name in named) and all(rule in _RULES for rule in re.findall(r"@([\w-]*)", css.lower()))
    away = len(re.findall(r"url\(", css, re.IGNORECASE)) != len(_URL.findall(css))
    return ours and not away and "\\" not in css and not re.search(r"position\s*:\s*(?:fixed|sticky)", css, re.IGNORECASE)

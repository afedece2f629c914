"""Which HTML a screen may be made of. A folder of materials may be anybody's, and what is in it runs in participants' browsers.

A list of what is allowed, not of what is forbidden: the tags, attributes and styles that Foretell itself draws with, written so plainly that every
browser reads them as this does. Nothing is left to a parser's leniency: no comment, no tag in capitals, no value without quotation marks, no
element whose inside is raw text but <style>. Whatever else there is, is named and refused.

What this cannot see: how large a screen is, and where it lies. Elements may be placed absolutely (bars are), so the page that shows a screen has to
hold it in a box of its own (`contain: content`), and to give nothing of its own a class that begins with "ft-".
"""

from __future__ import annotations

import re
from functools import lru_cache

_PLAIN = """b bdi caption dd del details div dl dt em figcaption figure h2 h3 h4 h5 i ins li mark ol p section small span strong sub summary sup
table tbody td th thead tr ul"""
_VOID = ("br", "img", "wbr")
_TAGS = frozenset((*_PLAIN.split(), *_VOID))
_NUMBER = r"\d{1,5}"
_ANY = r"[^<>]*"  # words that are read or read out; quotation marks have ended the value before
_EVERYWHERE = {
    "class": r"ft-[\w-]+(?: ft-[\w-]+)*",
    "dir": "ltr|rtl|auto",
    "lang": r"[A-Za-z0-9-]*",
    "title": _ANY,
    "aria-label": _ANY,
    "aria-hidden": "true",
    "style": _ANY,  # looked at by itself
}
_OF = {
    "details": {"open": ""},
    "th": {"scope": "row|col|rowgroup|colgroup", "colspan": _NUMBER, "rowspan": _NUMBER},
    "td": {"colspan": _NUMBER, "rowspan": _NUMBER},
    "img": {"src": r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}", "alt": _ANY, "width": _NUMBER, "height": _NUMBER},
}
_MOST_DEEP = 100  # elements in one another

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[ \n]+[a-z-]+(?:="[^"]*")?)*)[ \n]*>')
_ATTRIBUTE = re.compile(r'[ \n]+([a-z-]+)(?:="([^"]*)")?')

_PROPERTIES = """-webkit-box-decoration-break -webkit-print-color-adjust align-items align-self background block-size border border-bottom 
border-bottom-color border-bottom-style border-collapse border-color border-inline border-inline-start border-left-style 
border-left-width border-radius border-style border-top border-width bottom box-decoration-break box-sizing break-inside color column-gap
container-type content content-visibility cursor display flex flex-wrap font-size font-variant-numeric font-weight gap 
grid-template-columns height justify-content left line-height list-style margin margin-bottom margin-left margin-right margin-top 
max-width min-width opacity overflow overflow-wrap overflow-x padding padding-inline-end padding-inline-start padding-right 
padding-top position print-color-adjust right table-layout text-align text-decoration text-wrap top transform unicode-bidi user-select
vertical-align white-space width"""
_KNOWN = frozenset(_PROPERTIES.split())
_FUNCTIONS = frozenset(("color-mix", "fit-content", "linear-gradient", "min", "minmax", "repeat", "rgba", "rotate", "translateX", "var"))
_FIXED = {"position": ("absolute", "relative"), "content": ('""',)}  # no words in a style: the tests for leaks read those of the page
_VALUE = re.compile(r"[\w\s.,%#()/-]+")
_FUNCTION = re.compile(r"([\w-]*)\(")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\b")
_AMOUNT = re.compile(r"(?<![\w-])(-?)(?:\d{1,5}(?:\.\d+)?|\.\d+)(%|[A-Za-z]*)(?![\w.])")
_UNITS = ("", "%", "em", "rem", "px", "fr", "deg")
_COMPOUND = (
    r"(?:[a-z][a-z0-9]*|\*)?(?:\.ft-[\w-]+)*(?:::?(?:before|details-content|first-child|first-of-type|not\((?:[a-z]+|\.ft-[\w-]+)\)))*"
)
_SELECTOR = re.compile(rf"\.ft-[\w-]+{_COMPOUND}(?:(?: > | ){_COMPOUND})*")  # of what lies in the screen, and nothing beside it
_OPENS = re.compile(r"\s*([^{}]*)\{")
_AT = re.compile(r"@media print|@container \(max-width: \d+em\)")


def strange(fragment: str) -> str:
    """What a fragment has that no screen of Foretell has, in words; "" where there is nothing."""
    opened: list[str] = []
    at = 0
    while at < len(fragment):
        begins = fragment.find("<", at)
        if begins < 0:
            break
        tag = _TAG.match(fragment, begins)
        if tag is None:
            return f"“{_short(fragment[begins:])}”, which is no plain tag"
        closes, name, attributes = tag.groups()
        at = tag.end()
        if name == "style" and not closes and not attributes:
            ends = fragment.find("</style>", at)
            wrong = _sheet_wrong(fragment[at:ends]) if ends >= 0 else "a style without an end"
            at = ends + len("</style>")
        elif closes:
            wrong = "" if not attributes and opened and opened[-1] == name else f"</{name}> where it ends nothing"
            del opened[-1:]
        else:
            wrong = _tag_wrong(name, attributes)
            if name not in _VOID:
                opened.append(name)
        if wrong or len(opened) > _MOST_DEEP:
            return wrong or f"more than {_MOST_DEEP} elements in one another"
    return f"<{opened[-1]}> without an end" if opened else ""


@lru_cache(4096)
def _tag_wrong(name: str, attributes: str) -> str:
    if name not in _TAGS:
        return f"the tag <{_short(name)}>"
    known = {**_EVERYWHERE, **_OF.get(name, {})}
    met = set()
    for found in _ATTRIBUTE.finditer(attributes):
        key, value = found[1], found[2] or ""
        if key not in known or key in met or re.fullmatch(known[key], value, re.ASCII) is None:
            return f"the attribute {_short(found[0].strip())} of <{name}>"
        if key == "style":
            wrong = _declarations_wrong(value)
            if wrong:
                return wrong
        met.add(key)
    return ""


@lru_cache(256)
def _sheet_wrong(sheet: str, within: bool = False) -> str:
    at = 0
    while sheet[at:].strip():
        head = _OPENS.match(sheet, at)
        if head is None:
            return f"the style “{_short(sheet[at:])}”"
        selectors = " ".join(head[1].split())
        inner = sheet[head.end() : (ends := _end_of_block(sheet, head.end()))]
        if not within and _AT.fullmatch(selectors):
            wrong = _sheet_wrong(inner, True)
        else:
            bad = next((one for one in selectors.split(",") if not _SELECTOR.fullmatch(one.strip())), None)
            wrong = _declarations_wrong(inner) if bad is None else f"the style of “{_short(bad)}”"
        if wrong or ends == len(sheet):
            return wrong or "a style without an end"
        at = ends + 1
    return ""


def _end_of_block(sheet: str, at: int) -> int:
    """Where the brace is that closes what was opened before `at`; the end of the sheet where there is none."""
    depth = 1
    for found in re.finditer(r"[{}]", sheet[at:]):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return at + found.start()
    return len(sheet)


@lru_cache(4096)
def _declarations_wrong(text: str) -> str:
    for one in filter(None, (part.strip() for part in text.split(";"))):
        name, _, value = (part.strip() for part in one.partition(":"))
        if name not in _KNOWN and not re.fullmatch(r"--ft-[\w-]+", name, re.ASCII):
            return f"the style “{_short(one)}”"
        if name in _FIXED:
            good = value in _FIXED[name]
        else:
            good = _VALUE.fullmatch(value) is not None and value.isascii() and _amounts_good(value)
        if not good:
            return f"the style “{_short(one)}”"
    return ""


def _amounts_good(value: str) -> bool:
    """Known functions and units; nothing moved far off to where it does not belong."""
    if any(found[1] not in _FUNCTIONS for found in _FUNCTION.finditer(value)):
        return False
    plain = _COLOUR.sub("", value)
    for found in _AMOUNT.finditer(plain):
        near = found[0] == "-100%" or re.fullmatch(r"-(?:1px|\.\d+em)", found[0])
        if found[2] not in _UNITS or (found[1] and not near):
            return False
    return re.search(r"\d", _AMOUNT.sub("", plain)) is None


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat[:40] + "…" * (len(flat) > 40)

"""The one escaping module: every name, word and value from data passes here on its way to a screen.

Data is never markup. Nothing else in `render` calls `html.escape` or builds a tag around a string that has not been through `text`.
"""

from __future__ import annotations

import html
import re
import unicodedata

ELLIPSIS = "…"
REPLACEMENT = "\ufffd"

# A browser gives these no glyph, drops them or refuses the file: controls, lone surrogates, noncharacters.
_UNFIT = "\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef" + "".join(
    chr(plane * 0x10000 + low) for plane in range(17) for low in (0xFFFE, 0xFFFF)
)
# Embeddings, overrides and isolates: left in, a name could turn around the words that follow it.
_BIDI = "\u202a-\u202e\u2066-\u2069"

_UNFIT_RE = re.compile(f"[{_UNFIT}]")
_BIDI_RE = re.compile(f"[{_BIDI}]")
_BREAK_RE = re.compile("\r\n|[\r\u2028\u2029\u0085]")
_JSON_RE = re.compile(f"[{_UNFIT}{_BIDI}\u2028\u2029]")
_MARKDOWN_RE = re.compile(r"[!-/:-@\[-`{-~]")
_LOOKED_FOR_LATER_RE = re.compile(r":(?=\S)|@|-(?=[->])|<(?=[-=])|[>~](?==)|w(?=ww)", re.IGNORECASE)

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
# Invisible, of no width, and not a place to break a line: it parts characters that would mean something when next to each other.
WORD_JOINER = "\u2060"


def clean(s: object) -> str:
    """Any string as one that every browser and XML reader takes: bad characters become U+FFFD, line ends become newlines."""
    plain = _BREAK_RE.sub("\n", _surrogate_pairs_joined(str(s)))
    plain = plain.replace("\v", " ").replace("\f", " ")
    return _UNFIT_RE.sub(REPLACEMENT, _BIDI_RE.sub("", plain))


def flat(s: object) -> str:
    """`clean`, on one line: every run of white space is one space."""
    return " ".join(clean(s).split())


def text(s: object) -> str:
    """For HTML or XML text and for quoted attributes. Newlines stay newlines."""
    return html.escape(clean(s), quote=True)


def breakable(s: object) -> str:
    """`text` for a column's name: a narrow column may break it after an underscore."""
    return text(s).replace("_", "_<wbr>")


def prose(sentence: str) -> str:
    """A sentence of ours as HTML: names that it isolates (see `isolated`) become <bdi>, numbers keep their unit on the same line."""
    pieces = []
    depth = 0
    for piece in re.split(f"([{FIRST_STRONG_ISOLATE}{POP_ISOLATE}])", sentence):
        if piece == FIRST_STRONG_ISOLATE:
            depth += 1
            pieces.append("<bdi>")
        elif piece == POP_ISOLATE:
            pieces.append("</bdi>" if depth else "")
            depth = max(0, depth - 1)
        else:
            pieces.append(re.sub(r"(\d) (%|points|percentage points)", "\\1\u00a0\\2", text(piece)))
    return "".join(pieces) + "</bdi>" * depth


def isolated(s: str) -> str:
    """A cleaned name for use inside a sentence: right-to-left names are isolated so that the words around them stay in order."""
    if any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in s):
        return f"{FIRST_STRONG_ISOLATE}{s}{POP_ISOLATE}"
    return s


def json_text(json_document: str) -> str:
    """A JSON document as HTML text that a reader gets back exact: what HTML would lose is written as JSON escapes."""
    return html.escape(_JSON_RE.sub(_json_escape, json_document), quote=True)


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def markdown(s: object) -> str:
    """Any string as literal text inside Streamlit markdown, on one line.

    Backslashes stop what the parser would read; links, emoji names and arrows are looked for after the parser has removed
    the backslashes, so their characters are parted by a word joiner.
    """
    given = str(s)
    pieces = re.split(f"([{FIRST_STRONG_ISOLATE}{POP_ISOLATE}])", given) if _isolates_balance(given) else [given]
    plain = " ".join("".join(piece if i % 2 else clean(piece) for i, piece in enumerate(pieces)).split())
    parted = _LOOKED_FOR_LATER_RE.sub(lambda m: m.group() + WORD_JOINER, plain)
    return _MARKDOWN_RE.sub(lambda m: "\\" + m.group(), parted)


def _isolates_balance(s: str) -> bool:
    """Whether isolates open and close as in a sentence of ours, and so have no effect beyond it."""
    depth = 0
    for c in s:
        depth += (c == FIRST_STRONG_ISOLATE) - (c == POP_ISOLATE)
        if depth < 0:
            return False
    return depth == 0


def shorten(s: object, n: int) -> str:
    """`flat`, at most `n` characters, with … where it was cut. A letter keeps its accents, an emoji its parts."""
    plain = flat(s)
    if len(plain) <= n:
        return plain
    cut = max(n - 1, 0)
    whole = cut
    while whole > 0 and _joined(plain, whole):
        whole -= 1
    return plain[: whole or cut].rstrip() + ELLIPSIS


def _joined(s: str, i: int) -> bool:
    """Whether the characters on both sides of position `i` are drawn as one."""
    before, after = s[i - 1], s[i]
    if unicodedata.category(after).startswith("M") or "\U0001f3fb" <= after <= "\U0001f3ff" or "\u200d" in (before, after):
        return True
    if not _is_flag_letter(before) or not _is_flag_letter(after):
        return False
    run = 0
    while run < i and _is_flag_letter(s[i - 1 - run]):
        run += 1
    return run % 2 == 1


def _is_flag_letter(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


def _surrogate_pairs_joined(s: str) -> str:
    """Two halves that make one character are that character; a half on its own stays for `clean` to replace."""
    if not any("\ud800" <= c <= "\udfff" for c in s):
        return s
    return s.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))}


def file_name(s: object, fallback: str = "explanation") -> str:
    """A name that every system takes for a download: letters, digits, dot, dash and underscore, never a path."""
    plain = unicodedata.normalize("NFKC", flat(s))
    safe = re.sub(r"-{2,}", "-", "".join(c if c.isalnum() or c in "._-" else "-" for c in plain))
    safe = safe.encode()[:100].decode("utf8", "ignore").strip(".-_ ")
    if not safe:
        return fallback
    return f"{safe}-file" if safe.split(".")[0].lower() in _RESERVED else safe

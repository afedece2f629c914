"""A screen as lines that can be compared: every style rule once, a line for each block. What is shown stays the same."""

from __future__ import annotations

import re

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
# Blocks, between which spaces show nothing. A text is in a <p>, whose own content is left as it is.
_BLOCK = "div|section|article|table|thead|tbody|tr|td|th|dl|dt|dd|p|h[1-6]|ul|ol|li|figure|figcaption|style"
_BETWEEN = re.compile(rf"(?<=>)(?=</?(?:{_BLOCK})[\s>])")
_OPENS, _CLOSES = re.compile(rf"<(?:{_BLOCK})[\s>]"), re.compile(rf"</(?:{_BLOCK})>")


def tidy(html: str) -> str:
    """The fragment, its styles gathered in one at the place of the first, blocks on lines of their own and indented."""
    rules = [rule for sheet in _STYLE.findall(html) for rule in rules_of(sheet)]
    last = {rule: i for i, rule in enumerate(rules)}  # of two equal rules a browser heeds the later one
    kept = "\n".join(rule for i, rule in enumerate(rules) if last[rule] == i)
    head, found, rest = html.partition("<style>")
    if found:
        rest = "<style>" + rest
        html = f"{head}<style>\n{kept}\n</style>{_STYLE.sub('', rest)}"
    return _indented(html)


def rules_of(sheet: str) -> list[str]:
    """A style sheet's rules, each with all that is in its braces."""
    found, depth, start = [], 0, 0
    for i, letter in enumerate(sheet):
        depth += (letter == "{") - (letter == "}")
        if letter == "}" and depth == 0:
            found.append(" ".join(sheet[start : i + 1].split()))
            start = i + 1
    left = " ".join(sheet[start:].split())
    return [*found, left] if left else found


def _indented(html: str) -> str:
    lines, depth = [], 0
    for line in _BETWEEN.sub("\0", html).split("\0"):
        opened, closed = len(_OPENS.findall(line)), len(_CLOSES.findall(line))
        lines.append(" " * (depth - (opened == 0 and closed > 0)) + line)
        depth = max(0, depth + opened - closed)
    return "\n".join(lines) + "\n"

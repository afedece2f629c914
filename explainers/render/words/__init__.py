"""What is said about each method, one module a method: a table from modality ("" = any other) to its words.

A new method is a module here and its entry in `render/texts.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MethodText:
    """title      the method's name as people write it
    line       one line: what it does
    not_said   what the picture does not say, 3 to 5 sentences
    removal    whether a value is the method's estimate of what leaving the part out would do
    """

    title: str
    line: str
    not_said: tuple[str, ...]
    removal: bool = False


Words = dict[str, MethodText]  # by modality; "" = any other

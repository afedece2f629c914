"""What can be asked of a text's words beyond whether they stand there: denied, not denied, missing, two together. Each a test: text -> bool.

A word is denied where "not", "no", "never", "without" or a word in "n't" stands before it in the same part of a sentence with at most two
words between ("not a very good film" denies "good"); "not only" denies nothing. This is a rule about words: it does not see irony, nor that
"hardly" or "fails to" deny as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
NEGATORS = frozenset(["no", "not", "never", "nor", "neither", "cannot", "without"])
_BARE = frozenset("dont doesnt didnt isnt arent wasnt werent cant couldnt wouldnt shouldnt wont hasnt havent hadnt aint".split())  # noqa: SIM905
LEADS = ("not", "no", "never", "without")  # with which a denial is written down; the others count as "not"
REACH = 3  # words after a negator that it denies
_PARTS = re.compile(r"[.!?…;:,()\[\]\n\"“”]+|\s[-–—]+\s|--")
_SCALE = frozenset(["only", "just", "merely", "least"])  # "not only" adds, it does not deny
_LACKS = re.compile(r"without the words? [‘'](.+)[’']")
_BOTH = re.compile(r"both (\S+) and (\S+)")
_AFFIRMED = re.compile(r"(\S+), not denied")
_DENIED = re.compile(rf"({'|'.join(LEADS)}) (\S+)")


def plain(text: str) -> str:
    """In lower case and with one kind of apostrophe: the words of it are those of the text."""
    return text.lower().replace("’", "'")


def words_of(text: str) -> list[str]:
    """Lower-case words, "it's" is one."""
    return [plain(word) for word in WORD.findall(text)]


def parts(text: str) -> Iterator[list[re.Match[str]]]:
    """The words of each part of a sentence within which a denial reaches, with their places in the text."""
    start = 0
    for gap in _PARTS.finditer(text):
        yield list(WORD.finditer(text, start, gap.start()))
        start = gap.end()
    yield list(WORD.finditer(text, start))


def is_negator(word: str) -> bool:
    return word in NEGATORS or word in _BARE or word.endswith("n't")


def denials(text: str) -> dict[str, str]:
    """Each word that is denied somewhere, with the first of LEADS-words or "not" that denies it."""
    out: dict[str, str] = {}
    for part in _PARTS.split(text):
        words = words_of(part)
        for i in denying(words):
            for word in words[i + 1 : i + 1 + REACH]:
                out.setdefault(word, words[i] if words[i] in LEADS else "not")
    return out


def affirmed(text: str) -> set[str]:
    """Words that stand somewhere without being denied."""
    out: set[str] = set()
    for part in _PARTS.split(text):
        words = words_of(part)
        gone = {j for i in denying(words) for j in range(i + 1, i + 1 + REACH)}
        out |= {word for j, word in enumerate(words) if j not in gone}
    return out


def denying(words: list[str]) -> list[int]:
    """Places of words that deny what comes after."""
    return [i for i, word in enumerate(words) if is_negator(word) and not _SCALE.intersection(words[i + 1 : i + 2])]


@dataclass(frozen=True)
class Denied:
    """lead: how the denial is written down, one of LEADS; any negator counts."""

    word: str
    lead: str = "not"

    @property
    def says(self) -> str:
        return f"{self.lead} {self.word}"

    def __call__(self, text: str) -> bool:
        return self.word in plain(text) and self.word in denials(text)


@dataclass(frozen=True)
class Affirmed:
    word: str

    @property
    def says(self) -> str:
        return f"{self.word}, not denied"

    def __call__(self, text: str) -> bool:
        return self.word in plain(text) and self.word in affirmed(text)


@dataclass(frozen=True)
class Lacks:
    phrase: tuple[str, ...]

    @property
    def says(self) -> str:
        return f"without the word{'s' if len(self.phrase) > 1 else ''} ‘{' '.join(self.phrase)}’"

    def __call__(self, text: str) -> bool:
        return not holds(text, self.phrase)


@dataclass(frozen=True)
class Both:
    first: str
    second: str

    @property
    def says(self) -> str:
        return f"both {self.first} and {self.second}"

    def __call__(self, text: str) -> bool:
        words = words_of(text)
        return self.first in words and self.second in words


Phrase = Denied | Affirmed | Lacks | Both


def holds(text: str, phrase: tuple[str, ...] | list[str]) -> bool:
    """Whether the words of a phrase stand in a text one after another."""
    said = plain(text)
    if not all(word in said for word in phrase):  # most texts: cutting them into words takes far longer
        return False
    words, k = words_of(text), len(phrase)
    return any(words[i : i + k] == list(phrase) for i in range(len(words) - k + 1))


def parsed(description: str) -> Phrase | None:
    """The test that a description of this file's form stands for; None for any other words, such as "not self-aware" or "not C++": what stands
    there is no single word of a text, so that the test would be true of none."""
    said = plain(description.strip()).rstrip(".!?")
    if found := _LACKS.fullmatch(said):
        phrase = tuple(words_of(found[1]))
        return Lacks(phrase) if phrase else None
    for form, test in ((_BOTH, Both), (_AFFIRMED, Affirmed), (_DENIED, lambda lead, word: Denied(word, lead))):
        if found := form.fullmatch(said):
            said_words = [word for word in found.groups() if words_of(word) == [word]]
            return test(*said_words) if len(said_words) == len(found.groups()) else None
    return None


def flat(description: str) -> str:
    """As a clause that is true of a text or not."""
    test = parsed(description)
    if isinstance(test, Both):
        return f"contains both ‘{test.first}’ and ‘{test.second}’"
    if isinstance(test, Affirmed):
        return f"says ‘{test.word}’ without denying it"
    return f"denies ‘{test.word}’, as in ‘{test.says}’" if isinstance(test, Denied) else description

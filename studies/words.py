"""Every string a participant sees, with defaults in English: all of it is data of the design, in any language and direction.

Nothing here is markup: a blank line starts a new paragraph, everything else is shown as it is written. Texts may use {minutes}, {classes}, {n_learn}
(examples to learn from) and {n_test} (items of the first test, before and again after), and what only the researcher knows: {researcher},
{contact}, {ethics}, {retention}, each a text of its own here. A sentence that needs one which is empty is left out, and the report of the build
says so. The information has {withdrawal} besides: what is kept of who withdraws, and where it is not told, nothing is. Any other name in braces is
an error. Questions are shown as they are written.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LIKERT, CHOICE, TEXT = "likert", "choice", "text"
QUESTION_KINDS = (LIKERT, CHOICE, TEXT)
DIRECTIONS = ("ltr", "rtl")
HONEST = "honest"  # name of the closing question that every study asks
FILLED = ("minutes", "classes", "n_learn", "n_test")
WITHDRAWAL = "withdrawal"  # the text that tells what is kept of who withdraws; empty where nothing is
DETAILS = ("researcher", "contact", "ethics", "retention")  # that only the researcher knows: empty until she fills them in
MOST_TEXT = 20_000  # characters of one string
ALWAYS_SHOWN = (
    "title", "information", "consent", "agree", "quiz_again", "screened_out", "full", "technical_failure", "next", "right_answer", "system_answer",
    "predict", "predict_changed", "rating", "debrief", "honest", "honest_yes", "honest_no",
)  # fmt: skip
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Question:
    """A question of the quiz or at the end.

    kind      "likert": choices are numbers from 1 to `points`, with words at both ends; "choice": one of `choices`; "text": free text
    correct   quiz only: the right choice, word for word
    tell_all  closing questions with choices: the export tells every answer. Else it withholds those that few people gave, since they could tell
              who somebody is; for a scale that cannot, which is to be analysed
    """

    name: str
    text: str
    kind: str = CHOICE
    choices: tuple[str, ...] = ()
    correct: str = ""
    points: int = 7
    low: str = ""
    high: str = ""
    optional: bool = True
    tell_all: bool = False

    def to_dict(self) -> dict[str, Any]:
        """What counts for a question of this kind, as plain values."""
        own: dict[str, Any] = {"name": self.name, "text": self.text, "kind": self.kind}
        if self.kind == CHOICE:
            own |= {"choices": list(self.choices), **({"correct": self.correct} if self.correct else {})}
        elif self.kind == LIKERT:
            own |= {"points": self.points, "low": self.low, "high": self.high}
        if self.correct:
            return own
        return own | {"optional": self.optional, **({} if self.kind == TEXT else {"tell_all": self.tell_all})}

    @property
    def offered(self) -> list[tuple[str, str]]:
        """(value, label) of each choice; [] for free text."""
        if self.kind == LIKERT:
            ends = {1: self.low, self.points: self.high}
            return [(str(n), f"{n}  {ends[n]}" if ends.get(n) else str(n)) for n in range(1, self.points + 1)]
        return [(str(i), label) for i, label in enumerate(self.choices)] if self.kind == CHOICE else []


_QUIZ = (
    Question(
        "task", "What are you asked to foretell?", CHOICE,
        ("What the computer system will answer", "What the right answer is", "What other people will answer"), "What the computer system will answer",
    ),
    Question(
        "errors", "How often is the system right in this study?", CHOICE, ("About half of the time", "Always", "Never"),
        "About half of the time",
    ),
)  # fmt: skip


_TASK = (
    "A computer system answers with one of these: {classes}.\n\nYour task is to foretell what the system will answer, not what the "
    "right answer is. The system is wrong on about half of the examples you will see, so the right answer alone does not help you."
)
_NO_WAY_BACK = "\n\nYou cannot go back. Each time, one of the answers has to be chosen; if you are not sure, guess."
CHANGED_ONLY = (  # instructions where there is only the counterfactual test
    _TASK,
    "You see examples with the right answer and the system's answer, each with a changed form of it. You foretell the system's answer to "
    "{n_test} changed forms. Then you see them once more, and foretell again." + _NO_WAY_BACK,
)


ANONYMOUS = (  # information of a study that takes no number of a recruiting service
    "In this study you learn how a computer system answers, and then foretell its answers. It takes about {minutes} minutes. It is carried "
    "out by {researcher}. {ethics}\n\n"
    "We store your answers, when you gave them and how long you took, how long the page was hidden meanwhile, and when it was left, come back "
    "to or loaded again, or something was pasted. We store no name, no number of a recruiting service, no address on the network and no details "
    "of your device. {retention} What is passed on or published does not say when you took part, nor who came before or after you.\n\n"
    "Taking part is voluntary. You can stop at any time and have your answers deleted, without giving a reason, until you leave the last page: "
    "after that nobody can tell which ones are yours.\n\n"
    "Questions and complaints: {contact}."
)


@dataclass(frozen=True)
class Words:
    """The study's texts. Each is a string, or where it says so a list of them, one a page."""

    language: str = "en"
    direction: str = "ltr"
    title: str = "Foretell what a computer system will answer"
    information: str = (
        "In this study you learn how a computer system answers, and then foretell its answers. It takes about {minutes} minutes. It is carried "
        "out by {researcher}. {ethics}\n\n"
        "We store your answers, when you gave them and how long you took, how long the page was hidden meanwhile, and when it was left, come back "
        "to or loaded again, or something was pasted. We store no name, no address on the network and no details of your device. If you came "
        "from a recruiting service, its number for you is stored apart and encrypted, only to pay you, and then deleted; a code made from it "
        "stays, so that nobody takes part twice. {retention} Results are published without anything that could identify you.\n\n"
        "Taking part is voluntary. You can stop at any time and have your answers deleted, without giving a reason. {withdrawal}\n\n"
        "Questions and complaints: {contact}."
    )
    withdrawal: str = (
        "Of your answers nothing is kept then. Only so that nobody takes part twice, a scrambled form of the recruiting service's number for you, "
        "if you came with one, is kept until the study ends."
    )
    researcher: str = ""  # "Ada Ling, University of Somewhere"
    contact: str = ""  # an address that is read
    ethics: str = ""  # a sentence: "the ethics board of ... approved it as number ... ." or why none was needed
    retention: str = ""  # a sentence: "The answers are kept for ten years, the service's number for two weeks."
    consent: str = "I have read this, I am at least 18 years old, and I agree to take part."
    agree: str = "I agree"
    instructions: tuple[str, ...] = (
        _TASK,
        "First you see {n_learn} examples with the right answer and the system's answer. Then you foretell the system's answer to {n_test} "
        "new ones. Then you see the examples once more, and foretell again." + _NO_WAY_BACK,
    )
    counterfactual_instructions: str = (
        "Now you see an example, the system's answer to it, and a changed form of the same example. Foretell the system's answer to the "
        "changed form."
    )
    quiz: tuple[Question, ...] = _QUIZ
    quiz_again: str = "Not all answers were right. Please read the instructions once more and try again."
    no_consent: str = (
        "Thank you. You did not agree, so the study ends here for you and nothing was stored. Please return it: this has no consequences."
    )
    withdrawn: str = "Your answers have been deleted. Thank you for the time you gave."
    screened_out: str = (
        "Thank you. The answers to these questions were not right, so the study ends here for you. Please return it: this has no "
        "consequences."
    )
    full: str = "Thank you. All places in this study are taken, so it ends here for you. Please return it: this has no consequences."
    technical_failure: str = (
        "Something failed on our side, so the study ends here for you. It was not your doing, and the answers that you gave are stored. "
        "Thank you for the time you gave."
    )
    next: str = "Next"
    example: str = "Example"
    original: str = "Example"
    changed: str = "Changed form"
    right_answer: str = "Right answer"
    system_answer: str = "The system's answer"
    explanation: str = "Why the system answered so"
    learn: str = "Look at this example."
    learn_again: str = "Look at this example once more."
    predict: str = "What will the system answer?"
    predict_changed: str = "What will the system answer to the changed form?"
    rating: str = "Does what you see show you why the system gave this answer?"
    rating_low: str = "not at all"
    rating_high: str = "completely"
    attention: str = "This is to see that you are reading. Please choose “{choice}” here."
    debrief: str = (
        "Thank you for taking part. The study asks whether explanations help people foretell what a computer system will answer. People were "
        "assigned by chance to see explanations or not.\n\nYou can have your answers deleted: say so before you leave this page."
    )
    honest: str = "May we use your answers? Your pay does not depend on this."
    honest_yes: str = "Yes, use them"
    honest_no: str = "No, I did not take part seriously"
    labels: tuple[str, ...] = ()  # names of the classes as shown; () = those of the task
    inputs: Mapping[str, str] = field(default_factory=dict)  # names of a table's columns as shown

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Words:
        """From a table of the design. Raises ValueError with one sentence."""
        known = {f.name: f for f in dataclasses.fields(cls)}
        out: dict[str, Any] = {}
        for key, value in given.items():
            if key not in known:
                raise ValueError(f"texts has no entry {key!r}: use one of {', '.join(known)}.")
            out[key] = _read(key, value)
        words = cls(**out)
        empty = [name for name in ALWAYS_SHOWN if not getattr(words, name).strip()]
        if empty:
            raise ValueError(f"texts.{empty[0]} is empty: participants have to read something there.")
        if words.direction not in DIRECTIONS:
            raise ValueError(f"texts.direction is {words.direction!r}: use ltr or rtl.")
        if "{choice}" not in words.attention:
            raise ValueError("texts.attention has to say which choice is right, by {choice}.")
        if not words.instructions:
            raise ValueError("texts.instructions needs at least one page.")
        for question in words.quiz:
            if question.kind != CHOICE or question.correct not in question.choices:
                raise ValueError(f"The quiz question {question.name!r} needs choices, and a correct one that is word for word among them.")
        return words

    def to_dict(self) -> dict[str, Any]:
        """Plain values: lists and tables, as TOML holds them."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    @property
    def unfilled(self) -> list[str]:
        """Of `DETAILS` those that a text uses and nobody filled in."""
        every = [*(text for f in dataclasses.fields(self) if isinstance(text := getattr(self, f.name), str)), *self.instructions]
        used = {name for text in every for name in _BRACES.findall(text)}
        return [name for name in DETAILS if name in used and not getattr(self, name).strip()]

    @property
    def remembers(self) -> bool:
        """Whether people are told that who withdrew cannot come again. What they are not told of is not kept."""
        return bool(self.withdrawal.strip()) and self.withdrawal in self.with_values({}).information

    def with_stand_ins(self) -> Words:
        """With something in place of what is unfilled: for simulated people alone, who read nothing."""
        stand_ins: dict[str, Any] = dict.fromkeys(self.unfilled, "(nobody: this study is simulated)")
        return dataclasses.replace(self, **stand_ins)

    def with_values(self, values: Mapping[str, Any]) -> Words:
        """With {minutes} and the like filled in, in every text and page."""
        texts = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        values = {**{name: texts[name] for name in (*DETAILS, WITHDRAWAL)}, **values}
        empty = [name for name in (*DETAILS, WITHDRAWAL) if not texts[name].strip()]

        def made(text: str) -> str:
            return filled(without(text, empty), values)

        done: dict[str, Any] = {name: made(text) for name, text in texts.items() if isinstance(text, str)}
        return dataclasses.replace(self, instructions=tuple(map(made, self.instructions)), **done)


def questions_of(given: Any, where: str) -> tuple[Question, ...]:
    """Questions from a list of tables. Raises ValueError with one sentence."""
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(one, Mapping) for one in given):
        raise ValueError(f"{where} has to be a list of tables, each with name and text.")
    known = {f.name for f in dataclasses.fields(Question)}
    found = []
    for one in given:
        unknown = [key for key in one if key not in known]
        if unknown:
            raise ValueError(f"A question in {where} has no entry {unknown[0]!r}: use {', '.join(sorted(known))}.")
        if not _is_text(one.get("name")) or not one["name"] or not _is_text(one.get("text")) or not one["text"]:
            raise ValueError(f"A question in {where} needs a name and a text.")
        choices = one.get("choices", ())
        if not isinstance(choices, list | tuple) or not all(_is_text(c) for c in choices):
            raise ValueError(f"The choices of the question {one['name']!r} have to be a list of texts.")
        question = Question(**{**one, "choices": tuple(choices)})
        if question.kind not in QUESTION_KINDS:
            raise ValueError(f"The question {question.name!r} has the kind {question.kind!r}: use likert, choice or text.")
        if question.kind == CHOICE and not 2 <= len(set(question.choices)) == len(question.choices):
            raise ValueError(f"The question {question.name!r} needs at least two choices, all of them different.")
        if not all(_is_text(end) for end in (question.low, question.high, question.correct)):
            raise ValueError(f"In the question {question.name!r}, low, high and correct have to be texts.")
        if not isinstance(question.optional, bool) or not isinstance(question.tell_all, bool):
            raise ValueError(f"In the question {question.name!r}, optional and tell_all have to be true or false.")
        if question.kind == LIKERT and not (isinstance(question.points, int) and 2 <= question.points <= 11):
            raise ValueError(f"The scale of the question {question.name!r} needs 2 to 11 points.")
        found.append(question)
    names = [question.name for question in found]
    if len(set(names)) < len(names):
        raise ValueError(f"Two questions in {where} have the same name: names are the columns of the export.")
    return tuple(found)


def filled(text: str, values: Mapping[str, Any]) -> str:
    """A text with {minutes} and the like filled in; what has no value stays as it is written."""
    return _BRACES.sub(lambda found: str(values.get(found[1], found[0])), text)


def without(text: str, names: Sequence[str]) -> str:
    """A text without the sentences that need one of `names`, and without those names that are sentences of their own."""
    for name in names:
        text = re.sub(rf"(?<![^\s]){{{re.escape(name)}}}(?=\s|$)(?![.,;:])[ ]?", "", text)
    kept = [[s for s in re.split(r"(?<=[.!?]) +", line) if not any(f"{{{name}}}" in s for name in names)] for line in text.split("\n")]
    return "\n".join(" ".join(line).rstrip() for line in kept) if names else text


def can_be_stored(text: str) -> bool:
    """No half of a character (a browser's script can cut one in two) and no NUL, which PostgreSQL cannot hold."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT and can_be_stored(value)


def _read(key: str, value: Any) -> Any:
    if key == "quiz":
        return questions_of(value, "texts.quiz")
    if key == "inputs":
        if not isinstance(value, Mapping) or not all(_is_text(v) for v in value.values()):
            raise ValueError("texts.inputs has to be a table from column names to what is shown.")
        return dict(value)
    if key in ("instructions", "labels"):
        if not isinstance(value, list | tuple) or not all(_is_text(v) for v in value):
            raise ValueError(f"texts.{key} has to be a list of texts.")
        for page in value if key == "instructions" else ():
            _check_braces(key, page, {*FILLED, *DETAILS})
        return tuple(value)
    if not _is_text(value):
        raise ValueError(f"texts.{key} has to be a text of at most {MOST_TEXT:,} characters.")
    if key in (*DETAILS, WITHDRAWAL) and _BRACES.search(value):
        raise ValueError(f"texts.{key} has braces: write what is to be shown.")
    own = {"attention": ["choice"], "information": [WITHDRAWAL]}.get(key, [])
    _check_braces(key, value, {*FILLED, *DETAILS, *own})
    return value


def _check_braces(key: str, value: str, allowed: set[str]) -> None:
    unknown = [name for name in _BRACES.findall(value) if name not in allowed]
    if unknown:
        raise ValueError(
            f"texts.{key} has {{{unknown[0]}}}, which nothing fills in: use {', '.join('{' + n + '}' for n in sorted(allowed))}."
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Question):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value

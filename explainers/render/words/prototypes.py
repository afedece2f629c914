"""Prototypes: the training instances by which a prototype network decides."""

from __future__ import annotations

from . import MethodText, Words

_NETWORK = (
    "The reasons are those of the prototype network: another model explained beside it may have others, even where both answer alike."
)
_LIKENESS = (
    "A similarity over 0.9 to several prototypes of a class is common: the network works with only 16 numbers, and these mostly tell the "
    "classes apart. {Many} that are alike to the network need not be alike to a person."
)

_LINE = (
    "A prototype network keeps some training {many} as examples of each class and answers with the class of the example that is most "
    "like the {one} it reads."
)


def _not_said(one: str, many: str, own: str, importance: str) -> tuple[str, ...]:
    return (
        _NETWORK,
        _LIKENESS.format(Many=many.capitalize()),
        importance,
        own,
        f"It does not say that the example's label is right, nor that the answer to this {one} is.",
    )


PROTOTYPES: Words = {
    "text": MethodText(
        "Prototypes",
        _LINE.format(one="text", many="texts"),
        _not_said(
            "text",
            "texts",
            "Words that both texts have need not be what makes them similar to the network.",
            "How much a word counts is measured by leaving it out, one word at a time; words that stand in for one another look as if "
            "neither counted.",
        ),
    ),
    "tabular": MethodText(
        "Prototypes",
        _LINE.format(one="row", many="rows"),
        _not_said(
            "row",
            "rows",
            "Values that both rows have need not be what makes them similar to the network.",
            "How much a value counts is measured by replacing it, one variable at a time, by values that are likely given the others.",
        ),
    ),
    "image": MethodText(
        "Prototypes",
        _LINE.format(one="picture", many="pictures"),
        _not_said(
            "picture",
            "pictures",
            "What looks alike to a person, a thing or its background, need not be what makes them similar to the network.",
            "How much a part counts is measured by painting it over, one part at a time, which makes pictures that no camera takes.",
        ),
    ),
    "": MethodText(
        "Prototypes",
        _LINE.format(one="input", many="inputs"),
        _not_said(
            "input",
            "inputs",
            "What both have in common need not be what makes them similar to the network.",
            "How much a part counts is measured by switching it off, one part at a time.",
        ),
    ),
}

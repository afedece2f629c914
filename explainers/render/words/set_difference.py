"""Set-difference captions: short descriptions that are truer of one set than of another."""

from __future__ import annotations

from . import MethodText, Words

OWN = "you"  # the proposer of descriptions that a person typed

# Who proposed a description, and what measured how well it fits: the names of proposers and rankers, as a person reads them.
PROPOSED = {
    OWN: "typed by a person",
    "words": "words that are more frequent in one set",
    "kinds of words": "kinds of things that the captions name",
    "attributes": "measurements of light, colour, sharpness and place",
    "labels": "what an image classifier sees",
    "conditions": "conditions on columns",
    "text measures": "measurements of length, marks and tone",
    "topics": "a list of topics",
    "denials": "words that one set denies",
    "missing words": "words that only the other set has often",
    "word pairs": "pairs of words that stand in the same texts",
}
MEASURED = {
    "words": "whether the words occur",
    "phrases": "whether words occur, are denied or stand together",
    "kinds of words": "whether the caption names such a thing",
    "attributes": "light, colour, sharpness and place",
    "labels": "what an image classifier sees",
    "bridge": "an image classifier's labels, compared by meaning",
    "clip": "an image-text model",
    "conditions": "the columns themselves",
    "text measures": "length, marks and tone",
    "meaning": "likeness of meaning by sentence embeddings",
}

_LINE = (
    "Two sets go in; short descriptions that are truer of the first than of the second come out, ranked. They are proposed on one half of "
    "the items and tested on the other half, so that chance is not taken for a difference."
)
_CHANCE = "A description that separates the sets goes together with the difference; it need not be its cause, nor what the model looks at."
_SHARE = (
    "The score is how often it fits a random item of the one set better than one of the other; items that it fits equally well count half."
)
_NOTHING = (
    "Where nothing is found the sets may still differ: in what nobody proposed, in what is not measured, or by too little for so few items."
)
_TOGETHER = (
    "Descriptions are tested one by one. What only holds together, such as a bird before a forest where neither birds nor forests are more "
    "frequent, is not found."
)
_PAIRS = (
    "Descriptions are tested one by one. Of words that count only together, such as a dog and grass in one text, a few pairs are tried; other "
    "things that hold only together are not found."
)
_UNSEEN = {
    "image": "Pictures are seen by an image classifier and by measurements: what neither knows (writing, moods, what people do) cannot be found "
    "here. The classifier's labels know things but no colours; colours come only from measurements.",
    "text": "Texts are seen through their words, their measures and sentence embeddings: irony is missed, and what "
    "is denied without a word such as “not” or “never”.",
    "tabular": "Only what stands in a column can be found, as a condition on one column or on two together.",
    "": "Only what is proposed and can be measured is found.",
}

_CHECKED_TOGETHER: dict[str, tuple[str, ...]] = {"tabular": (), "text": (_PAIRS,)}
SET_DIFFERENCE: Words = {
    modality: MethodText(
        "Set-difference captions", _LINE, (_CHANCE, _SHARE, unseen, *_CHECKED_TOGETHER.get(modality, (_TOGETHER,)), _NOTHING)
    )
    for modality, unseen in _UNSEEN.items()
}

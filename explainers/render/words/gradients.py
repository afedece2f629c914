"""Methods by gradients: how the model's output answers to the numbers that the input is made of."""

from __future__ import annotations

from . import MethodText, Words

_THING = {"text": "text", "tabular": "row", "image": "picture", "": "input"}
_PART = {"text": "word", "tabular": "value", "image": "area", "": "part"}
_SMALL = {
    "text": "A word is a list of numbers to the model; no word lies a small step beside it, so the slope is one that no text can take.",
    "tabular": "A slope says what a small change would do. Categories have no small changes, and larger ones can do the opposite.",
    "image": "A slope says what a small change of a pixel would do, not what the picture would be without it.",
    "": "A slope says what a small change would do; a larger one can do the opposite.",
}
_BASELINE = {
    "text": "Words count against what stands there when they are taken away. Choose another stand-in, and the numbers change.",
    "tabular": "Values count against what stands there when they are taken away: where both agree, they are 0. Another choice gives other numbers.",
    "image": "Pixels count against what stands there when they are taken away. What looks the same in both gets 0: against black, black parts do.",
    "": "Parts count against what stands there when they are taken away. Another choice gives other numbers.",
}
_NOISY = {
    "text": "Numbers of single words can jump about between texts that hardly differ.",
    "tabular": "Numbers of single values can jump about between rows that hardly differ.",
    "image": "Such maps are grainy, and edges stand out in them whatever the model looks at: see how it compares with the edges alone.",
    "": "The numbers can jump about between inputs that hardly differ.",
}
_MODEL = "It says what matters to the model, not what ought to matter, and not whether the model is right."


def _only(modality: str) -> str:
    thing, part = _THING[modality], _PART[modality]
    return f"It is about this one {thing} only. The same {part} can count for more, for less or the other way in another {thing}."


def _words(title: str, lines: str, *own: str | dict[str, str]) -> Words:
    """`lines`: one for all, with {thing} and {part} in it. `own`: what this method does not say, by modality where that matters."""
    return {
        modality: MethodText(
            title,
            lines.format(thing=_THING[modality], part=_PART[modality]),
            (_only(modality), *(said if isinstance(said, str) else said[modality] for said in own), _MODEL),
        )
        for modality in _THING
    }


GRADIENTS: dict[str, Words] = {
    "saliency": _words(
        "Saliency",
        "It measures how strongly the model's output answers to a small change of each {part}, whichever way.",
        "It does not say whether a part speaks for the answer or against it, only how strongly the model answers to it.",
        _SMALL,
        _NOISY,
    ),
    "input_x_gradient": _words(
        "Input × gradient",
        "It multiplies the numbers behind each {part} by the slope of the model's output along them.",
        "The numbers add up to nothing in particular, so none of them is a share of the answer.",
        _SMALL,
        _NOISY,
    ),
    "integrated_gradients": _words(
        "Integrated gradients",
        "It puts this {thing} back in small steps after all is taken away, and shares out among the {part}s what the model's output gains by it.",
        _BASELINE,
        "The inputs on the way are mixtures that never occur, and what the model says of them counts too.",
        "The numbers add up only if the steps were small enough: see the completeness gap.",
    ),
    "gradient_shap": _words(
        "Gradient SHAP",
        "It puts this {thing} back by random amounts after all is taken away, and averages what each {part} adds along the slope there.",
        _BASELINE,
        "It is an estimate from random draws: the intervals say how far other draws could move a number.",
        "It comes near Shapley values only where the parts hardly act together, which is not checked here.",
    ),
    "deeplift": _words(
        "DeepLift",
        "It compares this {thing} with all taken away, unit by unit through the network, and hands the difference back to each {part}.",
        _BASELINE,
        "How a unit hands back its difference is a rule that people made up; another rule gives other numbers.",
        "Networks that compute the same in another way get other numbers.",
    ),
    "gradcam": _words(
        "Grad-CAM",
        "It shows, in a few coarse places, where the last layer that still sees places finds what speaks for the answer.",
        "The map is coarse: a few places across, enlarged. A smooth edge in it is one of the enlargement, not of what the model saw.",
        "It shows only what speaks for the answer. What speaks against it is cut off.",
        "Each place of the last maps has seen much of the picture around it, so what counted may lie beside the bright spot.",
    ),
}

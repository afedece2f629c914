"""RISE: what the answer is where a place is seen and where it is not."""

from __future__ import annotations

from . import MethodText, Words

RISE: Words = {
    "": MethodText(
        "RISE",
        "The picture is shown under random soft masks; a place counts as much as the model's answer is higher where it is seen.",
        (
            "The masks are coarse, so the map is too: it shows about where, not the outline of a thing.",
            "Masks are drawn at random: the numbers come with an interval, and another seed gives a slightly different map.",
            "About half of the picture is taken away in every copy, so the numbers speak of the model on such pictures, not only on this one.",
            "What stands where it is taken away changes the map, and the model was never taught such pictures.",
        ),
    )
}

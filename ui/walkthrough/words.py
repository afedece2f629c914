"""Every sentence of the walk-through, and what a presenter says with it. Numbers come from the stored material alone."""

from __future__ import annotations

from dataclasses import dataclass

from explainers.render.escape import markdown as plain

from .material import ANIMAL, BACKGROUND, FACTOR, FLAT, NEITHER, Material, Measured, Share

TITLE = "Find out what it looks at"
PLACES = ("the animal", "the background")  # what the visitor can say that the model looks at
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

MAPS_DRAWN = (
    "The grey rim is outside of what the model sees of a picture, so no map colours it. Each map has its own scale. "
    "Fine speckle is blurred a little, so that it can be seen from afar."
)


@dataclass(frozen=True)
class Step:
    """title; notes: what a presenter says, a few sentences; seconds: how long that takes; choices: whether the visitor guesses."""

    title: str
    notes: str
    seconds: int


STEPS = (
    Step(
        "Meet the model",
        "Here is a model that tells birds from mammals. On pictures it had never seen it was nearly always right. "
        "Would you trust it? Let us see what it looks at.",
        12,
    ),
    Step("Guess its answer", "A new picture. What will the model say? Call it out: one for bird, two for mammal.", 10),
    Step("Its answer", "Right again. So it seems to know the animal. But a right answer does not say what it rests on.", 10),
    Step(
        "Look at the maps",
        "Each map is a different method's word on the same answer. Blue is what speaks for the answer; the stronger, the more. "
        "Take a few seconds, then vote: does the model look at the animal, or at the background?",
        25,
    ),
    Step(
        "Change the background",
        "Now the test. The animal stays where it is, and only what is behind it changes. If the model looks at the animal, "
        "its answer must stay. What will it say?",
        15,
    ),
    Step(
        "The answer flips",
        "Same animal, another answer: the background had decided. And this is no single case, as the number below shows.",
        13,
    ),
    Step(
        "Which maps told the truth",
        "Here is how much of each map's colour lies on the animal. The dashed line is what an even spread would give. "
        "This is the plainest picture; over many, as the words above the chart say, some maps lead you to the animal. "
        "So do not believe one map: check it, as we just did.",
        25,
    ),
)  # fmt: skip


def percent(share: float) -> str:
    """0.975 -> "97.5 %"."""
    return f"{100 * share:.1f} %"


def interval(share: Share) -> str:
    return f"95 % interval {100 * share.low:.1f} to {percent(share.high)}"


def count(n: int) -> str:
    return _COUNTS[n] if n < len(_COUNTS) else str(n)


def listed(names: list[str]) -> str:
    """ "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def sure(proba: list[float]) -> str:
    """How sure of its answer the model is; never "100 %" for what is not certain."""
    return "over 99 %" if max(proba) >= 0.995 else f"{100 * max(proba):.0f} %"


def meeting(m: Material, names: list[str]) -> str:
    return (
        f"This model says whether a picture shows a **{plain(names[0])}** or a **{plain(names[1])}**. On {m.right_usual.n} pictures that it had "
        f"never seen, it was right on **{percent(m.right_usual.value)}** ({interval(m.right_usual)}). Here are two of them."
    )


def answered(m: Material, names: list[str], guess: int | None) -> str:
    said = f"It says **{plain(names[m.usual.answer])}**, {sure(m.usual.proba)} sure, and that is right."
    return f"{_verdict(names, guess, m.usual.answer)}{said} So it knows {_a(names[m.usual.answer])} when it sees one. Or does it?"


def question(m: Material, names: list[str]) -> str:
    shown = f"{count(len(m.methods)).capitalize()} maps" if len(m.methods) > 1 else "A map"
    by = "each by another method" if len(m.methods) > 1 else "by one method"
    return (
        f"{shown} of the answer **{plain(names[m.usual.answer])}**, {by}. :blue[**Blue**] places speak for it, :orange[**orange**] ones against it, "
        "the stronger the more. **What does the model look at?**"
    )


def changing(names: list[str], place: int | None) -> str:
    opening = "Let us test it." if place is None else f"You say it looks at **{PLACES[place]}**. Let us test that."
    return f"{opening} **The same animal at the same place**, before another background. What will the model say now?"


def flipped(m: Material, names: list[str], guess: int | None) -> str:
    return (
        f"{_verdict(names, guess, m.swapped.answer)}Now it says **{plain(names[m.swapped.answer])}**, {sure(m.swapped.proba)} sure. "
        "The animal is the same: the background decided."
    )


def how_often(m: Material) -> str:
    hits, kept = round(m.flips.value * m.flips.n), round(m.kept.value * m.kept.n)
    return (
        f"Of {m.flips.n} such pairs the answer changed in **{hits}** ({percent(m.flips.value)}; {interval(m.flips)}), "
        f"and in {kept} where every pixel of the animal was kept, though it then no longer takes on the light of the scene. "
        f"Before the changed backgrounds it is right on **{percent(m.right_swapped.value)}** ({interval(m.right_swapped)})."
    )


def truth(m: Material, place: int | None) -> str:
    opening = "On this picture the background decided. "
    if place is not None:
        opening = f"You said **{PLACES[place]}**. " + ("You found it out: " if place == 1 else "It was not: ") + "the background decided. "
    return f"{opening}The animal covers **{percent(m.area)}** of what the model sees."


def pointed(m: Material) -> str:
    """Which maps of the shown picture pointed at the background, and which at neither."""
    right, neither = m.saying(BACKGROUND), m.saying(NEITHER)
    lines = [f"{_names(right)} pointed at the background." if right else "No map of this picture pointed clearly at the background."]
    if right:
        lines[0] += f" That alone proves little: of maps drawn at random, **{percent(m.chance_background)}** do so too."
    if neither:
        lines.append(f"{_names(neither)} gave no clear answer.")
    return " ".join(lines)


def misled(m: Material) -> str:
    """Which maps of the shown picture would have misled the visitor, with the numbers; or that none would."""
    wrong = m.saying(ANIMAL)
    if not wrong:
        often = max(m.methods, key=lambda one: one.animal)
        if often.animal == 0:
            return "**None of these maps would have misled you on this picture.**"
        return (
            f"**None of these maps would have misled you on this picture, but on others they do**: {plain(often.title)} on **{often.animal} of "
            f"{m.pictures}**."
        )
    told = [f"**{plain(one.title)}** ({percent(one.mass)} of its colour on the animal{_times(one)})" for one in wrong]
    return f"**Would have misled you:** {listed(told)}."


def worst(m: Material) -> str:
    """How often each method misleads, over all pictures, in one sentence."""
    ranked = sorted(m.methods, key=lambda one: (-one.animal, one.title))
    most, least = ranked[0], ranked[-1]
    if most.animal == 0:
        return f"Over {m.pictures} pictures none of the methods would have misled you once."
    if len(ranked) == 1:
        return f"Over {m.pictures} pictures {plain(most.title)} would have misled you on {most.animal}."
    return (
        f"**Not every picture is so plain**: of the {m.among} that the model is sure of, this is the one whose maps tell the truth most clearly. "
        f"Over all {m.pictures} that were counted, {plain(most.title)} would have misled you most often, on **{most.animal}**, "
        f"{plain(least.title)} least often, on **{least.animal}**."
    )


def rule(m: Material) -> str:
    """How it is decided what a map says, and over what it was counted."""
    return (
        f"A map says *the animal* where the animal's pixels are on average at least {count(round(FACTOR))} times as strongly "
        f"coloured as the background's, *the background* up to {FLAT:g} times, else neither. Only colour toward the "
        f"answer counts. Of maps drawn at random, {percent(m.chance)} say the animal and {percent(m.chance_background)} the background. Counted "
        f"over all {m.pictures} test pictures (of {m.animals} animals) on which the model is right until the background alone is changed, every "
        f"pixel of the animal kept; it covers {percent(m.areas)} of them on average. 95 % intervals, from drawing the animals again."
    )


def marks(m: Material) -> str:
    """What the chart's marks are."""
    return (
        f"Coloured marks: this picture. Dashed line: what an even spread would give here, {percent(m.area)}; a map says the "
        f"background up to {FLAT:g} times as strong a colour on the animal, so a mark a little right of it may do so too. Grey: mean of {m.pictures} "
        f"pictures, with its interval; there the animal covers {percent(m.areas)}, so hold grey against that."
    )


def bars(m: Material) -> str:
    """The chart in words."""
    rows = "; ".join(
        f"{one.title}: {percent(one.mass)} on this picture, {percent(one.masses.value)} on average, says the animal on {one.animal} of {m.pictures}"
        for one in m.methods
    )
    return f"Share of each map's colour that lies on the animal, which covers {percent(m.area)}. {rows}."


def _times(one: Measured) -> str:
    return "" if one.ratio is None else f", coloured {one.ratio:.1f} times as strongly as the background"


def _names(some: list[Measured]) -> str:
    return listed([f"**{plain(one.title)}**" for one in some])


def _verdict(names: list[str], guess: int | None, answer: int) -> str:
    if guess is None:
        return ""
    return f"You said **{plain(names[guess])}**: {'foretold' if guess == answer else 'not foretold'}. "


def _a(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {plain(name)}"

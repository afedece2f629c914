"""What a study asks of a participant and costs, before anything is built.

The times are assumptions, not measurements: a pilot replaces them. They are said in the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from .design import COUNTERFACTUAL, FORWARD, Design
from .words import TEXT

# Seconds that a participant is thought to take.
LEARN_SECONDS, FORWARD_SECONDS, COUNTERFACTUAL_SECONDS = 10, 8, 12
RATING_SECONDS, QUESTION_SECONDS, FREE_TEXT_SECONDS, PAGE_SECONDS = 4, 8, 30, 30
LONG_MINUTES, LONG_SCREENS = 30, 100  # above either, many platforms and participants find a study too long


@dataclass(frozen=True)
class Forecast:
    """screens: of items; ratings: questions after an explanation; steps: everything that is clicked through; minutes: of one participant;
    pay: of one, cost: of all planned ones, in `currency`, without a platform's fees."""

    screens: int
    ratings: int
    steps: int
    minutes: float
    pay: float
    cost: float
    planned: int
    currency: str

    @property
    def long(self) -> bool:
        return self.minutes > LONG_MINUTES or self.screens > LONG_SCREENS

    @property
    def sentence(self) -> str:
        """For the person who plans the study."""
        said = (
            f"A participant sees {self.screens} screens of items and takes about {self.minutes:.0f} minutes, as far as can be assumed "
            f"before a pilot: {self.pay:.2f} {self.currency} each, {self.cost:,.2f} {self.currency} for {self.planned:,} people, "
            "without a platform's fees."
        )
        if not self.long:
            return said
        return (
            f"{said} That is too long for many platforms, which advise at most {LONG_MINUTES} minutes: choose one test, fewer items, or "
            'protocol = "short".'
        )


def design_forecast(design: Design) -> Forecast:
    """Of a design; asks no model and reads no data."""
    forward = design.forward if FORWARD in design.tests else 0
    counterfactual = design.counterfactual if COUNTERFACTUAL in design.tests else 0
    screens = 2 * (design.learn + forward + counterfactual)  # each before and after explanations
    ratings = (design.learn + counterfactual) if design.ratings else 0
    pages = 1 + len(design.texts.instructions) + (1 if counterfactual else 0) + 1  # information, instructions, the end
    free = sum(question.kind == TEXT for question in design.questions)
    asked = len(design.texts.quiz) + design.attention + len(design.questions) - free + 1  # whether the answers may be used
    seconds = (
        2 * (design.learn * LEARN_SECONDS + forward * FORWARD_SECONDS + counterfactual * COUNTERFACTUAL_SECONDS)
        + ratings * RATING_SECONDS + pages * PAGE_SECONDS + asked * QUESTION_SECONDS + free * FREE_TEXT_SECONDS
    )  # fmt: skip
    minutes = seconds / 60
    pay = design.pay * minutes / 60
    steps = screens + ratings + pages + asked + free
    return Forecast(screens, ratings, steps, minutes, pay, pay * design.planned, design.planned, design.currency)

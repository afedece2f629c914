"""What a study asks of a participant and costs, before anything is built.

The times are assumptions, not measurements: a pilot replaces them. They are said in the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

import explainers

from .bonus import bonus_by_guessing, bonus_of
from .checks import checked_task
from .design import COUNTERFACTUAL, FORWARD, Design
from .words import TEXT

# Seconds that a participant is thought to take.
LEARN_SECONDS, FORWARD_SECONDS, COUNTERFACTUAL_SECONDS = 10, 8, 12
RATING_SECONDS, QUESTION_SECONDS, FREE_TEXT_SECONDS, PAGE_SECONDS = 4, 8, 30, 30
LONG_MINUTES, LONG_SCREENS = 30, 100  # above either, many platforms and participants find a study too long


@dataclass(frozen=True)
class Forecast:
    """Of one participant, and of all planned ones; money in `currency`, to hundredths. `print(forecast)` says it in words.

    screens, ratings, steps   screens of items; questions after an explanation; everything that is clicked through
    minutes                   to a tenth
    pay                       by the hour, without the bonus
    bonus_most                where every prediction is right
    bonus_guessing            expected where somebody guesses
    fee                       of the recruiting service, as a share of pay and bonus
    cost                      of all planned, fee and the highest bonus included: what to set aside
    cost_guessing             of all planned, fee included, where everybody guesses
    missing                   what has to be filled in before the study can be frozen, as in [texts]
    """

    screens: int
    ratings: int
    steps: int
    minutes: float
    pay: float
    bonus_most: float
    bonus_guessing: float
    fee: float
    cost: float
    cost_guessing: float
    planned: int
    currency: str
    missing: tuple[str, ...] = ()

    @property
    def long(self) -> bool:
        return self.minutes > LONG_MINUTES or self.screens > LONG_SCREENS

    @property
    def sentence(self) -> str:
        """For the person who plans the study."""
        said = (
            f"A participant sees {self.screens} screens of items and takes about {self.minutes:.0f} minutes, as far as can be assumed "
            f"before a pilot: {self.pay:.2f} {self.currency} each{self._bonus}. {self._cost}"
        )
        if self.long:
            said += (
                f" That is too long for many platforms, which advise at most {LONG_MINUTES} minutes: choose one test, fewer items, or "
                'protocol = "short".'
            )
        return said

    @property
    def assumed(self) -> str:
        return (
            f"Assumed are {LEARN_SECONDS} seconds for an example, {FORWARD_SECONDS} for a new input, {COUNTERFACTUAL_SECONDS} for a changed one, "
            f"{RATING_SECONDS} for a rating, {QUESTION_SECONDS} for a question, {FREE_TEXT_SECONDS} for a free text and {PAGE_SECONDS} for a page "
            "of text, in every arm alike."
        )

    @property
    def _bonus(self) -> str:
        if not self.bonus_most:
            return ""
        return f", and a bonus of {self.bonus_guessing:.2f} on average for who guesses, {self.bonus_most:.2f} at most, where all are right"

    @property
    def _cost(self) -> str:
        people = f"for {self.planned:,} people who complete it"
        fee = f"with {self.fee:.0%} for the recruiting service" if self.fee else "without a recruiting service's fee (set fee to count it)"
        if not self.bonus_most:
            return f"In all {self.cost:,.2f} {self.currency} {people}, {fee}."
        return (
            f"In all {self.cost_guessing:,.2f} {self.currency} {people} if everybody guesses, {self.cost:,.2f} at most, which is what to set "
            f"aside; {fee}."
        )

    def __str__(self) -> str:
        todo = f"People are not told of what is still empty in [texts]: {', '.join(self.missing)}." if self.missing else ""
        return "\n".join(line for line in (self.sentence, self.assumed, todo) if line)


def design_forecast(design: Design, task: explainers.Task | None = None) -> Forecast:
    """Of a design; asks no model. Raises ValueError with one sentence where the task, the model, a method, a parameter or a folder is not there.

    task  the design's, where it was looked at already
    """
    classes = len((checked_task(design) if task is None else task).class_names)
    forward = design.forward if FORWARD in design.tests else 0
    counterfactual = design.counterfactual if COUNTERFACTUAL in design.tests else 0
    screens = 2 * (design.examples + forward + counterfactual)  # each before and after explanations
    ratings = (design.examples + counterfactual) if design.ratings else 0
    pages = 1 + len(design.texts.instructions) + (1 if counterfactual else 0) + 1  # information, instructions, the end
    free = sum(question.kind == TEXT for question in design.questions)
    asked = len(design.texts.quiz) + design.attention + len(design.questions) - free + 1  # whether the answers may be used
    seconds = (
        2 * (design.examples * LEARN_SECONDS + forward * FORWARD_SECONDS + counterfactual * COUNTERFACTUAL_SECONDS)
        + ratings * RATING_SECONDS + pages * PAGE_SECONDS + asked * QUESTION_SECONDS + free * FREE_TEXT_SECONDS
    )  # fmt: skip
    minutes = round(seconds / 60, 1)
    pay = round(design.pay * minutes / 60, 2)
    predictions = 2 * (forward + counterfactual)
    most = bonus_of(predictions, predictions, classes, design.bonus)
    guessing = bonus_by_guessing(predictions, classes, design.bonus)

    def cost(bonus: float) -> float:
        return round(design.planned * (pay + bonus) * (1 + design.fee), 2)

    return Forecast(
        screens, ratings, screens + ratings + pages + asked + free, minutes, pay, most, guessing, design.fee, cost(most), cost(guessing),
        design.planned, design.currency, tuple(design.texts.unfilled),
    )  # fmt: skip

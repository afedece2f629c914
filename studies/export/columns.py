"""The tables of an export, and what each column means. A name means the same in every table that has it, as Psych-DS wants it."""

from __future__ import annotations

from dataclasses import dataclass

TEXT, WHOLE, NUMBER = "text", "whole number", "number"
LEAST = 5  # people who made a choice of a closing question that is told, or whose time and pay are


@dataclass(frozen=True)
class Column:
    """kind: text, whole number or number; a missing value is an empty cell."""

    kind: str
    meaning: str


COLUMNS: dict[str, Column] = {
    "participant": Column(TEXT, "code of a participant, drawn anew at each export: it says nothing of who or when"),
    "arm": Column(TEXT, "what the participant's group was shown; empty before a place was given"),
    "test": Column(TEXT, "forward: a new input; counterfactual: a changed form of an input whose model output is shown"),
    "phase": Column(TEXT, "pre: before explanations; post: after"),
    "item": Column(TEXT, "name of the item, as in the table of items"),
    "stratum": Column(TEXT, "cell of gold label and the model's output on the input itself: 0/1 is gold 0, output 1"),
    "cf_kind": Column(TEXT, "counterfactual items: whether the output on the changed form is the same or flips; else empty"),
    "gold": Column(WHOLE, "class index of the right answer, from 0"),
    "model_output": Column(WHOLE, "class index of the model's output, which was to be foretold, from 0"),
    "answer": Column(WHOLE, "class index that the participant foretold, from 0"),
    "correct": Column(WHOLE, "1 where the answer equals the model's output, else 0"),
    "rt_ms": Column(WHOLE, "how long an answer took, in milliseconds, as rt_source says; empty where it was not measured"),
    "rt_source": Column(
        TEXT,
        "browser: rt_ms is from showing to answering, by the browser's clock. server: the browser measured none, or one that cannot be (more than a "
        "second above the server's), and rt_ms is from storing the answer before to storing this one, loading and breaks included",
    ),
    "hidden_ms": Column(
        WHOLE,
        "how long the page was hidden meanwhile, in milliseconds by the browser's clock; empty where it was not measured, or cannot be",
    ),
    "submitted_ms": Column(
        WHOLE,
        "when the answer was stored, in milliseconds since the participant agreed to take part, by the server's clock; empty, like all such times, "
        "where the clock was put back",
    ),
    "least_ms": Column(
        WHOLE,
        "least time that the page lets pass before one can go on, in milliseconds; 0 where there is none. Who is sooner is kept: see early",
    ),
    "elapsed_ms": Column(
        WHOLE,
        "from storing the answer before (or from agreeing) to storing this one, in milliseconds by the server's clock: the screen was shown for at "
        "most so long; empty where there is no answer yet, or the clock was put back",
    ),
    "early": Column(
        WHOLE,
        "1 where elapsed_ms or rt_ms is below least_ms: somebody went on sooner than the page allows, else 0; empty where there is no answer yet",
    ),
    "block": Column(TEXT, "part of the session: I and Q (instructions, quiz, with the number of the try), L0, PRE, L1, POST, CI, CPRE, CPOST, END"),
    "seq": Column(WHOLE, "number of the step in the participant's session, from 0"),
    "position": Column(WHOLE, "place among the predictions of the block, from 1"),
    "choices_shown": Column(TEXT, "values of the choices in the order in which they were shown, with | between them"),
    "form": Column(TEXT, "which set of items came first (A or B, where sets are crossed) and whether choices were reversed (2) or not (1)"),
    "bot": Column(WHOLE, "1 for a program that took part to try the study, else 0"),
    "state": Column(TEXT, "consented, active, complete, screened_out, full, timed_out, returned or technical_failure"),
    "late": Column(WHOLE, "1 for somebody who came back after a time-out or a return, else 0"),
    "quiz_tries": Column(WHOLE, "which try of the quiz was the last one begun"),
    "steps": Column(WHOLE, "steps that were planned for the participant"),
    "steps_done": Column(WHOLE, "steps that were answered"),
    "served_by": Column(TEXT, "version of Foretell that the participant was served by; several, in order, where it was updated meanwhile; "
        "empty in an anonymous study"),
    "started_ms": Column(WHOLE, "when a place was given, in milliseconds since the participant agreed"),
    "completed_ms": Column(WHOLE, "when the last step was answered, in milliseconds since the participant agreed"),
    "attention_asked": Column(WHOLE, "checks of attention answered"),
    "attention_failed": Column(WHOLE, "checks of attention answered wrongly"),
    "set": Column(TEXT, "what the item is for: learn, forward or counterfactual"),
    "item_form": Column(TEXT, "A or B where sets of items are crossed, else empty"),
    "original_output": Column(WHOLE, "counterfactual items: class index of the output on the input itself, which is shown; else empty"),
    "gold_label": Column(TEXT, "name of the class in gold, as shown to participants"),
    "model_output_label": Column(TEXT, "name of the class in model_output, as shown to participants"),
    "source": Column(WHOLE, "row in the test split of the task, from 0"),
    "edits": Column(WHOLE, "counterfactual items: how many words, values or parts were changed; else 0"),
    "input_sha256": Column(TEXT, "SHA-256 of the input, hex digits"),
    "changed_sha256": Column(TEXT, "SHA-256 of the changed form, hex digits; empty where there is none"),
    "rating": Column(WHOLE, "how much the screen showed why the model answered so, from 1 (not at all) to 7 (completely)"),
    "question": Column(TEXT, "name of a question, as in the design"),
    "question_kind": Column(TEXT, "likert: a number on a scale; choice: one of several"),
    "choice": Column(TEXT, "value of the choice made; empty where none was, or where it is withheld"),
    "label": Column(TEXT, "words of the choice made"),
    "suppressed": Column(WHOLE, "1 where the choice is withheld, since few people made it or others: see the question in the codebook; else 0"),
    "text": Column(TEXT, "what the participant wrote, word for word: it may name people"),
    "step_kind": Column(TEXT, "instruct, quiz, learn, predict, attention, rating, demographic or debrief"),
    "right": Column(WHOLE, "1 where the choice is the right one, else 0"),
    "stage": Column(TEXT, "where in the study, in order: consented (no place yet), allocated (a place given), each block, complete"),
    "reached": Column(WHOLE, "people who came to this stage; less those of the columns beside it, this many reached the next one"),
    "in_progress": Column(WHOLE, "people who are at this stage now"),
    "screened_out": Column(WHOLE, "people who ended here because they did not pass the quiz"),
    "full": Column(WHOLE, "people who ended here because all places were taken"),
    "timed_out": Column(WHOLE, "people not seen for long, last at this stage"),
    "returned": Column(WHOLE, "people who gave their place back, last at this stage"),
    "technical_failure": Column(WHOLE, "people whose session failed here on the study's side, not by their doing"),
    "withdrawn": Column(WHOLE, "people who withdrew at this stage: nothing else is kept of them"),
    "timed": Column(WHOLE, "people who completed the study and were never timed out: those whose time and pay are told"),
    "median_minutes": Column(
        NUMBER, "median of the minutes from agreeing to the last answer, less waiting for a place, to a tenth; empty where it is of fewer than "
        f"{LEAST} people, or such an arm is hidden among others"
    ),
    "pay_per_hour": Column(
        NUMBER,
        "median of what a session's pay, without the bonus, makes an hour, by how long each person took; empty like median_minutes, and where the "
        "design names no pay",
    ),
    "currency": Column(TEXT, "of pay_per_hour"),
    "rule": Column(TEXT, "attention, early, same_key, too_fast, own_wish or late: see the README"),
    "value": Column(NUMBER, "what the rule looks at, in its own unit; empty where there was nothing to look at"),
    "threshold": Column(NUMBER, "what the value is compared with; empty where it could not be computed"),
    "flagged": Column(WHOLE, "1 where the rule applies, else 0: a flag, nobody is left out of the other tables"),
    "event": Column(
        TEXT,
        "what happened at the step. By the browser: shown, reload (loaded again, its time begins anew), blur (left), focus (come back to), paste, "
        "disconnect. By the server: repeated_submit, stale_submit (an answer that came again, or to a step that was over), implausible_time (the "
        "browser's times were refused: see rt_source), technical_failure",
    ),
    "at_ms": Column(WHOLE, "when the event came to the server, in milliseconds since the participant agreed, by the server's clock"),
    "screen_sha256": Column(TEXT, "SHA-256 of the screen that was shown: materials/shown/<this>.html holds its bytes"),
    "asked_sha256": Column(TEXT, "SHA-256 of the question under it: materials/shown/<this>.json holds its bytes"),
}  # fmt: skip

_TIMES = ["rt_ms", "rt_source", "hidden_ms", "submitted_ms"]
TABLES: dict[str, list[str]] = {
    "trials": [
        "participant", "arm", "test", "phase", "item", "stratum", "cf_kind", "gold", "model_output", "answer", "correct", "rt_ms",
        "rt_source", "hidden_ms", "submitted_ms", "block", "seq", "position", "choices_shown",
    ],
    "participants": [
        "participant", "arm", "form", "bot", "state", "late", "quiz_tries", "steps", "steps_done", "started_ms", "completed_ms",
        "attention_asked", "attention_failed", "served_by",
    ],
    "items": [
        "item", "set", "item_form", "stratum", "cf_kind", "gold", "model_output", "original_output", "gold_label", "model_output_label",
        "source", "edits", "input_sha256", "changed_sha256",
    ],
    "ratings": ["participant", "arm", "block", "seq", "item", "rating", *_TIMES],
    "answers": ["participant", "arm", "question", "question_kind", "choice", "label", "suppressed"],
    "texts": ["participant", "question", "text"],
    "quiz": ["participant", "arm", "step_kind", "block", "seq", "question", "choice", "label", "right", *_TIMES],
    "steps": [
        "participant", "arm", "seq", "step_kind", "block", "item", "question", "least_ms", "elapsed_ms", "early", "submitted_ms",
        "screen_sha256", "asked_sha256",
    ],
    "attrition": ["arm", "stage", "reached", "in_progress", "screened_out", "full", "timed_out", "returned", "technical_failure", "withdrawn"],
    "pay": ["arm", "timed", "median_minutes", "pay_per_hour", "currency"],
    "exclusions": ["participant", "rule", "value", "threshold", "flagged"],
    "events": ["participant", "seq", "event", "at_ms"],
}  # fmt: skip
MEANINGS: dict[str, str] = {
    "trials": "one row for each answer to a prediction",
    "participants": "one row for each person who agreed to take part and did not withdraw",
    "items": "one row for each item of the study",
    "ratings": "one row for each rating; the control arm rates the same screens without an explanation",
    "answers": "one row for each closing question with choices that was come to; of scales too; those that few people gave are withheld",
    "texts": "one row for each free text: read it before you share it",
    "quiz": "one row for each answer to the quiz, and to a check of attention",
    "steps": "one row for each step planned for a participant: what was shown there, by its hash, and when it was answered",
    "attrition": "one row for each arm and stage: how many reached it, and how many left there",
    "pay": "one row for all together, which names no arm, and one for each arm: how long people took, and what that makes an hour",
    "exclusions": "one row for each participant with a place and rule",
    "events": "one row for each event, those of a participant in their order; of those that a browser can send at will at most 5,000 each are kept",
}

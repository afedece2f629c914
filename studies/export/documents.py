"""What stands beside the tables: dataset_description.json, README.md, CHANGES.md, codebook.md. Names and texts of a study are data, never markup."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable

from ..markdown import plain
from ..words import TEXT as FREE
from ..words import Question
from .columns import COLUMNS, LEAST, MEANINGS, TABLES, TEXT, WHOLE
from .pay import pay_sentence
from .rows import Read

NO_DATE = "1980-01-01"  # in place of every date of an anonymous study


def file_name(slug: str, table: str) -> str:
    """By Psych-DS: keys and values with a - between them, of letters and digits."""
    return f"study-{re.sub('[^A-Za-z0-9]', '', slug) or 'study'}_part-{table}_data.csv"


def identifier(slug: str) -> str:
    """By which an earlier export of the same study is known again."""
    return f"foretell-study:{slug}"


def months(found: Read) -> str:
    """ "2026-11", or "2026-11/2026-12": from the first one who agreed to the last answer, no finer; of freezing where there was nobody.
    Of an anonymous study a date that is none."""
    if found.design.anonymous:
        return NO_DATE
    first = min((one["consent_at"] for one in found.people), default=found.frozen.record.frozen_at)
    last = max((one["last_seen_at"] for one in found.people), default=first)
    return "/".join(dict.fromkeys((_month(first), _month(last))))


def description(found: Read) -> str:
    record = found.frozen.record
    about = found.frozen.about
    tests = " and ".join(found.design.tests)
    told = (
        f"A human simulatability study ({tests}) of the model {about.model} of the task {about.task}: whether people foretell the model's "
        f"answers better after explanations. Arms: {', '.join(found.design.arms)}. See README.md and codebook.md."
    )
    return _json({
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": found.design.name,
        "description": told,
        "identifier": identifier(found.slug),
        "version": str(record.n),
        "temporalCoverage": months(found),
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": column.meaning} for name, column in COLUMNS.items()
        ],
    })  # fmt: skip


def readme(found: Read) -> str:
    record = found.frozen.record
    return f"""# {plain(found.design.name)}

A human simulatability study, exported by Foretell. Version {record.n}, held in {
        "a time that is not told" if found.design.anonymous else months(found)
    }, frozen with Foretell {plain(record.app_version)}.
{_OPEN if found.open else ""}

## What is here

{_list(f"`data/{file_name(found.slug, table)}`: {meaning}" for table, meaning in MEANINGS.items())}
- `parquet/`: the same tables with their types, but for the free texts
- `codebook.md`, `dataset_description.json`: what each column means
- `materials/frozen/`: every file that was frozen, byte for byte, with `manifest.json`; it can be frozen again as it is. Completion codes and paths
  of a computer are not in it
- `materials/shown/`: every screen (.html) and question (.json) that a participant was given, named by its SHA-256
{_PLACES_KEPT if found.design.anonymous else _PLACES}
- `SHA256SUMS`: the hash of every file; `sha256sum -c SHA256SUMS` checks them

What did a participant see at a step? Look up her code and `seq` in the table of steps, and open the two files of `materials/shown/` it names.

## Who is in it

Everybody who agreed to take part and did not withdraw. Of who withdrew there is one count in the table of attrition, and nothing else.
Flags in the table of exclusions leave nobody out: `attention` (failed checks: two or more, one where there is one only), `early` (went on from a
screen sooner than the page allows, once or more: the table of steps says where), `same_key` (one answer to more than 95 % of at least 10
predictions), `too_fast` (log of the total time more than 3 standard deviations below the mean of those who completed and were never timed out),
`own_wish` (asked that the data not be used), `late` (came back after a time-out or a return). They look at neither arm nor correctness. Which of
them exclude is what the pre-registration says.

## Time and pay

{pay_sentence(found.design, found.frozen.about.minutes, found.people)} By arm: the table of pay.

## Privacy

- Codes are drawn anew at each export. Times count from when the participant agreed; {
        "no date is told" if found.design.anonymous else "dates are told to the month"
    }.
- An answer to a closing question, a number on a scale too, that fewer than {
        LEAST
    } people gave is withheld (`suppressed` is 1), and the next
  smallest with it until it is {
        LEAST
    } people whose answers are withheld. That holds for every question with choices of which the design does not
  say `tell_all = true`; the codebook says which do. It looks at one question at a time: several answers together may still be one person's alone.
  Whether the answers may be used is told of everybody (`own_wish`). Programs that took part are not in any table.
- **Free texts** are in one file of their own, `data/{file_name(found.slug, "texts")}`, word for word. People write names and numbers into
  them: read them, and delete that file before you share this folder if you are in doubt.
{_ORDER_HIDDEN if found.design.anonymous else _ORDER}

## Reading the tables

UTF-8, a comma between cells, CR LF after rows, an empty cell where there is no value. A text that begins with =, +, -, @, a tab or a line
break would be run by a spreadsheet as a formula: it has one ' in front. To undo it, take one ' from each text that begins with one or more '
and then one of those.
A spreadsheet may take a cell such as 1/1 in `stratum` for a date: import that column as text.
Numbers have none: -3 is -3. `studies.export.read_csv(path, table)` undoes it; the Parquet files need no undoing.
What is in `materials/` is as it was frozen, and has none of this: open it with a spreadsheet only if you trust who built it.
"""


_PLACES = """- `materials/preregistration.txt`, `materials/slots.txt` (place, arm, form and seed of its orders, as listed before the first
  participant; its SHA-256 is in the pre-registration), `materials/replacements.txt` (places listed again for people who left, with the place
  they replace)"""
_PLACES_KEPT = """- `materials/preregistration.txt`. The list of places, whose SHA-256 it has, stays in the store: who has it could tell who
  came before whom"""
_TAKE_OUT = """first take out `started_ms`, `completed_ms`, `submitted_ms`, `elapsed_ms`, `at_ms`, `rt_ms`, `hidden_ms` (of the Parquet files
  too) and the rows of the rule `too_fast` in the table of exclusions, whose `value` is the log of the whole time"""
_ORDER = f"""- Each participant's orders were drawn from the seed of a place in `materials/slots.txt`, and places are taken in their order. Who
  recomputes the orders can therefore tell who came before whom, though not when, and which places of which arms were left by people who
  withdrew.
- Who holds the recruiting service's own record of times could tell who is who, by that order or by how long somebody took: give this folder
  to nobody who holds that record, or {_TAKE_OUT}.
- No number of a recruiting service is in this folder. What is needed for paying is in another folder beside it, which is never to be shared."""
_ORDER_HIDDEN = f"""- **The study is anonymous.** No number of a recruiting service was taken. Rows lie in the order of the codes, which is by
  chance, and every date stands as {NO_DATE}, which is none. The seeds of people's orders were drawn by chance and are not in this folder. Who
  found no place (`full`) came late all the same.
- How long somebody took is told. Who watched a person take part and measured it could find her by that. Where that matters,
  {_TAKE_OUT}.
- The store itself has the times, and numbers people as they came. Delete it, its key and its back-ups when nothing more is needed of it."""
_OPEN = (
    "\n**Exported while people could still take part.** Who looks at answers by arm before the end and then goes on recruiting has looked before "
    "the planned end: say so where the results are published.\n"
)


def changes(found: Read) -> str:
    parts = [
        f"## Version {one['n']} ({NO_DATE if found.design.anonymous else _month(one['frozen_at'])})\n\n"
        f"Frozen with Foretell {plain(one['app_version'])}; materials {one['materials_sha256']}.\n"
        for one in reversed(found.earlier)
        if one["frozen_at"] is not None
    ]
    return (
        "# Changes\n\nA version is never changed: other materials or another design make a new one.\n\n"
        + "\n".join(parts)
        + ("" if found.design.anonymous else _pauses(found))
    )


def _pauses(found: Read) -> str:
    """How often and how long nobody new was let into this version, of the pauses that are over. Of one in which the clock was put back
    further than it was long, none."""
    spans = [max(0, after - at) for (at, state), (after, _) in zip(found.recruited, found.recruited[1:], strict=False) if state == "paused"]
    if not spans:
        return ""
    times = "once" if len(spans) == 1 else f"{len(spans)} times"
    return f"\nRecruiting for version {found.frozen.record.n} was paused {times}, for {sum(spans) / 3_600_000:.1f} hours in all.\n"


def codebook(found: Read) -> str:
    names = found.frozen.planner.names
    parts = [f"# Codebook: {plain(found.design.name)}\n\nClasses: {', '.join(f'{i} is {plain(name)}' for i, name in enumerate(names))}.\n"]
    for table, columns in TABLES.items():
        rows = "".join(f"| {plain(name)} | {COLUMNS[name].kind} | {plain(COLUMNS[name].meaning)} |\n" for name in columns)
        parts.append(
            f"## {table}\n\n`{file_name(found.slug, table)}`: {MEANINGS[table]}.\n\n| column | kind | meaning |\n|---|---|---|\n{rows}"
        )
    parts.append("## Questions\n")
    parts += [_question("closing", one) + _told(one) for one in found.design.questions]
    parts += [_question("quiz", one) for one in found.design.texts.quiz]
    kinds = f"A {TEXT} is UTF-8, a {WHOLE} has no decimals, a missing value is an empty cell."
    return "\n".join([*parts, kinds, ""])


def _question(where: str, one: Question) -> str:
    choices = _list(f"{plain(value)} is {plain(label)}" for value, label in one.offered) or "Free text."
    return f"### {where}: {plain(one.name)}\n\n{plain(one.text)}\n\n{choices}\n"


def _told(one: Question) -> str:
    """What of the answers to a closing question is in the tables."""
    if one.kind == FREE:
        return "\nEvery answer is told, word for word, in the table of texts.\n"
    if one.tell_all:
        return "\nEvery answer is told, as the design says (`tell_all`).\n"
    return f"\nAnswers that fewer than {LEAST} people gave are withheld, and the next smallest until it is {LEAST} people whose are.\n"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _month(ms: int) -> str:
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC).strftime("%Y-%m")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"

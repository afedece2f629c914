"""What a build found, for a person: items, leak tests, what was asked of the model, how to read the folder. Markdown; names and texts are data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .design import COUNTERFACTUAL, CROSSED
from .forecast import Forecast
from .items import FLIP, SAME, SETS, Item
from .markdown import plain
from .materials import Leak, Materials
from .selection import cell_in_words, cells_of, edit_auc

REPORT = "report.md"
_HOW = """## How to read this folder

- `study.toml`: the design with every default written out. Folders of your own stand there by name and hash, so that no path of your computer
  goes public; to build from it, put the paths back.
- `items.csv`, `items.json`: every item; `stratum` is its cell, right answer / system's answer, by class number. A spreadsheet may take 1/1 for a
  date: import the column as text.
- `inputs/`: what is explained and asked; `-changed` is the changed form of a counterfactual item.
- `explanations/<arm>/`: the explanations as Foretell publishes them, or pictures of your own.
- `screens/plain/`: what is shown without an explanation, `screens/<arm>/` with one. Open them in a browser: each has its own style. A line is
  a block, so `diff -r` of two folders can be read.
- `materials.json`: the numbers of this report; `manifest.json`: SHA-256 of every file that is frozen. A changed file is refused.
- `completion.toml`, where the design has completion codes: never share it. It is neither hashed nor frozen as a file nor exported.
- `work/`: what the build goes on from after a kill or a change of the design. It may be deleted when the study is frozen; nothing else needs it.
- `report.md` (this) is not frozen: the times in it differ from build to build.
"""


def report(made: Materials, forecast: Forecast, seconds: Mapping[str, float]) -> str:
    """seconds: that explanations took, by arm, in whichever run."""
    about, design = made.about, made.design
    labels = ", ".join(f"{i} is {plain(name)}" for i, name in enumerate(about.class_names))
    head = (
        f"# {plain(design.name)}: materials\n\nTask {plain(about.task)} ({about.modality}), model {plain(about.model)}, fingerprint "
        f"`{about.model_fingerprint}`. Classes: {labels}. Arms: {', '.join(map(plain, design.arms))}."
    )
    if about.placebo_of:
        head += f" The placebo borrows the explanations of {plain(about.placebo_of)}."
    parts = [
        head,
        "## Before freezing\n\n" + _open(made),
        "## Items\n\n" + _cells(made),
        "## Tests for leaks\n\n" + _leaks(about.leaks),
        "## Inputs\n\n" + _list(f"{plain(name)}: {count:,}" for name, count in about.counts.items()),
        "## What it cost\n\n" + _cost(about.calls, seconds),
        f"## What it asks of a participant\n\n{plain(forecast.sentence)}",
        _HOW,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _open(made: Materials) -> str:
    todo = [f"Leak test {plain(leak.name)} failed, which forbids freezing. {plain(leak.text)}" for leak in made.blocked]
    todo += [
        f"texts.{name} is empty, so people are not told of it: fill it in and build again, which takes over what is done."
        for name in made.design.texts.unfilled
    ]
    look = [f"Look at this: {plain(leak.text)}" for leak in made.about.leaks if not leak.passed and not leak.blocks]
    return _list([*todo, *look]) if todo or look else "Nothing stands in the way."


def _cells(made: Materials) -> str:
    names = made.about.class_names
    sets = [(name, form) for name in SETS for form in ("", "A", "B") if made.of_set(name, form)]
    rows = [
        f"| {plain(cell_in_words(cell, names).rstrip(','))} | "
        + " | ".join(_count(made.of_set(name, form), cell) for name, form in sets)
        + " |"
        for cell in cells_of(len(names))
    ]
    heads = [f"{name} {form}".strip() for name, form in sets]
    told = f"| cell | {' | '.join(heads)} |\n|---{'|---' * len(sets)}|\n" + "\n".join(rows)
    told += f"\n\nIn all: {', '.join(f'{len(made.of_set(n, f))} {h}' for (n, f), h in zip(sets, heads, strict=True))}."
    if made.design.forms == CROSSED:
        told += " Half of the participants meet form A before and B after, the others the reverse."
    changed = made.of_set(COUNTERFACTUAL)
    return told + ("\n\n" + _edits(changed) if changed else "")


def _count(items: Sequence[Item], cell: str) -> str:
    mine = [item for item in items if item.stratum == cell]
    kinds = Counter(item.cf_kind for item in mine if item.cf_kind)
    return f"{len(mine)} ({kinds[SAME]} keep the answer, {kinds[FLIP]} turn it)" if kinds else str(len(mine))


def _edits(items: Sequence[Item]) -> str:
    edits = sorted({item.edits for item in items})
    by_kind = {kind: Counter(item.edits for item in items if item.cf_kind == kind) for kind in (SAME, FLIP)}
    rows = "\n".join(f"| {n} | {by_kind[SAME][n]} | {by_kind[FLIP][n]} |" for n in edits)
    auc = edit_auc([item.edits for item in items], [item.cf_kind == FLIP for item in items])
    return (
        f"Edits of the changed forms (words, values or parts):\n\n| edits | keep the answer | turn it |\n|---|---|---|\n{rows}\n\n"
        f"By the number of edits the two kinds are told apart with an AUC of {auc:.2f}; 0.50 is by chance."
    )


def _leaks(leaks: Sequence[Leak]) -> str:
    rows = [
        f"| {plain(leak.name)} | {'passed' if leak.passed else 'FAILED' if leak.blocks else 'look'} | "
        f"{'' if leak.value is None else f'{leak.value:.3f}'} | {'yes' if leak.blocks else 'no'} | {plain(leak.text)} |"
        for leak in leaks
    ]
    return "| test | result | value | forbids freezing | in words |\n|---|---|---|---|---|\n" + "\n".join(rows)


def _cost(calls: Mapping[str, int], seconds: Mapping[str, float]) -> str:
    rows = [f"| {plain(name)} | {n:,} | {f'{seconds[name]:.1f}' if seconds.get(name) else ''} |" for name, n in calls.items()]
    return (
        "Calls are distinct inputs asked of the model, from a cache or not, of every input that was tried.\n\n"
        "| for | calls | seconds |\n|---|---|---|\n" + "\n".join(rows) + f"\n\nIn all {sum(calls.values()):,} calls."
    )


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)

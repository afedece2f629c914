"""A task.toml as a file: reading it, and what type each of its keys must have."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .models import weights

TASK_FILE = weights.TASK_FILE

TEXT, WORDS, TABLE, TABLES, NUMBERS = "a text in quotation marks", "a list of texts", "a table", "a list of tables", "a list of numbers"
NAMES = "a list of texts, or the name of a JSON file that holds one"
TOP_KEYS = {
    "name": TEXT, "title": TEXT, "modality": TEXT, "class_names": WORDS, "licence": TEXT, "source": TEXT, "predicts": TEXT,
    "data_summary": TEXT, "known_errors": WORDS, "data": TABLE, "models": TABLES, "sha256": TABLE,
}  # fmt: skip
DATA_KEYS = {"train": TEXT, "dev": TEXT, "test": TEXT, "label": TEXT}
DATA_KEYS_OF = {
    "text": {"text": TEXT},
    "tabular": {"categorical": WORDS, "immutable": WORDS, "sensitive": WORDS, "ignore": WORDS},
    "image": {"image": TEXT, "mask": TEXT, "measured": TEXT, "groups": WORDS},
}
MODEL_KEYS = {
    "name": TEXT, "kind": TEXT, "path": TEXT, "title": TEXT, "accuracy": NUMBERS, "accuracy_of": TEXT, "revision": TEXT, "class_names": NAMES,
    "encoder": TEXT, "looks_at": TEXT, "predicts": TEXT,
}  # fmt: skip


class TaskFileError(ValueError):
    """A task that cannot be used. Its text is the first problem; `problems` are all that were found."""

    def __init__(self, problems: list[str]):
        super().__init__(problems[0])
        self.problems = problems


def is_of(value: Any, kind: str) -> bool:
    """Whether a value has the type that a key must have."""
    checks: dict[str, Callable[[Any], bool]] = {
        TEXT: lambda v: isinstance(v, str),
        WORDS: lambda v: isinstance(v, list) and all(isinstance(x, str) for x in v),
        NAMES: lambda v: isinstance(v, str) or (isinstance(v, list) and all(isinstance(x, str) for x in v)),
        NUMBERS: lambda v: isinstance(v, list) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in v),
        TABLE: lambda v: isinstance(v, dict),
        TABLES: lambda v: isinstance(v, list) and all(isinstance(x, dict) for x in v),
    }
    return checks[kind](value)


def read_toml(folder: Path) -> dict[str, Any]:
    """The folder's task.toml."""
    if not folder.is_dir():
        raise TaskFileError([f"There is no folder {folder}: give the path of a task folder."])
    path = folder / TASK_FILE
    if not path.is_file():
        raise TaskFileError(
            [f"The folder {folder} has no {TASK_FILE}: add one that names the data and the model (docs/own_model.md shows how)."]
        )
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise TaskFileError([f"{TASK_FILE} is not valid TOML: {str(problem).rstrip('.')}. Correct that line."]) from None


def read_text(path: Path) -> str:
    """A file as UTF-8 text."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise TaskFileError([f"{path.name} is not UTF-8 text (line {line}): save it with the encoding UTF-8."]) from None

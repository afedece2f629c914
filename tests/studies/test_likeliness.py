"""Changed rows join what the data joins, wherever that can be had, and the report says where it cannot."""

from __future__ import annotations

import numpy as np
import pandas as pd

import studies
from explainers.tasks import make_task
from studies.changes import FLIP, SAME, Form, likely
from studies.items import Item
from studies.likeliness import likeliness
from studies.selection import edit_auc
from tests.fixtures.study_tasks import small, text_study


def couples(rows: int = 400):
    """Who is married is husband or wife, who is not is single; the model looks at hours, and a little at the rest."""
    rng = np.random.default_rng(0)
    married = rng.random(rows) < 0.5
    frame = pd.DataFrame({
        "married": np.where(married, "yes", "no"), "role": np.where(married, np.where(rng.random(rows) < 0.5, "husband", "wife"), "single"),
        "hours": rng.integers(10, 60, rows), "pay": rng.integers(0, 1_000, rows), "home": rng.choice(["own", "let", "none"], rows),
        "town": rng.choice(list("abcdefgh"), rows), "age": rng.integers(18, 90, rows),
    })  # fmt: skip

    def model(batch):
        score = (batch["hours"] - 35) / 25 + 0.5 * (batch["married"] == "yes") - 0.25 + 0.6 * (batch["home"] == "own") - 0.2
        p = 1 / (1 + np.exp(-3 * score.to_numpy(dtype=float)))
        return np.column_stack([1 - p, p])

    answers = model(frame).argmax(axis=1)
    labels = np.where(rng.random(rows) < 0.35, 1 - answers, answers).tolist()
    return make_task("couples", "tabular", model, frame, labels, class_names=["no", "yes"], version="1")


def built(tmp_path, name, **more):
    made = studies.build(small(couples(), arms=("control", "random"), **more), tmp_path / name)
    return made, next(leak for leak in made.about.leaks if leak.name == "changed_rows_unseen")


def test_changed_rows_have_no_pair_of_values_that_the_data_has_not(tmp_path, monkeypatch):
    made, leak = built(tmp_path, "likely")
    assert leak.value == 0.0
    assert leak.passed
    assert "0 of 8 changed rows" in (made.folder / "report.md").read_text()
    changed = made.of_set("counterfactual")
    assert 0.4 <= edit_auc([item.edits for item in changed], [item.cf_kind == FLIP for item in changed]) <= 0.6
    monkeypatch.setattr("studies.changes.unseen", lambda task, changed, original: [False] * len(changed))
    worse, leak = built(tmp_path, "as it comes")
    assert leak.value > 0.2
    assert not leak.blocks
    assert "“married” with “role”" in leak.text
    assert "Look at this" in (worse.folder / "report.md").read_text()
    assert [item.sha256 for item in worse.items] == [item.sha256 for item in made.items], "no other items, and none fewer"


def test_an_unlikely_form_is_taken_where_there_is_no_other():
    odd, plain = (Form(SAME, 1, 0, sha, 0, 0, unseen=unseen) for sha, unseen in (("a", True), ("b", False)))
    assert likely([odd, plain]) == [plain]
    assert likely([odd]) == [odd]


def test_the_figure_says_whether_unlikely_rows_give_turned_answers_away():
    task = couples()
    row = {"married": "yes", "role": "wife", "hours": 30, "pay": 500, "home": "own", "town": "a", "age": 40}
    items = [Item(f"i{n}", "counterfactual", "", "0/0", 0, n % 2, n, f"s{n}", 0, FLIP if n % 2 else SAME, f"c{n}", 1) for n in range(40)]
    changed = {item.id: {**row, "role": "single"} if item.id == "i1" else {**row, "home": "let"} for item in items}
    leak = likeliness(task, items, {item.id: row for item in items}, changed)
    assert leak.passed
    assert leak.text.startswith("1 of 40 changed rows (2%)")
    assert "1 of the 20 whose answer turns, 0 of the 20 whose answer is kept" in leak.text
    for n in (3, 5, 7, 9):
        changed[f"i{n}"] = changed["i1"]
    assert not likeliness(task, items, {item.id: row for item in items}, changed).passed


def test_texts_have_no_such_figure():
    assert likeliness(text_study(), [], {}, {"a": "b"}) is None

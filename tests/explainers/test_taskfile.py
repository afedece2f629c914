"""Task folders and Python files: what is read, and the one sentence for everything that is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save_file

from explainers import load_task, taskfile
from explainers.tasks import BUNDLED, Rows, Task
from tests.fixtures.task_folders import (
    TABLE_TOML,
    TEXT_CSV,
    TEXT_TOML,
    folder,
    problem_of,
    table_folder,
    text_folder,
)


def test_a_text_folder_becomes_a_task(tmp_path):
    task = load_task(text_folder(tmp_path))
    assert isinstance(task, Task)
    assert (task.name, task.modality, task.class_names, task.models) == ("my_task", "text", ["ham", "spam"], ["skops"])
    assert task.instances("test") == ["hello you", "free money"]
    assert task.labels("test") == [0, 1]
    assert task.instances("train") == task.instances("test")  # without training rows, the test rows serve


def test_a_table_folder_becomes_a_task_with_its_card(tmp_path):
    home = table_folder(tmp_path)
    (home / "card.md").write_text("# Card\nwords", encoding="utf-8")
    task = load_task(home, model="b")
    assert (task.model_name, task.models, task.entries["a"].accuracy) == ("b", ["a", "b"], (0.9, 0.8, 0.95))
    card = task.card
    assert (card.title, card.predicts, card.data, card.licence, card.source) == ("My table", "whether", "rows", "CC0", "me")
    assert (card.known_errors, card.sensitive, card.text) == (("it is young",), ("age",), "# Card\nwords")
    assert task.immutable == ("age",)
    assert task.instances("test")[0] == {"age": 30, "town": "NA"}


def test_nothing_but_the_toml_is_read_at_first(tmp_path):
    home = folder(tmp_path, TEXT_TOML, test_csv=b"\xff not read yet")
    task = taskfile.read_task_folder(home)
    with pytest.raises(ValueError, match="not UTF-8"):
        task.instances("test")


@pytest.mark.parametrize("value", ["NA", "None", "null", "nan", "1", " x ", "007"])
def test_categories_stay_what_the_file_says(tmp_path, value):
    task = load_task(table_folder(tmp_path, csv=f"age,town,label\n30,{value},1\n40,b,0\n"))
    assert task.instances("test")[0]["town"] == value
    assert value in (task.table["town"].values or ())


def test_numbers_have_one_type_in_all_files(tmp_path):
    task = load_task(table_folder(tmp_path, csv="age,town,label\n30,a,1\n", train="age,town,label\n30.5,a,0\n"))
    for split in ("test", "train"):
        rows = task.instances(split)
        assert isinstance(rows, Rows)
        assert rows.frame["age"].dtype == np.float64
    assert load_task(table_folder(tmp_path)).instances("test")[0]["age"] == 30
    assert isinstance(load_task(table_folder(tmp_path)).instances("test")[0]["age"], int)


def test_columns_nobody_listed_are_sorted_into_numbers_and_categories(tmp_path):
    toml = TABLE_TOML.replace('categorical = ["town"]\n', "")
    task = load_task(table_folder(tmp_path, "age,town,label\n1.5,a,no\n2,b,yes\n", "age,town,label\n1.5,a,no\n", toml))
    assert [column.categorical for column in task.table.columns] == [False, True]


def test_columns_can_be_left_out(tmp_path):
    toml = TABLE_TOML.replace('label = "label"', 'label = "label"\nignore = ["id"]')
    csv = "id,age,town,label\nx1,30,a,no\n"
    assert load_task(table_folder(tmp_path, csv, csv, toml)).table.names == ["age", "town"]


def test_jsonl_keeps_numbers_words_and_truths_apart(tmp_path):
    toml = TABLE_TOML.replace(".csv", ".jsonl").replace('["town"]', '["town", "owner"]')
    line = '{"age": 30, "town": "NA", "owner": true, "label": "yes"}\n{"age": 31.5, "town": "1", "owner": false, "label": 0}\n\n'
    task = load_task(folder(tmp_path, toml, test_jsonl=line, train_jsonl=line))
    assert task.instances("test")[0] == {"age": 30.0, "town": "NA", "owner": True}
    assert task.labels("test") == [1, 0]


def test_files_as_spreadsheets_save_them_are_read(tmp_path):
    task = load_task(text_folder(tmp_path, b'\xef\xbb\xbftext,label\r\n"one, ""two""\r\nthree",spam\r\n\r\nfour,0\r\n'))
    assert task.instances("test") == ['one, "two"\r\nthree', "four"]
    assert task.labels("test") == [1, 0]


@pytest.mark.parametrize(
    ("classes", "cells", "labels"),
    [
        ('["no", "yes"]', "yes no 1 0 1.0", [1, 0, 1, 0, 1]),
        ('["0", "1"]', "0 1", [0, 1]),
        ('["1", "0"]', "0 1", [1, 0]),  # names win over indices
        ('["false", "true"]', "true false", [1, 0]),
    ],
)
def test_labels_are_names_or_indices(tmp_path, classes, cells, labels):
    csv = "text,label\n" + "".join(f"word,{cell}\n" for cell in cells.split())
    assert load_task(text_folder(tmp_path, csv, TEXT_TOML.replace('["ham", "spam"]', classes))).labels("test") == labels


def test_rows_may_have_no_labels(tmp_path):
    task = load_task(text_folder(tmp_path, "text\nhello\n", TEXT_TOML.replace('label = "label"\n', "")))
    assert task.labels("test") == []


def test_files_beside_a_strangers_folder_are_not_read(tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "salaries.csv").write_text(TEXT_CSV, encoding="utf-8")
    home = folder(tmp_path, TEXT_TOML.replace('"test.csv"', '"../private/salaries.csv"'))
    with pytest.raises(ValueError, match="outside the task's folder"):
        load_task(home)
    (home / "linked").symlink_to(tmp_path / "private")
    (home / "task.toml").write_text(TEXT_TOML.replace('"test.csv"', '"linked/salaries.csv"'), encoding="utf-8")
    with pytest.raises(ValueError, match="outside the task's folder"):
        load_task(home)


def test_stored_predictions_are_offered_with_their_fingerprint(tmp_path):
    toml = TABLE_TOML.replace('kind = "skops"', 'kind = "mlp"').replace("model.skops", "net")
    home = table_folder(tmp_path, toml=toml)
    (home / "net").mkdir()
    task = load_task(home)
    assert task.entry.predictions() is None
    save_file({"test": np.array([[0.2, 0.8], [0.5, 0.5]], np.float32)}, home / "net" / "predictions.safetensors", {"fingerprint": "f" * 64})
    stored = task.entry.predictions()
    assert stored is not None
    assert stored[0] == "f" * 64
    np.testing.assert_allclose(stored[1], [[0.2, 0.8], [0.5, 0.5]], atol=1e-6)
    (home / "net" / "predictions.safetensors").write_bytes(b"nonsense")
    assert "net/predictions.safetensors cannot be read" in problem_of(task.entry.predictions)


@pytest.mark.parametrize("name", ["reviews", "income"])
def test_the_bundled_tasks_are_read_by_the_same_reader(name):
    if not (BUNDLED / name / "task.toml").is_file():
        pytest.skip(f"{name} is not built here")
    task = load_task(name)
    assert len(task.instances("test")) == len(task.labels("test")) > 0
    assert len(task.instances("train")) > 0
    assert task.card.title
    if task.modality == "tabular":
        assert [c.name for c in task.table.columns if c.categorical] == task.categorical
        assert all(c.integer for c in task.table.columns if not c.categorical)

"""Task folders and Python files: what is read, and the one sentence for everything that is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from explainers import load_task, taskfile
from explainers.tasks import BUNDLED, Rows, Task

TEXT_TOML = """
modality = "text"
class_names = ["ham", "spam"]
[data]
test = "test.csv"
text = "text"
label = "label"
[[models]]
kind = "skops"
path = "model.skops"
"""
TABLE_TOML = """
name = "mine"
title = "My table"
modality = "tabular"
class_names = ["no", "yes"]
predicts = "whether"
data_summary = "rows"
known_errors = ["it is young"]
licence = "CC0"
source = "me"
[data]
test = "test.csv"
train = "train.csv"
label = "label"
categorical = ["town"]
immutable = ["age"]
sensitive = ["age"]
[[models]]
name = "a"
title = "Model A"
kind = "skops"
path = "model.skops"
accuracy = [0.9, 0.8, 0.95]
[[models]]
name = "b"
kind = "skops"
path = "model.skops"
"""
TEXT_CSV = "text,label\nhello you,ham\nfree money,spam\n"
TABLE_CSV = "age,town,label\n30,NA,yes\n40,None,no\n"


def folder(tmp_path: Path, toml: str | None, **files: str | bytes) -> Path:
    """A task folder; `test_csv="..."` becomes test.csv. The model is an empty file: nothing may read it before it is needed."""
    home = tmp_path / "my_task"
    home.mkdir(exist_ok=True)
    (home / "model.skops").touch()
    if toml is not None:
        (home / "task.toml").write_text(toml, encoding="utf-8")
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (home / name.replace("_", ".")).write_bytes(data)
    return home


def text_folder(tmp_path: Path, csv: str | bytes = TEXT_CSV, toml: str = TEXT_TOML) -> Path:
    return folder(tmp_path, toml, test_csv=csv)


def table_folder(tmp_path: Path, csv: str = TABLE_CSV, train: str = TABLE_CSV, toml: str = TABLE_TOML) -> Path:
    return folder(tmp_path, toml, test_csv=csv, train_csv=train)


def problem(action) -> str:
    """The sentence that an action is refused with: one line, ending like a sentence."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is what the tests look at)
        action()
    said = str(caught.value)
    assert "\n" not in said
    assert said[0].isupper() or said.startswith(("task.toml", "test.csv", "train.csv", "test.jsonl", "mine.py", "task()", "model.skops"))
    return said


# --- what is read -----------------------------------------------------------------------------------------------------


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


def problem_of(action) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        action()
    return str(caught.value)


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


# --- what is wrong with task.toml -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("modality", "modality = ", "task.toml is not valid TOML: Invalid value (at line 2"),
        ('"text"\nclass', '"words"\nclass', 'modality must be "text", "tabular" or "image", not \'words\''),
        ('"text"\nclass', '"series"\nclass', "use a Python file that calls explainers.make_task"),
        ('modality = "text"', "", 'say what the model reads: modality = "text", "tabular" or "image"'),
        ("modality", "modalty", "the key 'modalty' is unknown"),
        ("modality", "modalty", "Did you mean 'modality'?"),
        ('label = "label"', 'lable = "label"', "the key 'lable' in [data] is unknown"),
        ('label = "label"', 'categorical = ["a"]', "the key 'categorical' in [data] is unknown"),
        ('kind = "skops"', 'kinds = "skops"', "the key 'kinds' in [[models]] is unknown"),
        ('kind = "skops"', 'kind = "skop"', "the kind 'skop' of [[models]] is unknown: use one of huggingface, skops"),
        ('kind = "skops"', 'kind = "skop"', "Did you mean 'skops'?"),
        ('kind = "skops"', 'kind = "pickle"', "the kind 'pickle' of [[models]] is unknown"),
        ('kind = "skops"', "", "[[models]] must say its kind: one of huggingface"),
        ('kind = "skops"', 'kind = "xgboost"', "a model of kind 'xgboost' does not read text: use one of huggingface, skops"),
        ('path = "model.skops"', "", '[[models]] must say where the model is: path = "..."'),
        ('path = "model.skops"', 'path = "other.skops"', "The model other.skops, which task.toml names, is missing"),
        ('path = "model.skops"', 'path = "."', "The model . is a folder: for the kind 'skops' give the file itself"),
        ('path = "model.skops"', 'path = "model.skops"\naccuracy = [1.2, 1, 2]', "accuracy in [[models]] must be [value, low, high]"),
        ('path = "model.skops"', 'path = "model.skops"\nlooks_at = "sky"', 'looks_at in [[models]] can only be "background"'),
        ('path = "model.skops"', "path = 3", "path in [[models]] must be a text in quotation marks"),
        ('["ham", "spam"]', "[]", "class_names must name at least two classes"),
        ('["ham", "spam"]', '["ham"]', "class_names must name at least two classes"),
        ('["ham", "spam"]', '["ham", "ham"]', "class_names must all differ"),
        ('["ham", "spam"]', "[0, 1]", "class_names must be a list of texts"),
        ('test = "test.csv"', "", "[data] must name the file with the instances to explain"),
        ('test = "test.csv"', 'test = "tset.csv"', "The data file tset.csv, which task.toml names as test, is missing"),
        ('test = "test.csv"', 'test = "test.xlsx"', "test in [data] is 'test.xlsx': give a .csv or a .jsonl file"),
        ('test = "test.csv"', 'test = "../../test.csv"', "which lies outside the task's folder"),
        ('test = "test.csv"', 'test = "/etc/passwd"', "which lies outside the task's folder"),
        ('test = "test.csv"', 'test = "../.ssh/test.csv"', "which lies outside the task's folder"),
        ('test = "test.csv"', 'test = "../beside.csv"', "which lies outside the task's folder"),
        ('test = "test.csv"', 'test = ".."', "which lies outside the task's folder"),
        ('path = "model.skops"', 'path = "../../model.skops"', "which lies outside the task's folder"),
        ('text = "text"\n', "", "[data] must name the column that holds the text"),
        ("[data]", "[[data]]", "data must be a table"),
        ("[[models]]", "[sha256]\na = 1\n[[models]]", "[sha256] must hold lines like"),
    ],
)
def test_each_mistake_in_the_toml_has_a_sentence(tmp_path, old, new, says):
    assert old in TEXT_TOML
    (tmp_path / "beside.csv").write_text(TEXT_CSV, encoding="utf-8")
    home = text_folder(tmp_path, toml=TEXT_TOML.replace(old, new, 1))
    assert says in problem_list(home)


def problem_list(home: Path) -> str:
    """All problems, each checked for the form of a sentence."""
    with pytest.raises(taskfile.TaskFileError) as caught:
        taskfile.read_task_folder(home)
    assert str(caught.value) == caught.value.problems[0]
    assert all("\n" not in p and p.rstrip("?").rstrip(".") and str(home) not in p for p in caught.value.problems)
    return "\n".join(caught.value.problems)


def test_all_mistakes_are_gathered(tmp_path):
    toml = TEXT_TOML.replace("modality", "modalty").replace('"test.csv"', '"gone.csv"').replace('"model.skops"', '"gone.skops"')
    said = problem_list(text_folder(tmp_path, toml=toml))
    assert said.count("\n") >= 3
    assert all(part in said for part in ("modalty", "gone.csv", "gone.skops"))


def test_two_models_need_two_names(tmp_path):
    assert "two models have the name 'a'" in problem_list(table_folder(tmp_path, toml=TABLE_TOML.replace('name = "b"', 'name = "a"')))


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "deep").mkdir()
    home = text_folder(tmp_path / "deep")
    secret = tmp_path / "secret.csv"
    secret.write_text(TEXT_CSV, encoding="utf-8")
    (home / "test.csv").unlink()
    (home / "test.csv").symlink_to(secret)
    assert "lies outside the task's folder" in problem_list(home)


def test_a_folder_without_a_task_is_refused(tmp_path):
    assert "has no task.toml" in problem(lambda: load_task(folder(tmp_path, None)))
    assert "There is no folder" in problem(lambda: taskfile.read_task_folder(tmp_path / "nowhere"))
    (tmp_path / "my_task" / "task.toml").write_bytes(b"a = 1\nb = '\xff'")
    assert problem(lambda: load_task(tmp_path / "my_task")) == "task.toml is not UTF-8 text (line 2): save it with the encoding UTF-8."


# --- what is wrong with the data --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("csv", "says"),
    [
        (b"text,label\nfine,ham\nna\xefve,spam\n", "test.csv is not UTF-8 text (line 3): save it with the encoding UTF-8."),
        ("", "test.csv is empty"),
        ("  \n", "test.csv is empty"),
        ("text,label\n", "test.csv has a header but no rows"),
        ("text,label\nhi,ham\nhi,jam\n", "test.csv, row 3, column 'label' holds the label 'jam', which is no class: use one of ham, spam"),
        ("text,label\nhi,ham\nhi,jam\n", "Did you mean 'ham'?"),
        ("text,label\nhi,2\n", "row 2, column 'label' holds the label '2', which is no class"),
        ("text,label\nhi,-1\n", "row 2, column 'label' holds the label '-1'"),
        ("text,label\nhi,0.5\n", "row 2, column 'label' holds the label '0.5'"),
        ("text,label\nhi,\n", "test.csv, row 2, column 'label' has no value: fill it in, or remove the row."),
        ("text,label\nhi,ham\n,ham\n ,ham\n", "test.csv, row 3, column 'text' has no value (and 1 more like it)"),
        ("texts,label\nhi,ham\n", "test.csv has no column 'text', which task.toml names as text: its columns are texts, label. Did you"),
        ("text,class\nhi,ham\n", "test.csv has no column 'label', which task.toml names as label"),
        ("text;label\nhi;ham\n", "test.csv seems to separate its columns by semicolons: save it with commas."),
        ("text\tlabel\nhi\tham\n", "seems to separate its columns by tabs"),
        ("text,label\nhi, you,ham\n", "test.csv, row 2 has 3 cells but the header has 2"),
        ("text,label\nhi\n", "test.csv, row 2 has 1 cell but the header has 2"),
        ('text,label\n"hi"you,ham\n', "test.csv is not valid CSV at line 2"),
        ('text,label\n"hi,ham\n', "test.csv is not valid CSV at line"),
        (",text,label\n0,hi,ham\n", "test.csv: column 1 has no name"),
        ("text,text,label\nhi,hi,ham\n", "test.csv has two columns with the name 'text'"),
    ],
)
def test_each_mistake_in_texts_has_a_sentence(tmp_path, csv, says):
    assert says in problem(lambda: load_task(text_folder(tmp_path, csv)).instances("test"))


@pytest.mark.parametrize(
    ("csv", "says"),
    [
        ("age,town,label\n30,a,no\nold,a,no\n", "test.csv, row 3, column 'age' holds 'old', which is not a number: correct it, or list"),
        ("age,town,label\nNA,a,no\n", "test.csv, row 2, column 'age' has no value"),
        ("age,town,label\n,a,no\n", "test.csv, row 2, column 'age' has no value"),
        ("age,town,label\n30,a,no\nNaN,a,no\n", "test.csv, row 3, column 'age' has no value"),
        ("age,town,label\ninf,a,no\n", "test.csv, row 2, column 'age' holds 'inf', which is not a finite number"),
        ("age,town,label\n1_0,a,no\n", "test.csv, row 2, column 'age' holds '1_0', which is not a number"),
        ("age,town,label\n1e999,a,no\n", "which is not a finite number"),
        ("age,town,label\n30,,no\n", "test.csv, row 2, column 'town' has no value"),
        ("age,label\n30,no\n", "test.csv has no column 'town', which task.toml names as categorical"),
        ("age,town,more,label\n30,a,1,no\n", "train.csv has no column 'more', which test.csv has"),
    ],
)
def test_each_mistake_in_a_table_has_a_sentence(tmp_path, csv, says):
    task = load_task(table_folder(tmp_path, csv))
    assert says in problem(lambda: task.instances("test"))
    assert says in problem(lambda: task.table)


def test_mostly_numbers_with_a_word_among_them_is_no_category(tmp_path):
    toml = TABLE_TOML.replace('categorical = ["town"]\n', "")
    csv = "age,town,label\n30,a,no\n4O,b,yes\n50,c,no\n"
    said = problem(lambda: load_task(table_folder(tmp_path, csv, csv, toml)).instances("test"))
    assert said == "test.csv, row 3, column 'age' holds '4O', which is not a number: correct it, or list the column as categorical."


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('{"text": "hi", "label": 0}\n{"text": "hi", label: 0}\n', "test.jsonl, line 2 is not valid JSON"),
        ('["hi", 0]\n', "test.jsonl, line 1 is not a JSON object"),
        ('{"text": "hi", "label": 0}\n{"text": "hi"}\n', "test.jsonl, line 2 lacks the key 'label', unlike line 1"),
        ('{"text": "hi", "label": 0}\n{"text": "hi", "label": 0, "x": 1}\n', "test.jsonl, line 2 has the key 'x', unlike line 1"),
        ('{"text": ["hi"], "label": 0}\n', "test.jsonl, line 1, key 'text' holds a list or an object"),
        ('{"text": null, "label": 0}\n', "test.jsonl, line 1, column 'text' has no value"),
        ('\n{"text": 5, "label": 0}\n', "test.jsonl, line 2, column 'text' holds '5', which is not a text"),
        ('{"text": "hi", "label": "jam"}\n', "test.jsonl, line 1, column 'label' holds the label 'jam'"),
        ('{"text": "hi", "label": null}\n', "test.jsonl, line 1, column 'label' has no value"),
        ("[" * 5000, "test.jsonl, line 1 is not valid JSON"),
    ],
)
def test_each_mistake_in_jsonl_has_a_sentence(tmp_path, lines, says):
    home = folder(tmp_path, TEXT_TOML.replace("test.csv", "test.jsonl"), test_jsonl=lines)
    assert says in problem(lambda: load_task(home).instances("test"))


def test_a_json_category_is_written_in_one_way(tmp_path):
    toml = TABLE_TOML.replace(".csv", ".jsonl")
    lines = '{"age": 3, "town": "a", "label": 0}\n{"age": 3, "town": 4, "label": 0}\n'
    home = folder(tmp_path, toml, test_jsonl=lines, train_jsonl=lines)
    assert "column 'town' mixes numbers and text" in problem(lambda: load_task(home).instances("test"))


def test_long_cells_are_shown_short(tmp_path):
    said = problem(lambda: load_task(text_folder(tmp_path, "text,label\nhi," + "x" * 500 + "\n")).instances("test"))
    assert len(said) < 200


# --- weights ----------------------------------------------------------------------------------------------------------


def test_weights_are_held_against_their_sha256(tmp_path):
    home = text_folder(tmp_path, toml=TEXT_TOML + '[sha256]\n"model.skops" = "00"\n')
    assert "model.skops is not the one that my_task/task.toml describes" in problem(lambda: load_task(home).model)


@pytest.mark.skipif(not (BUNDLED / "income" / "task.toml").is_file(), reason="income is not built here")
def test_damaged_weights_of_any_kind_are_one_sentence(tmp_path):
    home = tmp_path / "income"
    shutil.copytree(BUNDLED / "income", home)
    (home / "trees" / "encoding.json").write_text("{", encoding="utf-8")
    assert "encoding.json" in problem(lambda: load_task(home, model="trees").model)
    import hashlib

    for name in ("trees/encoding.json", "trees/model.ubj"):
        (home / name).write_bytes(b"{")
        toml = (home / "task.toml").read_text(encoding="utf-8")
        stated = next(line for line in toml.splitlines() if line.startswith(f'"{name}"'))
        (home / "task.toml").write_text(toml.replace(stated, f'"{name}" = "{hashlib.sha256(b"{").hexdigest()}"'), encoding="utf-8")
        assert "The model trees cannot be read from trees: " in problem(lambda: load_task(home, model="trees").model)


# --- Python files -----------------------------------------------------------------------------------------------------

GOOD_PY = """
import numpy as np, pandas as pd, explainers
from dataclasses import dataclass
@dataclass
class Settings:
    n: int = 2
def task():
    f = lambda frame: np.full((len(frame), 2), 0.5)
    return explainers.make_task("mine", "tabular", f, pd.DataFrame({"a": [1, 2]}), class_names=["x", "y"])
"""


def python_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_python_file_makes_a_task(tmp_path):
    task = taskfile.load_task_file(python_file(tmp_path, GOOD_PY))
    assert (task.name, task.class_names) == ("mine", ["x", "y"])


def test_a_python_file_can_import_its_neighbour(tmp_path):
    (tmp_path / "my_neighbour_4711.py").write_text("NAME = 'from next door'\n", encoding="utf-8")
    text = GOOD_PY.replace("explainers\n", "explainers, my_neighbour_4711\n", 1).replace('"mine"', "my_neighbour_4711.NAME")
    assert taskfile.load_task_file(python_file(tmp_path, text)).name == "from next door"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n", "mine.py has no function task(): add def task(): that returns explainers.make_task(...)."),
        ("task = 5\n", "mine.py has no function task()"),
        ("def task():\n    pass\n", "task() in mine.py returns nothing, not a task: end it with return explainers.make_task(...)."),
        ("def task():\n    return {}\n", "task() in mine.py returns something of type dict, not a task"),
        ("def task(path):\n    pass\n", "task() in mine.py must work without arguments"),
        ("a = 1\ndef task(:\n    pass\n", "mine.py, line 2 is not valid Python"),
        ("a = 1\nb = {}['k']\n", "mine.py stopped at line 2 with KeyError: 'k'."),
        (
            "def f():\n    import nothing_like_this_4711\ndef task():\n    f()\n",
            "mine.py stopped at line 2 with ModuleNotFoundError: No module",
        ),
        ("def task():\n    open('nowhere.csv')\n", "mine.py stopped at line 2 with FileNotFoundError"),
        ("import sys\nsys.exit(3)\n", "mine.py stopped at line 2 with SystemExit: 3."),
        ("def task():\n    raise ValueError('line one\\nline two')\n", "mine.py stopped at line 2 with ValueError: line one line two."),
        ("def task():\n    assert False\n", "mine.py stopped at line 2 with AssertionError."),
        (
            GOOD_PY.replace('["x", "y"]', '["x"]'),
            "mine.py stopped at line 9 with ValueError: class_names must be a list of at least two names",
        ),
        ("x = '\udcff'", "mine.py"),
    ],
)
def test_each_mistake_in_a_python_file_has_a_sentence(tmp_path, text, says):
    path = tmp_path / "mine.py"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert says in problem(lambda: taskfile.load_task_file(path))


def test_load_task_never_runs_a_file(tmp_path):
    path = python_file(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')\n" + GOOD_PY)
    assert "There is no task" in problem(lambda: load_task(path))
    home = text_folder(tmp_path)
    shutil.copy(path, home / "task.py")
    shutil.copy(path, home / "__init__.py")
    load_task(home).instances("test")
    assert not (tmp_path / "ran").exists()


def test_open_task_takes_folders_and_python_files_only(tmp_path):
    assert taskfile.open_task(str(text_folder(tmp_path))).name == "my_task"
    assert taskfile.open_task(str(tmp_path / "my_task" / "task.toml")).name == "my_task"
    assert taskfile.open_task(str(python_file(tmp_path, GOOD_PY))).name == "mine"
    assert "does not exist: give a folder" in problem_of(lambda: taskfile.open_task(str(tmp_path / "nowhere")))
    (tmp_path / "model.pkl").touch()
    assert "model.pkl is neither a folder nor a Python file" in problem_of(lambda: taskfile.open_task(str(tmp_path / "model.pkl")))


def test_the_rows_are_a_frame_for_the_model(tmp_path):
    task = load_task(table_folder(tmp_path))
    frame = task.batch(task.instances("test"))
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["age", "town"]


# --- prototype networks -----------------------------------------------------------------------------------------------

NETWORK_TOML = '\n[[models]]\nname = "network"\nkind = "prototypes"\npath = "network"\n'


def network_folder(tmp_path: Path, encoder: str) -> Path:
    home = text_folder(tmp_path, toml=TEXT_TOML + NETWORK_TOML + encoder)
    (home / "network").mkdir()
    return home


def test_a_prototype_network_reads_another_model_of_the_file(tmp_path):
    entry = load_task(network_folder(tmp_path, 'encoder = "skops"\n')).entries["network"]
    assert (entry.kind, entry.encoder) == ("prototypes", "skops")


@pytest.mark.parametrize("encoder", ["", 'encoder = "skop"\n', 'encoder = "network"\n'])
def test_a_prototype_network_without_an_encoder_is_refused(tmp_path, encoder):
    said = problem(lambda: load_task(network_folder(tmp_path, encoder)))
    assert said == "task.toml: the model 'network' must name another model of this file whose features it reads: encoder = one of skops."


def test_an_encoder_of_another_kind_of_model_is_refused(tmp_path):
    said = problem(lambda: load_task(text_folder(tmp_path, toml=TEXT_TOML + 'encoder = "skops"\n')))
    assert said == "task.toml: the model 'skops' has an encoder, which only the kind 'prototypes' takes: remove it."

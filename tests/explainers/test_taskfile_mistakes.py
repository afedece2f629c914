"""Task folders with mistakes: each has one sentence, all are gathered."""

from __future__ import annotations

import shutil

import pytest

from explainers import load_task, taskfile
from explainers.tasks import BUNDLED
from tests.fixtures.task_folders import (
    TABLE_TOML,
    TEXT_CSV,
    TEXT_TOML,
    folder,
    problem,
    problem_list,
    table_folder,
    text_folder,
)


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

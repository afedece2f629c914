"""Tasks from Python files, and prototype networks in a task folder."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from explainers import load_task, taskfile
from tests.fixtures.task_folders import (
    GOOD_PY,
    TEXT_TOML,
    network_folder,
    problem,
    problem_of,
    python_file,
    table_folder,
    text_folder,
)


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

"""`python -m explainers`: what check says about sound and unsound tasks, and its exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from explainers.__main__ import FINE, PROBLEMS, USAGE, main

ROOT = Path(__file__).resolve().parents[2]
MAILS = [("free money now", "spam"), ("lunch at noon", "ham"), ("free pills", "spam"), ("notes of the meeting", "ham")] * 6
TOML = """
modality = "text"
class_names = ["ham", "spam"]
[data]
test = "test.csv"
text = "text"
label = "label"
[[models]]
kind = "skops"
path = "model.skops"
title = "Words"
"""


@pytest.fixture
def home(tmp_path) -> Path:
    """A sound task folder."""
    texts, labels = zip(*MAILS, strict=True)
    skops.io.dump(make_pipeline(TfidfVectorizer(), LogisticRegression(C=100)).fit(texts, labels), tmp_path / "model.skops")
    (tmp_path / "test.csv").write_text("text,label\n" + "".join(f"{t},{c}\n" for t, c in MAILS), encoding="utf-8")
    (tmp_path / "task.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(capsys):
    """The exit code and what was printed."""

    def go(*arguments) -> tuple[int, str]:
        code = main([str(a) for a in arguments])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return code, printed.out + printed.err

    return go


def python_file(tmp_path: Path, body: str, more: str = "labels=[0, 1] * 20, train=None") -> Path:
    """A file whose model is the function f with this body."""
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    path = tmp_path / "mine.py"
    path.write_text(
        "import time\nimport numpy as np, pandas as pd, explainers\nasked = []\n"
        f"def f(frame):\n    asked.append(len(frame))\n{indented}\n"
        "def task():\n    rows = pd.DataFrame({'age': np.arange(40.0), 'town': ['x', 'y'] * 20})\n"
        f"    return explainers.make_task('mine', 'tabular', f, rows, {more}, class_names=['no', 'yes'])\n",
        encoding="utf-8",
    )
    return path


GOOD = "p = (frame.town == 'y').to_numpy() * 0.8 + 0.1\nreturn np.column_stack([1 - p, p])"


def test_a_sound_folder_is_described(run, home):
    code, said = run("check", home)
    assert code == FINE
    for part in (
        f"Task {home.name}: text; 2 classes: ham, spam.",
        "Test rows: 24, labelled: ham 12, spam 12.",
        "No training rows",
        "Model Words: loaded in",
        "It answers: 20 rows, 2 finite probabilities each, which sum to 1.",
        "Asked twice, and row by row, it gives the same answers.",
        "for 100 rows.",
        "Accuracy: 100.0 % of 24 test rows (95 % interval 86.2 to 100.0).",
        "Window: the model reads the whole text",
        "LIME: 200 samples for one test row took",
        "No problems found.",
    ):
        assert part in said
    assert "Problem" not in said
    assert "Warning" not in said
    assert "free money" not in said  # what stands in the data is its owner's


def test_a_python_file_is_described(run, tmp_path):
    code, said = run("check", python_file(tmp_path, GOOD))
    assert code == FINE
    assert "Task mine: a table; 2 classes: no, yes." in said
    assert "Columns: age (numbers), town (2 categories)." in said
    assert "Accuracy: 100.0 % of 40 test rows" in said


def test_every_problem_is_listed(run, home):
    (home / "test.csv").write_text("text,label\nhi,jam\n", encoding="utf-8")
    (home / "model.skops").write_bytes(b"nonsense")
    code, said = run("check", home)
    assert code == PROBLEMS
    assert [line.split(":")[1] for line in said.splitlines() if line.startswith("Problem: ")] == [
        " test.csv, row 2, column 'label' holds the label 'jam', which is no class",
        " model.skops is not a skops file",
    ]
    assert said.endswith("2 problems found.\n")
    (home / "task.toml").write_text(TOML.replace("modality", "modalty").replace("test.csv", "gone.csv"), encoding="utf-8")
    code, said = run("check", home)
    assert code == PROBLEMS
    assert said.count("Problem: ") == 3


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return np.full((len(frame), 3), 1 / 3)", "Problem: The model returned an array of shape (20, 3) for 20 instances and 2 classes"),
        ("return np.full((len(frame), 2), 0.7)", "Problem: The model's probabilities do not sum to 1 for each instance"),
        ("return np.full((len(frame), 2), np.nan)", "Problem: The model returned NaN or infinity as a probability"),
        ("return ['a'] * len(frame)", "Problem: The model returned something that is not an array of numbers"),
        ("return frame['height']", "Problem: mine.py stopped at line 6 with KeyError: 'height'."),
        ("raise ValueError('too warm')", "Problem: mine.py stopped at line 6 with ValueError: too warm."),
        ("raise SystemExit(0)", "Problem: mine.py stopped at line 6 with SystemExit: 0."),
    ],
)
def test_a_wrong_answer_is_a_problem(run, tmp_path, body, says):
    code, said = run("check", python_file(tmp_path, body))
    assert code == PROBLEMS
    assert says in said


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("p = np.random.rand(len(frame))\nreturn np.column_stack([1 - p, p])", "asked the same twice, the model's answers differ"),
        (
            "p = (frame.age - frame.age.mean()).clip(-1, 1) / 4 + 0.5\nreturn np.column_stack([1 - p, p])",
            "depends on the rows asked with it",
        ),
        ("p = (frame.town == 'x').to_numpy() * 0.8 + 0.1\nreturn np.column_stack([1 - p, p])", "that is worse than guessing"),
    ],
)
def test_an_odd_model_is_a_warning(run, tmp_path, body, says):
    code, said = run("check", python_file(tmp_path, body))
    assert code == FINE
    assert f"Warning: {says}" in re.sub("a row's answer ", "", said)


def test_odd_data_are_warnings(run, home, tmp_path):
    rows = "text,label\n" + "".join(f"{t},ham\n" for t, _ in MAILS) + "...,ham\n"
    (home / "test.csv").write_text(rows, encoding="utf-8")
    (home / "task.toml").write_text(TOML + "accuracy = [0.99, 0.98, 1.0]\n", encoding="utf-8")
    code, said = run("check", home)
    assert code == FINE
    assert "Warning: no test row has the class spam." in said
    assert "Warning: test texts that cannot be explained: 1; the first is text 25: The text has no words" in said
    assert "Warning: task.toml states an accuracy of 99.0 % (98.0 to 100.0), which does not agree." in said
    same = python_file(tmp_path, GOOD, "labels=None, train=pd.DataFrame({'age': [1.0], 'town': ['x']})")
    same.write_text(same.read_text(encoding="utf-8").replace("np.arange(40.0)", "[1.0] * 40"), encoding="utf-8")
    code, said = run("check", same)
    assert code == FINE
    assert "Warning: the column age has the same value in every row." in said
    assert "Accuracy: not measured, the test rows have no labels." in said


def test_pictures_are_tried_as_far_as_they_go(run, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import numpy as np, explainers\nfrom PIL import Image\n"
        "def f(images):\n    p = np.array([np.asarray(i).mean() / 255 for i in images])\n    return np.column_stack([1 - p, p])\n"
        "def task():\n    images = [Image.new('RGB', (4, 4), (n, n, n)) for n in range(30)]\n"
        "    return explainers.make_task('mine', 'image', f, images, class_names=['dark', 'light'], version='1')\n",
        encoding="utf-8",
    )
    code, said = run("check", path)
    assert code == FINE, said
    assert "Task mine: pictures; 2 classes: dark, light." in said
    assert "LIME: 200 samples for one test row took" in said


def test_usage_is_exit_code_2(run, tmp_path):
    assert run()[0] == USAGE
    assert run("chek", tmp_path)[0] == USAGE
    assert run("check")[0] == USAGE
    code, said = run("check", tmp_path / "nowhere")
    assert code == USAGE
    assert "does not exist: give a task folder, or a Python file" in said
    assert run("--help")[0] == FINE


def test_what_is_no_task_is_a_problem(run, tmp_path):
    assert run("check", tmp_path)[0] == PROBLEMS
    (tmp_path / "model.pkl").touch()
    code, said = run("check", tmp_path / "model.pkl")
    assert code == PROBLEMS
    assert "is neither a folder nor a Python file" in said


def test_the_schema_is_printed(run):
    code, said = run("schema")
    assert code == FINE
    assert json.loads(said)["$schema"]


def test_it_runs_from_the_shell(tmp_path):
    (tmp_path / "task.toml").write_text("a = \n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "explainers", "check", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == PROBLEMS
    assert done.stdout.startswith("Problem: task.toml is not valid TOML: Invalid value (at line 1, column 5). Correct that line.\n")
    assert "Traceback" not in done.stderr

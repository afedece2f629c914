"""The worked examples and docs/own_model.md: they run, and the page says what really happens."""

from __future__ import annotations

import http.server
import importlib.util
import json
import re
import shutil
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import explainers
from explainers import taskfile
from explainers.__main__ import main
from explainers.models.kinds import KINDS
from explainers.taskcode import run_task_file

ROOT = Path(__file__).resolve().parents[1]
SPAM = ROOT / "examples" / "spam_folder"
CREDIT = ROOT / "examples" / "german_credit.py"
PAGE = (ROOT / "docs" / "own_model.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The page's code blocks in a language, without their indentation in lists."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", PAGE, re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", text, flags=re.MULTILINE) for indent, word, text in found if word == language]


def without_times(text: str) -> list[str]:
    return [re.sub(r"[\d.]+ m?s\b", "TIME", line.strip()) for line in text.strip().splitlines()]


@pytest.mark.parametrize("path", [SPAM, CREDIT])
def test_the_check_finds_nothing_wrong_and_the_page_shows_its_words(path, capsys):
    assert main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "Warning" not in said
    shown = next(block for block in blocks("") if block.startswith(f"$ python -m explainers check {path.relative_to(ROOT)}"))
    assert without_times(shown)[1:] == without_times(said)


def test_the_spam_example_explains(tmp_path):
    task = explainers.load_task(SPAM)
    e = explainers.explain("lime", task, task.instances("test")[0], num_samples=300)
    assert e.status == "complete"
    assert task.card.title == "Spam mails"
    assert task.model.predict_proba(["free money, click here", "Re: your patch to the linux kernel. Tim wrote:"]).argmax(
        axis=1
    ).tolist() == [1, 0]


def test_the_spam_model_is_what_its_script_makes():
    spec = importlib.util.spec_from_file_location("spam_build", SPAM / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    task = explainers.load_task(SPAM)
    texts = task.instances("test")[:50]
    again = build.train(pd.read_csv(SPAM / "train.csv", keep_default_na=False))
    np.testing.assert_allclose(again.predict_proba(texts), task.model.predict_proba(texts), atol=1e-4)


def test_the_credit_example_explains():
    task = taskfile.open_task(str(CREDIT))
    assert (task.name, task.class_names) == ("german credit", ["bad", "good"])
    e = explainers.explain("lime", task, task.instances("test")[0], num_samples=300)
    assert e.status == "complete"
    assert {c.name for c in task.table.columns if c.categorical} >= {"job", "sex"}
    assert task.model.fingerprint == taskfile.open_task(str(CREDIT)).model.fingerprint  # it names its version


def test_examples_are_small_and_say_where_they_come_from():
    assert sum(file.stat().st_size for file in SPAM.iterdir() if file.is_file()) < 1_000_000
    assert (ROOT / "examples" / "german_credit.csv").stat().st_size < 200_000
    assert "CC0" in (SPAM / "SOURCE.md").read_text(encoding="utf-8")
    assert "DbCL" in (ROOT / "examples" / "german_credit_SOURCE.md").read_text(encoding="utf-8")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_s_task_toml_is_enough(tmp_path):
    shutil.copytree(SPAM, tmp_path / "mine")
    (tmp_path / "mine" / "task.toml").write_text(blocks("toml")[0], encoding="utf-8")
    task = explainers.load_task(tmp_path / "mine")
    assert task.model.predict_proba(task.instances("test")[:1]).shape == (1, 2)


def test_the_page_s_mistakes_are_said_like_that(tmp_path, capsys):
    shown = next(block for block in blocks("") if block.startswith("Problem"))
    home = tmp_path / "mine"
    shutil.copytree(SPAM, home)
    lines = (home / "test.csv").read_text(encoding="utf-8").splitlines()
    lines[6] = lines[6].rsplit(",", 1)[0] + ",spm"
    (home / "test.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["check", str(home)]) == 1
    toml = (home / "task.toml").read_text(encoding="utf-8")
    (home / "task.toml").write_text(toml.replace("label =", "lable ="), encoding="utf-8")
    assert main(["check", str(home)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert set(shown.splitlines()) == {line for line in said if line.startswith("Problem")}


def test_the_page_names_every_key_and_kind():
    keys = {*taskfile.TOP_KEYS, *taskfile.DATA_KEYS, *taskfile.MODEL_KEYS, *KINDS}
    keys |= {key for known in taskfile.DATA_KEYS_OF.values() for key in known}
    missing = [key for key in keys if f"`{key}`" not in PAGE and f"[{key}]" not in PAGE]
    assert not missing


def snippet(words: str) -> str:
    return next(block for block in blocks("python") if words in block)


def test_the_server_snippet_works(tmp_path):
    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["texts"]
            fine = [0.9 if "fine" in text else 0.2 for text in texts]
            body = json.dumps({"probabilities": [[1 - p, p] for p in fine]}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        path = tmp_path / "mine.py"
        path.write_text(snippet("urllib").replace("localhost:8000", f"127.0.0.1:{server.server_port}"), encoding="utf-8")
        task = run_task_file(path)
        assert explainers.predict(task, task.instances("test")).argmax(axis=1).tolist() == [1, 0]
    finally:
        server.shutdown()


def test_the_onnx_snippet_works(tmp_path, monkeypatch):
    """With a stand-in for onnxruntime, which is not among the project's libraries."""

    class Session:
        def __init__(self, path):
            assert Path(path).name == "model.onnx"

        def get_inputs(self):
            return [types.SimpleNamespace(name="rows")]

        def run(self, _outputs, inputs):
            return [np.stack([-inputs["rows"][:, 0], inputs["rows"][:, 0]], axis=1)]

    monkeypatch.setitem(sys.modules, "onnxruntime", types.SimpleNamespace(InferenceSession=Session))
    (tmp_path / "test.csv").write_text("age,label\n-1,0\n2,1\n", encoding="utf-8")
    (tmp_path / "mine.py").write_text(snippet("onnxruntime"), encoding="utf-8")
    task = run_task_file(tmp_path / "mine.py")
    assert explainers.predict(task, task.instances("test")).argmax(axis=1).tolist() == task.labels("test")


def test_the_example_of_a_study_is_a_design():
    import studies

    design = studies.Design.load(ROOT / "examples" / "study.toml")
    assert design.arms == ("control", "placebo", "lime")
    assert [question.name for question in design.questions] == ["english", "remarks"]

"""The neural network of the task `income`, as bundled, and the encoding it shares with the trees."""

import re
import shutil
import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from explainers.models import weights
from explainers.models.base import Model
from explainers.models.encoding import CategoryColumn, Encoding, NumberColumn
from explainers.models.mlp import HIDDEN, MLPClassifier

FOLDER = Path(__file__).resolve().parents[3] / "sample_data" / "income"
TASK = tomllib.loads((FOLDER / "task.toml").read_text(encoding="utf-8"))
ENTRY = next(m for m in TASK["models"] if m["kind"] == "mlp")
VARIABLES = "age,workclass,education,marital status,occupation,relationship,race,sex,capital gain,capital loss,hours per week,country"


def part(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / TASK["data"][name], keep_default_na=False)


@pytest.fixture(scope="module")
def model() -> MLPClassifier:
    torch.set_num_threads(1)
    return MLPClassifier.load(FOLDER / ENTRY["path"], TASK["class_names"])


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return part("test").drop(columns="label")


def test_follows_the_contract(model, rows):
    assert isinstance(model, Model)
    proba = model.predict_proba(rows[:50])
    assert proba.shape == (50, 2)
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba.sum(1), 1, atol=1e-9)
    assert model.costs(rows[:50]).tolist() == [1] * 50
    assert model.predict_proba(rows[:0]).shape == (0, 2)
    assert model.predict_proba([]).shape == (0, 2)
    assert model.embed(rows[:3]).shape == (3, HIDDEN)


def test_form_and_order_of_the_batch_do_not_change_answers(model, rows):
    some = rows[:40]
    expected = model.predict_proba(some)
    categories = TASK["data"]["categorical"]
    forms = [
        some.to_dict("records"),
        some.astype(dict.fromkeys(categories, object)),
        some.astype(dict.fromkeys(categories, "category")),
        some.astype(dict.fromkeys(categories, "string")),
        some.astype(object),
        some[some.columns[::-1]].assign(extra=1),
    ]
    for form in forms:
        np.testing.assert_allclose(model.predict_proba(form), expected, atol=1e-9)
    np.testing.assert_allclose(model.predict_proba(some[::-1])[::-1], expected, atol=1e-4)


@pytest.mark.parametrize("dtype", [object, "category", "str"])
def test_unknown_and_missing_values_are_refused(model, rows, dtype):
    for value, said in (
        ("Wizard", 'column "occupation" has the value "Wizard".*Known values: Administrative'),
        (None, '"occupation" has a missing'),
    ):
        table = rows[:5].astype({"occupation": object})
        table.loc[table.index[2], "occupation"] = value
        with pytest.raises(ValueError, match=said):
            model.predict_proba(table.astype({"occupation": dtype}))


@pytest.mark.parametrize(
    ("value", "said"), [(None, "missing value"), (float("nan"), "missing value"), ("old", "'old', which is not a number")]
)
def test_bad_numbers_are_refused(model, rows, value, said):
    with pytest.raises(ValueError, match=f'"age".*{said}'):
        model.predict_proba([rows.iloc[0].to_dict() | {"age": value}])
    with pytest.raises(ValueError, match='lacks the column "age"'):
        model.predict_proba(rows[:3].drop(columns="age"))


def test_encoding_is_exact_and_survives_the_disk(tmp_path):
    encoding = Encoding((NumberColumn("n", 1.0, 2.0), CategoryColumn("c", ("a", "b")), NumberColumn("m", 0.0, 1.0, log=True)))
    table = [{"n": 3, "c": "b", "m": 0}, {"n": 1.0, "c": "a", "m": np.e - 1}]
    np.testing.assert_allclose(encoding.encode(table), [[1, 0, 1, 0], [0, 1, 0, 1]], atol=1e-6)
    encoding.write(tmp_path / "encoding.json")
    assert Encoding.read(tmp_path / "encoding.json") == encoding
    assert encoding.spans() == {"n": slice(0, 1), "c": slice(1, 3), "m": slice(3, 4)}
    assert encoding.width == 4


def test_five_thousand_rows_encode_fast(model, rows):
    many = pd.concat([rows] * 3, ignore_index=True)[:5000]
    model.encoding.encode(many)
    start = time.perf_counter()
    model.encoding.encode(many)
    assert time.perf_counter() - start < 1  # about 0.03 s when nothing else runs


def test_data_holds_the_paper_s_variables_and_no_row_twice():
    tables = {name: part(name) for name in ("train", "dev", "test")}
    assert all(list(t.columns) == [*VARIABLES.split(","), "label"] for t in tables.values())
    together = pd.concat(tables.values())
    assert not together.duplicated(VARIABLES.split(",")).any()
    assert tables["test"]["label"].value_counts().tolist() == [1000, 1000]
    words = together[TASK["data"]["categorical"]].to_numpy().ravel()
    assert not any(re.search(r"\?|^\s|\s$", w) for w in set(words))
    known = {c.name: set(c.values) for c in Encoding.read(FOLDER / "mlp" / "encoding.json").columns if isinstance(c, CategoryColumn)}
    assert {name: set(together[name]) for name in TASK["data"]["categorical"]} == known


def test_stored_predictions_belong_to_the_model(model):
    fingerprint, stored = weights.read_predictions(FOLDER / ENTRY["path"])
    test = part("test")
    assert fingerprint == model.fingerprint
    assert stored.shape == (len(test), 2)
    assert stored.dtype == np.float32
    assert np.mean(stored.argmax(1) == test["label"]) == pytest.approx(ENTRY["accuracy"][0], abs=1e-4)
    assert ENTRY["accuracy"][0] >= 0.82
    chosen = np.random.default_rng().choice(len(test), 100, replace=False)
    np.testing.assert_allclose(model.predict_proba(test.iloc[chosen]), stored[chosen], atol=1e-4)


@pytest.mark.parametrize("file", ["model.safetensors", "encoding.json"])
def test_tampered_file_is_refused(tmp_path, file):
    shutil.copytree(FOLDER / "mlp", tmp_path / "mlp")
    shutil.copy(FOLDER / "task.toml", tmp_path)
    raw = bytearray((tmp_path / "mlp" / file).read_bytes())
    raw[-5] ^= 1
    (tmp_path / "mlp" / file).write_bytes(raw)
    with pytest.raises(ValueError, match="sha256 differs"):
        MLPClassifier.load(tmp_path / "mlp", TASK["class_names"])

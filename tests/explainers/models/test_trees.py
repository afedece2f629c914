"""The gradient-boosted trees of the task `income`, as bundled."""

import shutil
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from explainers.models import weights
from explainers.models.base import Model
from explainers.models.trees import TreesClassifier

FOLDER = Path(__file__).resolve().parents[3] / "sample_data" / "income"
TASK = tomllib.loads((FOLDER / "task.toml").read_text(encoding="utf-8"))
ENTRY = next(m for m in TASK["models"] if m["kind"] == "xgboost")


@pytest.fixture(scope="module")
def model() -> TreesClassifier:
    return TreesClassifier.load(FOLDER / ENTRY["path"], TASK["class_names"])


@pytest.fixture(scope="module")
def test_rows() -> pd.DataFrame:
    return pd.read_csv(FOLDER / TASK["data"]["test"], keep_default_na=False)


def test_follows_the_contract(model, test_rows):
    assert isinstance(model, Model)
    proba = model.predict_proba(test_rows[:50])
    assert proba.shape == (50, 2)
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba.sum(1), 1, atol=1e-9)
    assert model.costs(test_rows[:50]).tolist() == [1] * 50
    assert model.predict_proba(test_rows[:0]).shape == (0, 2)
    assert model.predict_proba([]).shape == (0, 2)


def test_form_and_order_of_the_batch_do_not_change_answers(model, test_rows):
    some = test_rows[:40]
    expected = model.predict_proba(some)
    np.testing.assert_allclose(model.predict_proba(some.to_dict("records")), expected, atol=1e-9)
    np.testing.assert_allclose(model.predict_proba(some[::-1])[::-1], expected, atol=1e-4)
    np.testing.assert_allclose(model.predict_proba(some.astype({"sex": "category", "race": object})), expected, atol=1e-9)


def test_unknown_value_is_refused(model, test_rows):
    row = test_rows.iloc[0].to_dict() | {"country": "Atlantis"}
    with pytest.raises(ValueError, match=r'column "country" has the value "Atlantis".*Known values: Canada'):
        model.predict_proba([row])


def test_stored_predictions_belong_to_the_model(model, test_rows):
    fingerprint, stored = weights.read_predictions(FOLDER / ENTRY["path"])
    assert fingerprint == model.fingerprint
    assert stored.shape == (len(test_rows), 2)
    assert stored.dtype == np.float32
    assert np.mean(stored.argmax(1) == test_rows["label"]) == pytest.approx(ENTRY["accuracy"][0], abs=1e-4)
    assert ENTRY["accuracy"][0] >= 0.835
    chosen = np.random.default_rng().choice(len(test_rows), 100, replace=False)
    np.testing.assert_allclose(model.predict_proba(test_rows.iloc[chosen]), stored[chosen], atol=1e-4)


@pytest.mark.parametrize("file", ["model.ubj", "encoding.json"])
def test_tampered_file_is_refused(tmp_path, file):
    shutil.copytree(FOLDER / "trees", tmp_path / "trees")
    shutil.copy(FOLDER / "task.toml", tmp_path)
    raw = bytearray((tmp_path / "trees" / file).read_bytes())
    raw[-5] ^= 1
    (tmp_path / "trees" / file).write_bytes(raw)
    with pytest.raises(ValueError, match="sha256 differs"):
        TreesClassifier.load(tmp_path / "trees", TASK["class_names"])


def test_what_the_trees_say_sums_to_the_log_odds(model, test_rows):
    said = model.embed(test_rows[:100])
    assert said.shape == (100, model.booster.num_boosted_rounds())
    proba = model.predict_proba(test_rows[:100])
    np.testing.assert_allclose(said.sum(axis=1, dtype=np.float64) + model.base, np.log(proba[:, 1] / proba[:, 0]), atol=1e-4)
    assert model.embed(test_rows[:0]).shape == (0, said.shape[1])


def test_base_of_trees_that_do_not_start_from_even_odds(model):
    import xgboost

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, model.encoding.width)).astype(np.float32), (rng.random(200) < 0.2).astype(int)
    matrix = xgboost.DMatrix(x, y)
    booster = xgboost.train({"objective": "binary:logistic", "base_score": 0.2, "nthread": 1}, matrix, 3)
    tilted = TreesClassifier("tilted", ["a", "b"], booster, model.encoding, "f")
    assert tilted.base == pytest.approx(np.log(0.2 / 0.8), abs=1e-6)

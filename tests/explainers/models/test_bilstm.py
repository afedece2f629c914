"""The BiLSTM of the task `reviews`, as bundled."""

import shutil
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from explainers.models import weights
from explainers.models.base import Model, WindowedModel
from explainers.models.bilstm import LATENT, WINDOW, BiLSTMClassifier, words_of

FOLDER = Path(__file__).resolve().parents[3] / "sample_data" / "reviews"
TASK = tomllib.loads((FOLDER / "task.toml").read_text(encoding="utf-8"))
ENTRY = next(m for m in TASK["models"] if m["kind"] == "bilstm")
TEXTS = ["a moving film .", "dull", "the plot is thin , but the actors save it and nobody will be bored for long", "zzyzx"]


@pytest.fixture(scope="module")
def model() -> BiLSTMClassifier:
    torch.set_num_threads(1)
    return BiLSTMClassifier.load(FOLDER / ENTRY["path"], TASK["class_names"])


def test_words():
    assert words_of("It’s a B-movie, isn't it?") == ["it's", "a", "b", "-", "movie", ",", "isn't", "it", "?"]
    assert words_of("") == []
    assert len(words_of("a " * 1000)) == WINDOW


def test_follows_the_contract(model):
    assert isinstance(model, Model)
    assert isinstance(model, WindowedModel)
    proba = model.predict_proba([*TEXTS, ""])
    assert proba.shape == (5, 2)
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba.sum(1), 1, atol=1e-9)
    np.testing.assert_allclose(proba[3], proba[4], atol=1e-6)  # an unknown word and no word at all
    assert model.predict_proba([]).shape == (0, 2)
    assert model.costs(["a b", "", "a " * 1000]).tolist() == [2, 1, WINDOW]


def test_order_and_padding_do_not_change_answers(model):
    alone = np.concatenate([model.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(model.predict_proba(TEXTS[::-1])[::-1], alone, atol=1e-4)
    np.testing.assert_allclose(model.predict_proba([TEXTS[0], "long " * 300])[0], alone[0], atol=1e-4)


def test_long_text_is_cut_where_fitting_prefix_says(model):
    text = "the film is good . " * 200
    kept = model.fitting_prefix(text)
    assert 0 < kept < len(text)
    np.testing.assert_allclose(model.predict_proba([text]), model.predict_proba([text[:kept]]), atol=1e-6)
    assert model.fitting_prefix("short") == 5


def test_embedding_is_the_latent_layer(model):
    vectors = model.embed(TEXTS)
    assert vectors.shape == (4, LATENT)
    assert vectors.dtype == np.float32
    assert (vectors > 0).all()
    assert (vectors < 1).all()


def test_stored_predictions_belong_to_the_model(model):
    fingerprint, stored = weights.read_predictions(FOLDER / ENTRY["path"])
    test = pd.read_csv(FOLDER / TASK["data"]["test"], keep_default_na=False)
    assert fingerprint == model.fingerprint
    assert stored.shape == (len(test), 2)
    assert stored.dtype == np.float32
    assert np.mean(stored.argmax(1) == test["label"]) == pytest.approx(ENTRY["accuracy"][0], abs=1e-4)
    assert ENTRY["accuracy"][0] >= 0.75
    rows = np.random.default_rng().choice(len(test), 100, replace=False)
    np.testing.assert_allclose(model.predict_proba(test["text"].iloc[rows].tolist()), stored[rows], atol=1e-4)


@pytest.mark.parametrize("file", ["model.safetensors", "vocabulary.txt"])
def test_tampered_file_is_refused(tmp_path, file):
    shutil.copytree(FOLDER / "bilstm", tmp_path / "bilstm")
    shutil.copy(FOLDER / "task.toml", tmp_path)
    raw = bytearray((tmp_path / "bilstm" / file).read_bytes())
    raw[-5] ^= 1
    (tmp_path / "bilstm" / file).write_bytes(raw)
    with pytest.raises(ValueError, match="sha256 differs"):
        BiLSTMClassifier.load(tmp_path / "bilstm", TASK["class_names"])

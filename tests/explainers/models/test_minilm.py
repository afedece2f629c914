"""The fine-tuned MiniLM of the task `reviews`, as bundled."""

import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from explainers.models import weights
from explainers.models.base import Model, WindowedModel
from explainers.models.minilm import FROZEN, WINDOW, MiniLMClassifier, batches_by_cost, padded, read_config

SAMPLE_DATA = Path(__file__).resolve().parents[3] / "sample_data"
FOLDER = SAMPLE_DATA / "reviews"
TASK = tomllib.loads((FOLDER / "task.toml").read_text(encoding="utf-8"))
ENTRY = next(m for m in TASK["models"] if m["kind"] == "minilm")
TEXTS = ["a moving film .", "dull", "the plot is thin , but the actors save it and nobody will be bored for long", "not bad at all !"]


def part(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / TASK["data"][name], keep_default_na=False)


@pytest.fixture(scope="module")
def model() -> MiniLMClassifier:
    torch.set_num_threads(1)
    return MiniLMClassifier.load(FOLDER / ENTRY["path"], TASK["class_names"])


def test_follows_the_contract(model):
    assert isinstance(model, Model)
    assert isinstance(model, WindowedModel)
    proba = model.predict_proba(TEXTS)
    assert proba.shape == (4, 2)
    assert proba.dtype == np.float64
    np.testing.assert_allclose(proba.sum(1), 1, atol=1e-9)
    assert proba[0, 1] > 0.5 > proba[1, 1]
    assert model.predict_proba([]).shape == (0, 2)


def test_order_and_padding_do_not_change_answers(model):
    alone = np.concatenate([model.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(model.predict_proba(TEXTS[::-1])[::-1], alone, atol=1e-4)
    np.testing.assert_allclose(model.predict_proba([TEXTS[0], "long " * 300])[0], alone[0], atol=1e-4)


def test_costs_are_word_pieces(model):
    assert model.costs(["dull", "", "dull film"]).tolist() == [3, 2, 4]
    assert model.costs(["dull " * 1000]).tolist() == [WINDOW]


def test_long_text_is_cut_where_fitting_prefix_says(model):
    text = "the film is good . " * 200
    kept = model.fitting_prefix(text)
    assert 0 < kept < len(text)
    assert model.fitting_prefix(text[:kept]) == kept
    np.testing.assert_allclose(model.predict_proba([text]), model.predict_proba([text[:kept]]), atol=1e-4)
    assert model.fitting_prefix("short é text") == len("short é text")


def test_remembered_word_pieces_stay_right_and_are_forgotten(model):
    before = model.predict_proba(TEXTS)
    model.costs([f"film {i}" for i in range(10)])
    np.testing.assert_allclose(model.predict_proba(TEXTS), before, atol=1e-6)
    model.costs(TEXTS)
    np.testing.assert_allclose(model.predict_proba(TEXTS), before, atol=1e-6)
    assert not model._remembered.pieces  # what was typed is not kept once it is predicted


def test_encoder_is_the_function_of_transformers_bert(model):
    from sample_data.scripts.network import MiniLMNetwork

    base = SAMPLE_DATA / "minilm"
    state = weights.read_tensors(FOLDER / ENTRY["path"] / "model.safetensors")
    state["encoder.embeddings.word_embeddings.weight"] = weights.read_tensors(base / "model.safetensors", [FROZEN])[FROZEN]
    trained = MiniLMNetwork(read_config(base), 2)
    trained.load_state_dict(state, strict=True)
    ids, mask = padded([model.tokenizer.encode(text).ids for text in TEXTS])
    with torch.inference_mode():
        np.testing.assert_allclose(model.network(ids, mask), trained.eval()(ids, mask), atol=1e-4)


def test_embedding_has_unit_length(model):
    vectors = model.embed(TEXTS)
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_stored_predictions_belong_to_the_model(model):
    fingerprint, stored = weights.read_predictions(FOLDER / ENTRY["path"])
    test = part("test")
    assert fingerprint == model.fingerprint
    assert stored.shape == (len(test), 2)
    assert stored.dtype == np.float32
    assert np.mean(stored.argmax(1) == test["label"]) == pytest.approx(ENTRY["accuracy"][0], abs=1e-4)
    assert ENTRY["accuracy"][0] >= 0.82
    rows = np.random.default_rng().choice(len(test), 100, replace=False)
    np.testing.assert_allclose(model.predict_proba(test["text"].iloc[rows].tolist()), stored[rows], atol=1e-3)


def test_splits_share_no_sentence():
    keys = {n: {" ".join(re.findall(r"[^\W_]+", t.casefold())) for t in part(n)["text"]} for n in ("train", "dev", "test")}
    assert not keys["train"] & keys["test"]
    assert not keys["dev"] & keys["test"]
    assert not keys["train"] & keys["dev"]
    assert part("test")["label"].value_counts().tolist() == [1000, 1000]


@pytest.mark.parametrize("tampered", ["reviews/minilm/model.safetensors", "minilm/tokenizer.json"])
def test_tampered_file_is_refused(tmp_path, tampered):
    shutil.copytree(SAMPLE_DATA / "minilm", tmp_path / "minilm")
    shutil.copytree(FOLDER / "minilm", tmp_path / "reviews" / "minilm")
    shutil.copy(FOLDER / "task.toml", tmp_path / "reviews")
    raw = bytearray((tmp_path / tampered).read_bytes())
    raw[-5] ^= 1
    (tmp_path / tampered).write_bytes(raw)
    with pytest.raises(ValueError, match="sha256 differs"):
        MiniLMClassifier.load(tmp_path / "reviews" / "minilm", TASK["class_names"])


def test_missing_and_unlisted_files_are_named(tmp_path):
    (tmp_path / "task.toml").write_text("[sha256]\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"minilm/model.safetensors .* is missing"):
        weights.verify(tmp_path, [tmp_path / "minilm" / "model.safetensors"])
    (tmp_path / "w").write_bytes(b"1")
    with pytest.raises(ValueError, match='add the line "w" = "6b86b273'):
        weights.verify(tmp_path, [tmp_path / "w"])


def test_batches_keep_to_the_limit_and_cover_everything():
    costs = np.array([5, 1, 9, 3, 3, 30, 2])
    batches = list(batches_by_cost(costs, 12))
    assert sorted(np.concatenate(batches).tolist()) == list(range(7))
    assert all(len(b) * costs[b].max() <= 12 or len(b) == 1 for b in batches)
    assert list(batches_by_cost(np.array([], dtype=int), 12)) == []

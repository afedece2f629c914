"""Gradients through transformers' classifiers: the same function as their answers, their own attention, and maps of words."""

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

import explainers
from explainers.models.base import MASK_TOKEN, PADDING, ZERO_VECTOR
from explainers.models.huggingface import HuggingFaceClassifier
from explainers.tasks import Card, ModelEntry, Split, Task
from tests.explainers.models.test_huggingface import CLASSES, CONFIGS, TEXTS, saved, tokenizer

TEXT = TEXTS[2]


def task_of(model: HuggingFaceClassifier) -> Task:
    split = Split(TEXTS, [])
    entry = ModelEntry("tiny", "tiny", lambda: model)
    return Task("tiny", "text", CLASSES, {"tiny": entry}, "tiny", {"test": lambda: split, "train": lambda: split}, Card(title="tiny"))


@pytest.mark.parametrize("kind", CONFIGS)
def test_it_is_the_same_function_for_any_number_of_rows(tmp_path, kind):
    model = HuggingFaceClassifier.load(saved(tmp_path, kind), CLASSES)
    d = model.differentiable(TEXT)
    with torch.no_grad():
        logits = d.forward(torch.cat([d.x, d.x, d.x]))
    for row in logits.double().softmax(-1).numpy():
        np.testing.assert_allclose(row, model.predict_proba([TEXT])[0], atol=1e-5)
    assert len(d.spans) == d.x.shape[1]


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
def test_attention_is_the_library_s_own(tmp_path, kind):
    folder = saved(tmp_path, kind)
    network = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()
    inputs = tokenizer(kind)(TEXT, return_tensors="pt")
    inputs.pop("token_type_ids")
    with torch.no_grad():
        theirs = torch.cat(network(**inputs, output_attentions=True).attentions).numpy()
    d = HuggingFaceClassifier.load(folder, CLASSES).differentiable(TEXT)
    np.testing.assert_allclose(d.attention(), theirs, atol=1e-5)
    with torch.no_grad():
        np.testing.assert_allclose(d.forward(d.x).numpy(), network(**inputs).logits.numpy(), atol=1e-5)  # afterwards too


def test_stand_ins_are_those_of_the_tokenizer(tmp_path):
    d = HuggingFaceClassifier.load(saved(tmp_path / "bert"), CLASSES).differentiable(TEXT)
    assert list(d.stand_ins) == [MASK_TOKEN, PADDING, ZERO_VECTOR]
    for stand_in in d.stand_ins.values():
        assert torch.equal(stand_in[0, [0, -1]], d.x[0, [0, -1]])  # [CLS] and [SEP] stay
    assert torch.equal(d.stand_ins[MASK_TOKEN][0, 1], d.module.get_input_embeddings().weight[4])
    other = HuggingFaceClassifier.load(saved(tmp_path / "gpt2", "gpt2"), CLASSES).differentiable(TEXT)
    assert MASK_TOKEN not in other.stand_ins  # it has none


@pytest.mark.parametrize("kind", CONFIGS)
def test_integrated_gradients_add_up(tmp_path, kind):
    task = task_of(HuggingFaceClassifier.load(saved(tmp_path, kind), CLASSES))
    e = explainers.explain("integrated_gradients", task, TEXT)
    assert e.quality[0].value < 0.02
    assert e.payload.intercept + e.payload.values.sum() == pytest.approx(
        float(np.log(e.prediction[e.target] / (1 - e.prediction[e.target]))), abs=0.02 * abs(e.payload.effect) + 1e-4
    )
    assert sorted(e.payload.names) == sorted(["a", "great", "film (1st)", "was", "not", "very", "dull", "the", "film (2nd)"])
    deeplift = next(m for m in explainers.methods(task) if m.name == "deeplift")
    assert "attention" in deeplift.reason

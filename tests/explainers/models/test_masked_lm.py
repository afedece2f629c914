"""Words for the gaps of a text, from a tiny random model; and what is refused, with its sentence."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explainers.models.masked_lm import MaskedLM
from tests.fixtures.masked_lm import WORDS, save_tiny_lm
from tests.fixtures.toys import sentence


def test_every_gap_gets_whole_words_with_probabilities(tmp_path):
    model = MaskedLM.named(str(save_tiny_lm(tmp_path)))
    found = model.proposals(["the [MASK] is [MASK]", "great", "[MASK]"])
    assert [len(gaps) for gaps in found] == [2, 0, 1]
    for words, chances in [*found[0], *found[2]]:
        assert set(words) == {w for w in WORDS if w.isalpha()}, "neither pieces of words nor marks"
        assert chances.sum() == pytest.approx(1)
        assert (np.diff(chances) <= 0).all(), "likeliest first"


def test_padding_changes_nothing(tmp_path):
    model = MaskedLM.load(save_tiny_lm(tmp_path), "tiny")
    alone = model.proposals(["the [MASK]"])[0][0]
    beside = model.proposals(["the [MASK]", "the cast is great but the plot is dull"])[0][0]
    assert alone[0] == beside[0]
    np.testing.assert_allclose(alone[1], beside[1], atol=1e-5)


def test_the_window_is_known(tmp_path):
    model = MaskedLM.load(save_tiny_lm(tmp_path), "tiny")
    assert model.fits("the cast is great")
    assert not model.fits("the cast " * 30)


def test_a_pickle_is_refused(tmp_path):
    save_tiny_lm(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ValueError, match="pickle") as caught:
        MaskedLM.load(tmp_path, "tiny")
    sentence(caught.value)


def test_a_name_that_is_no_model(monkeypatch):
    import huggingface_hub

    def offline(*_: object, **__: object) -> None:
        raise OSError("no connection")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(ValueError, match="connect to the internet") as caught:
        MaskedLM.named("nobody/nothing-at-all")
    sentence(caught.value)


def test_a_model_without_gaps_is_refused(tmp_path):
    from transformers import AutoTokenizer

    save_tiny_lm(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    tokenizer.mask_token = None
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="no mark for a gap") as caught:
        MaskedLM.load(tmp_path, "tiny")
    sentence(caught.value)

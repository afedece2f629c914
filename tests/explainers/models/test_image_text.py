"""CLIP from a folder: a tiny one of random weights is read, used and checked like a real one; a pickle is refused."""

import numpy as np
import pytest
from PIL import Image

import explainers
from explainers.models.image_text import ImageTextModel

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from tokenizers import Tokenizer, models, pre_tokenizers

    path = tmp_path_factory.mktemp("clip")
    words = {w: i for i, w in enumerate(["<pad>", "<end>", "a", "red", "blue", "picture"])}
    inner = Tokenizer(models.WordLevel(words, unk_token="<pad>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="<end>", unk_token="<pad>", model_max_length=8
    )
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.CLIPConfig(
        text_config=size | {"vocab_size": 6, "max_position_embeddings": 8, "eos_token_id": 1, "bos_token_id": 0, "pad_token_id": 0},
        vision_config=size | {"image_size": 32, "patch_size": 16},
        projection_dim=8,
    )
    pixels = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    transformers.CLIPModel(config).save_pretrained(path)
    transformers.CLIPProcessor(pixels, tokenizer).save_pretrained(path)
    return path


def pictures(seed: int) -> list[Image.Image]:
    rng = np.random.default_rng(seed)
    return [Image.fromarray(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8)) for _ in range(6)]


def test_both_sides_are_embedded_at_unit_length(folder):
    model = ImageTextModel.load(folder, "tiny")
    for rows in (model.pictures.embed(pictures(0)), model.texts.embed(["a red picture", "blue"])):
        assert rows.shape[1] == 8
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1)


def test_it_is_preferred_to_the_bridge(folder):
    d = explainers.explain_difference(
        pictures(0), pictures(1), "image", descriptions=["a joyful feeling"], propose=False, image_text_model=str(folder)
    )
    (only,) = d.payload.candidates
    assert only.ranker == "clip"
    assert "bridge" in only.others


def test_what_is_no_model_is_said_so(tmp_path):
    with pytest.raises(ValueError, match=r"config\.json"):
        ImageTextModel.load(tmp_path, "empty")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(ValueError, match="pickle"):
        ImageTextModel.load(tmp_path, "pickled")

"""Transformers classifiers: tiny random ones, saved and read back; and what is refused, with its sentence."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from huggingface_hub.errors import RepositoryNotFoundError
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertModel,
    DistilBertConfig,
    GPT2Config,
    PreTrainedTokenizerFast,
    RobertaConfig,
)

from explainers import load_task
from explainers.models.base import Model, WindowedModel
from explainers.models.huggingface import HuggingFaceClassifier

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "a", "good", "bad", "film", "was", "great", "dull", "not", "very"]
SMALL = {"vocab_size": len(WORDS), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
CONFIGS = {
    "bert": lambda **k: BertConfig(**SMALL, max_position_embeddings=24, initializer_range=0.5, **k),
    "distilbert": lambda **k: DistilBertConfig(
        vocab_size=len(WORDS), dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=24, initializer_range=0.5, **k
    ),
    "roberta": lambda **k: RobertaConfig(**SMALL, max_position_embeddings=26, pad_token_id=1, initializer_range=0.5, **k),
    "gpt2": lambda **k: GPT2Config(vocab_size=len(WORDS), n_embd=32, n_layer=2, n_head=2, n_positions=24, initializer_range=0.5, **k),
}
TEXTS = ["the film was good", "bad", "a great film was not very dull the film", "good " * 15]
CLASSES = ["negative", "positive"]


def tokenizer(kind: str = "bert", **more) -> PreTrainedTokenizerFast:
    """Words as pieces; [CLS] before and [SEP] behind, token types as BERT has them. RoBERTa's padding is number 1."""
    words = [WORDS[1], WORDS[0], *WORDS[2:]] if kind == "roberta" else WORDS
    pieces = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer()
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if kind == "gpt2":
        return PreTrainedTokenizerFast(tokenizer_object=pieces, unk_token="[UNK]", eos_token="[SEP]", **more)
    pieces.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=pieces, model_input_names=inputs, **marks, **more)


def saved(folder: Path, kind: str = "bert", seed: int = 0, tokens: PreTrainedTokenizerFast | None = None, **config) -> Path:
    """A tiny random classifier as people save one."""
    torch.manual_seed(seed)
    AutoModelForSequenceClassification.from_config(CONFIGS[kind](**config)).save_pretrained(folder)
    (tokens or tokenizer(kind)).save_pretrained(folder)
    return folder


def refused(action) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is what the tests look at)
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edit(folder: Path, file: str = "config.json", **values) -> None:
    path = folder / file
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


@pytest.mark.parametrize("kind", CONFIGS)
def test_probabilities_do_not_depend_on_what_is_asked_with_them(tmp_path, kind):
    model = HuggingFaceClassifier.load(saved(tmp_path, kind), CLASSES)
    assert isinstance(model, Model)
    assert isinstance(model, WindowedModel)
    together = model.predict_proba(TEXTS)
    assert together.shape == (4, 2)
    assert together.dtype == np.float64
    assert np.abs(together[0] - together[2]).max() > 1e-3  # it does read the text
    np.testing.assert_allclose(np.vstack([model.predict_proba([text]) for text in TEXTS]), together, atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(TEXTS[::-1]), together[::-1], atol=1e-5)


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_text_with_every_word_switched_off_is_answered(tmp_path, kind):
    model = HuggingFaceClassifier.load(saved(tmp_path, kind), CLASSES)
    assert model.predict_proba(["", " ", "good"]).shape == (3, 2)
    assert model.costs([""]).min() >= 1
    assert model.predict_proba([]).shape == (0, 2)


def test_what_a_visitor_typed_is_not_kept(tmp_path):
    model = HuggingFaceClassifier.load(saved(tmp_path), CLASSES)
    model.costs(TEXTS)
    model.predict_proba(TEXTS)
    assert not any(text in repr(vars(model)) + repr(vars(model._remembered)) for text in TEXTS[:1] + TEXTS[2:])


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta"])
def test_probabilities_are_those_of_the_library(tmp_path, kind):
    folder = saved(tmp_path, kind)
    network = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    inputs = tokenizer(kind)(TEXTS[2], return_tensors="pt")
    inputs.pop("token_type_ids")
    with torch.inference_mode():
        expected = network(**inputs).logits.softmax(-1).numpy()
    np.testing.assert_allclose(HuggingFaceClassifier.load(folder, CLASSES).predict_proba(TEXTS[2:3]), expected, atol=1e-5)


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_long_text_is_read_up_to_the_window(tmp_path, kind):
    model = HuggingFaceClassifier.load(saved(tmp_path, kind), CLASSES)
    assert model.window == 24  # RoBERTa: 26 positions, the first two are not for words
    long = "good film " * 40
    read = long[: model.fitting_prefix(long)]
    special = 0 if kind == "gpt2" else 2
    assert len(read.split()) == 24 - special
    assert model.fitting_prefix(read) == len(read)
    assert model.fitting_prefix("") == 0
    np.testing.assert_allclose(model.predict_proba([long]), model.predict_proba([read]), atol=1e-6)
    assert model.costs([long, "good"]).tolist() == [24, 1 + special]


def test_the_tokenizer_may_shorten_the_window(tmp_path):
    assert HuggingFaceClassifier.load(saved(tmp_path, tokens=tokenizer(model_max_length=10)), CLASSES).window == 10


def test_the_window_is_found_without_offsets_too(tmp_path):
    model = HuggingFaceClassifier.load(saved(tmp_path), CLASSES)
    long = "good film " * 40
    fast = model.fitting_prefix(long)

    class Slow:
        """A tokenizer of the older kind, which cannot say where a piece stands in the text."""

        is_fast = False

        def __call__(self, *args, **kwargs):
            return fast_one(*args, **kwargs)

    fast_one, model.tokenizer = model.tokenizer, Slow()
    assert model.fitting_prefix(long) in (fast, fast + 1)  # with the space behind, or the first letter that still counts as one piece


def test_fingerprints_tell_weights_tokenizers_and_class_names_apart(tmp_path):
    one = HuggingFaceClassifier.load(saved(tmp_path / "a", seed=1), CLASSES).fingerprint
    assert one == HuggingFaceClassifier.load(saved(tmp_path / "b", seed=1), CLASSES, name="other").fingerprint
    other_tokens = saved(tmp_path / "c", seed=1, tokens=tokenizer(model_max_length=12))
    others = [(saved(tmp_path / "d", seed=2), CLASSES), (tmp_path / "a", ["bad", "fine"]), (other_tokens, CLASSES)]
    assert len({one, *(HuggingFaceClassifier.load(folder, names).fingerprint for folder, names in others)}) == 4


def test_several_callers_at_once_get_their_own_answers(tmp_path):
    model = HuggingFaceClassifier.load(saved(tmp_path), CLASSES)
    expected = model.predict_proba(TEXTS)
    wrong: list[object] = []

    def ask(i: int) -> None:
        try:
            for n in range(10):
                model.predict_proba([f"good film {i} {n}"])
                model.fitting_prefix("good film " * (20 + i))
                np.testing.assert_allclose(model.predict_proba(TEXTS), expected, atol=1e-5)
        except BaseException as problem:
            wrong.append(problem)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_folder_names_it_in_its_toml(tmp_path):
    home = tmp_path / "task"
    saved(home / "model", "distilbert")
    (home / "test.csv").write_text("text,label\ngood film,1\n", encoding="utf-8")
    (home / "task.toml").write_text(
        'modality = "text"\nclass_names = ["negative", "positive"]\n[data]\ntest = "test.csv"\ntext = "text"\nlabel = "label"\n'
        '[[models]]\nkind = "huggingface"\npath = "model"\n',
        encoding="utf-8",
    )
    task = load_task(home)
    assert task.model.predict_proba(list(task.instances("test"))).shape == (1, 2)
    (home / "task.toml").write_text(
        (home / "task.toml").read_text(encoding="utf-8") + '[sha256]\n"model/model.safetensors" = "00"\n', encoding="utf-8"
    )
    assert "is not the one that" in refused(lambda: load_task(home).model)


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "classes", "says"),
    [
        ({"problem_type": "multi_label_classification"}, CLASSES, "at once (multi_label_classification), which is not supported yet"),
        ({"problem_type": "regression"}, CLASSES, "gives a number, not a class (regression), which is not supported yet"),
        ({"num_labels": 1}, CLASSES, "gives a number, not a class (regression), which is not supported yet"),
        ({"num_labels": 3}, CLASSES, "knows 3 classes (LABEL_0, LABEL_1, LABEL_2) but class_names has 2: name each one, in this order."),
        ({"id2label": {0: "Positive", 1: "Negative"}}, CLASSES, "in the order Positive, Negative: put class_names in the same order."),
    ],
)  # fmt: skip
def test_a_head_that_does_not_fit_is_refused(tmp_path, config, classes, says):
    folder = saved(tmp_path, **config)
    assert says in refused(lambda: HuggingFaceClassifier.load(folder, classes))


def test_the_class_names_of_the_toml_win(tmp_path):
    folder = saved(tmp_path, id2label={0: "neg", 1: "pos"})
    assert HuggingFaceClassifier.load(folder, CLASSES).class_names == CLASSES


def test_a_pickle_is_refused_unread(tmp_path):
    folder = saved(tmp_path)
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n")
    assert "comes as a pickle, which can run code when it is read" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))


def test_code_that_travels_with_a_model_is_not_run(tmp_path):
    folder = saved(tmp_path)
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    auto = {"AutoConfig": "own.C", "AutoModelForSequenceClassification": "own.M"}
    edit(folder, model_type="of_my_own", auto_map=auto)
    assert "needs code that comes with it, which Foretell never runs" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))
    edit(folder, model_type="bert")
    assert HuggingFaceClassifier.load(folder, CLASSES).predict_proba(["good"]).shape == (1, 2)  # the library's own BERT serves
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("key", ["attn_implementation", "_attn_implementation", "_attn_implementation_internal", "experts_implementation"])
def test_compute_kernels_from_a_hub_are_refused(tmp_path, key):
    folder = saved(tmp_path)
    edit(folder, text_config={key: "someone/kernel"})
    assert "asks for code from a hub, which Foretell never runs" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))


def test_what_is_missing_is_named(tmp_path):
    folder = saved(tmp_path / "a")
    (folder / "tokenizer.json").write_text("{", encoding="utf-8")
    assert "has no tokenizer in its folder" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer in its folder" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))
    (folder / "model.safetensors").unlink()
    assert "has no model.safetensors in its folder" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))
    (folder / "config.json").write_text("{", encoding="utf-8")
    (folder / "model.safetensors").touch()
    assert "config.json of the model huggingface is not valid JSON" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))
    (folder / "config.json").unlink()
    assert "has no config.json" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))


def test_a_model_without_a_trained_head_is_refused(tmp_path):
    BertModel(CONFIGS["bert"]()).save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    assert "lacks trained weights (classifier.bias, classifier.weight)" in refused(lambda: HuggingFaceClassifier.load(tmp_path, CLASSES))


def test_other_damage_is_one_sentence(tmp_path):
    folder = saved(tmp_path / "a")
    (folder / "model.safetensors").write_bytes(b"nonsense")
    assert "cannot be read as a text classifier" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))
    (folder / "adapter_config.json").write_text("{}", encoding="utf-8")
    assert "is a PEFT adapter: merge it" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))
    folder = saved(tmp_path / "b", num_labels=2, tokens=None)
    edit(folder, model_type="vit")
    assert "type that transformers has no text classifier for" in refused(lambda: HuggingFaceClassifier.load(folder, CLASSES))


def test_a_tokenizer_of_another_model_is_refused(tmp_path):
    tokens = tokenizer()
    tokens.add_tokens(["more", "words"])
    assert "has more word pieces than the model knows" in refused(
        lambda: HuggingFaceClassifier.load(saved(tmp_path, tokens=tokens), CLASSES)
    )


# --- the hub ----------------------------------------------------------------------------------------------------------


def test_a_hub_model_is_fetched_without_pickles_or_code(tmp_path, monkeypatch):
    asked = {}

    def fetch(hub_id, **options):
        asked.update(options, hub_id=hub_id)
        return str(saved(tmp_path))

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    model = HuggingFaceClassifier.from_hub("owner/name", CLASSES, revision="abc")
    assert model.predict_proba(["good"]).shape == (1, 2)
    assert (asked["hub_id"], asked["revision"]) == ("owner/name", "abc")
    assert not any(pattern.endswith(("bin", "py", "pt", "*")) for pattern in asked["allow_patterns"])


def test_without_a_connection_the_hub_is_one_sentence(tmp_path, monkeypatch):
    def offline(*_args, **_options):
        raise OSError("Got: ConnectError: [Errno -2] Name or service not known\nand more")

    monkeypatch.setattr("huggingface_hub.snapshot_download", offline)
    said = refused(lambda: HuggingFaceClassifier.from_hub("owner/name", CLASSES))
    assert said.startswith("The model 'owner/name' is not a folder of the task and could not be fetched from the Hugging Face hub: ")

    def unknown(*_args, **_options):
        raise RepositoryNotFoundError("404 Client Error", response=MagicMock())

    monkeypatch.setattr("huggingface_hub.snapshot_download", unknown)
    assert (
        refused(lambda: HuggingFaceClassifier.from_hub("owner/name", CLASSES))
        == "The hub has no public model 'owner/name': check its name."
    )

"""A text classifier of the transformers library, from a folder or from the Hugging Face hub.

No file of a stranger runs code here: weights come as safetensors only (a pickle is refused, not converted), code that travels with a
model is never executed, and from the hub only weights, configuration and tokenizer files are fetched.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from explainers.models.base import (
    MASK_TOKEN,
    PADDING,
    ZERO_VECTOR,
    Differentiable,
    checked_probabilities,
    fingerprint_of,
    own_copy,
    use_few_threads,
)
from explainers.models.minilm import batches_by_cost
from explainers.models.weights import PREDICTIONS_FILE

LONGEST_WINDOW = 8192  # word pieces; for models that state no limit of their own
MAX_BATCH_COST = 4096  # word pieces with padding in one forward pass
_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")  # weights, configuration, tokenizers; never *.bin, *.pt, *.py
_TOKENIZERS = ("tokenizer.json", "vocab.*", "*.model")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
PYTHON_WAY = "use a Python file that calls explainers.make_task instead (docs/own_model.md)"


class HuggingFaceClassifier:
    """Adapter: `Model` and `WindowedModel` over a transformers sequence classifier."""

    def __init__(self, name: str, class_names: Sequence[str], network: Any, tokenizer: Any, fingerprint: str):
        self.name = name
        self.class_names = list(class_names)
        self.fingerprint = fingerprint
        self.max_batch_cost = MAX_BATCH_COST
        self.network = network.eval()
        self.tokenizer = tokenizer
        self.window = window_of(network, tokenizer)
        self._inputs = set(inspect.signature(network.forward).parameters)
        self._lock = threading.Lock()  # a fast tokenizer refuses two callers at once
        # What a visitor typed is not kept: each thread remembers the texts of its last `costs` only until they were predicted.
        self._remembered = threading.local()

    @classmethod
    def load(cls, folder: Path, class_names: Sequence[str], name: str = "huggingface") -> HuggingFaceClassifier:
        """Read what save_pretrained wrote, model and tokenizer, from `folder`. Never goes to the network."""
        use_few_threads()
        _check_files(folder, name)
        network = _read_network(folder, name)
        _check_head(network, class_names, name)
        tokenizer = _read_tokenizer(folder, network, name)
        files = sorted({path for pattern in _FILES for path in folder.glob(pattern) if path.name != PREDICTIONS_FILE})
        return cls(name, class_names, network, tokenizer, fingerprint_of(files, {"kind": "huggingface", "class_names": list(class_names)}))

    @classmethod
    def from_hub(
        cls, hub_id: str, class_names: Sequence[str], revision: str | None = None, name: str = "huggingface"
    ) -> HuggingFaceClassifier:
        """Fetch a model from the hub, or take the copy fetched before when there is no connection."""
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError, RevisionNotFoundError

        try:
            folder = snapshot_download(hub_id, revision=revision, allow_patterns=list(_FILES))
        except (HFValidationError, RepositoryNotFoundError, RevisionNotFoundError):
            raise ValueError(f"The hub has no public model {hub_id!r}{f' at {revision!r}' if revision else ''}: check its name.") from None
        except Exception:
            raise ValueError(
                f"The model {hub_id!r} is not a folder of the task and could not be fetched from the Hugging Face hub: "
                "connect to the internet, or download it and give the path of its folder."
            ) from None
        return cls.load(Path(folder), class_names, name)

    def costs(self, batch: Sequence[str]) -> np.ndarray:
        """Word pieces the model reads of each text, int64 (n,)."""
        pieces = self._tokenise(batch)
        self._remembered.pieces = dict(zip(batch, pieces, strict=True))
        return np.array([len(p["input_ids"]) for p in pieces], dtype=np.int64)

    def fitting_prefix(self, text: str) -> int:
        """Number of leading characters the model reads."""
        if len(self._ids(text)) <= self.window:
            return len(text)
        if self.tokenizer.is_fast:
            with self._lock:
                offsets = self.tokenizer(text, truncation=True, max_length=self.window, return_offsets_mapping=True)["offset_mapping"]
            return max(end for _, end in offsets)
        low, high = 0, len(text)  # without offsets: the longest beginning that still fits
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if len(self._ids(text[:middle])) <= self.window else (low, middle)
        return low

    def predict_proba(self, batch: Sequence[str]) -> np.ndarray:
        """Probabilities, float64 (n, classes)."""
        out = np.zeros((len(batch), len(self.class_names)))
        pieces = self._tokenise(batch)
        for text in batch:
            getattr(self._remembered, "pieces", {}).pop(text, None)
        with torch.inference_mode():
            for rows in batches_by_cost(np.array([len(p["input_ids"]) for p in pieces], dtype=np.int64), self.max_batch_cost):
                # Without a padding mark, the network cannot be told where a shorter text ends: one at a time.
                for group in [rows] if self.tokenizer.pad_token is not None else rows[:, None]:
                    out[group] = self._forward([pieces[i] for i in group])
        return checked_probabilities(out, len(batch), len(self.class_names))

    def differentiable(self, instance: str) -> Differentiable:
        """Over the vectors of the word pieces: x (1, t, d)."""
        if not self.tokenizer.is_fast or "inputs_embeds" not in self._inputs:
            raise ValueError("The library shows no gradients at the words of this model: choose a method that only asks for its answers.")
        network = own_copy(self.network)
        with self._lock:
            found = self.tokenizer(
                instance, truncation=True, max_length=self.window, return_offsets_mapping=True, return_special_tokens_mask=True
            )
        ids, special = torch.tensor([found["input_ids"]]), torch.tensor([found["special_tokens_mask"]]) > 0
        further = {key: torch.tensor([found[key]]) for key in found if key in self._inputs and key != "input_ids"}
        words = network.get_input_embeddings()
        x = words(ids).detach()

        def run(vectors: torch.Tensor, **more: bool) -> Any:
            return network(inputs_embeds=vectors, **{key: t.expand(len(vectors), -1) for key, t in further.items()}, **more)

        def attention() -> np.ndarray:
            network.set_attn_implementation("eager")  # of this copy: the faster ways do not keep their attention
            with torch.inference_mode():
                return torch.cat(run(x, output_attentions=True).attentions).numpy()

        def reads_from() -> np.ndarray:
            made = run(x.clone().requires_grad_(), output_hidden_states=True)
            (slopes,) = torch.autograd.grad(made.logits.sum(), [made.hidden_states[-1]], allow_unused=True)
            read = torch.zeros(x.shape[1], dtype=torch.bool) if slopes is None else slopes[0].abs().sum(-1) > 0
            return read.numpy() if read.any() else np.ones(x.shape[1], dtype=bool)

        marks = {MASK_TOKEN: self.tokenizer.mask_token_id, PADDING: self.tokenizer.pad_token_id}
        stand_ins = {name: words(torch.where(special, ids, mark)).detach() for name, mark in marks.items() if mark is not None}
        stand_ins[ZERO_VECTOR] = torch.where(special.unsqueeze(-1), x, 0.0)
        spans = [list(pair) for pair in found["offset_mapping"]]
        return Differentiable(
            x, lambda vectors: run(vectors).logits, network, spans=spans, stand_ins=stand_ins, attention=attention,
            reads_from=reads_from,
        )  # fmt: skip

    def _forward(self, pieces: list[dict[str, list[int]]]) -> np.ndarray:
        with self._lock:
            inputs = self.tokenizer.pad(pieces, return_tensors="pt") if self.tokenizer.pad_token else None
        tensors = inputs or {key: torch.tensor([pieces[0][key]]) for key in pieces[0]}
        return self.network(**tensors).logits.double().softmax(-1).numpy()

    def _ids(self, text: str) -> list[int]:
        with self._lock:
            return self.tokenizer(text, truncation=False, verbose=False)["input_ids"]

    def _tokenise(self, batch: Sequence[str]) -> list[dict[str, list[int]]]:
        """What the network takes for each text, cut at the window; what `costs` has just cut up for this thread is not cut up again."""
        known: dict[str, dict[str, list[int]]] = getattr(self._remembered, "pieces", {})
        missing = list(dict.fromkeys(text for text in batch if text not in known))
        fresh: dict[str, dict[str, list[int]]] = {}
        if missing:
            with self._lock:
                encoded = self.tokenizer(missing, truncation=True, max_length=self.window)
            kept = [key for key in encoded if key in self._inputs]  # DistilBERT takes no token types, whatever its tokenizer makes
            fresh = {text: {key: encoded[key][i] for key in kept} for i, text in enumerate(missing)}
            empty = {text: pieces for text, pieces in fresh.items() if not pieces["input_ids"]}
            for pieces in empty.values():  # a text whose words are all switched off, and a tokenizer that adds nothing to it
                pieces |= {"input_ids": [self._blank()]} | {key: [int(key == "attention_mask")] for key in kept if key != "input_ids"}
        return [known[text] if text in known else fresh[text] for text in batch]

    def _blank(self) -> int:
        """The word piece that stands for an empty text: the network has to be given something."""
        marks = (self.tokenizer.eos_token_id, self.tokenizer.unk_token_id, self.tokenizer.pad_token_id)
        return next((mark for mark in marks if mark is not None), 0)


def window_of(network: Any, tokenizer: Any) -> int:
    """Word pieces the model reads, special ones included: what its positions hold, or less where the tokenizer says so."""
    limits = [LONGEST_WINDOW, int(min(tokenizer.model_max_length, LONGEST_WINDOW))]
    positions = getattr(network.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        limits.append(positions)
    for name, module in network.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, torch.nn.Embedding) and module.padding_idx is not None:
            limits.append(module.num_embeddings - module.padding_idx - 1)  # RoBERTa's positions start behind the padding's
    return max(1, min(limits))


def _check_files(folder: Path, name: str) -> None:
    """Refuse what cannot be read safely, before any library looks at it."""
    if not (folder / "config.json").is_file():
        raise ValueError(f"The model {name} has no config.json in its folder: save it with model.save_pretrained(folder).")
    if (folder / "adapter_config.json").is_file():
        raise ValueError(f"The model {name} is a PEFT adapter: merge it (model.merge_and_unload()) and save the whole model.")
    if not any(folder.glob("*.safetensors")):
        if any(path for pattern in _PICKLES for path in folder.glob(pattern)):
            raise ValueError(
                f"The model {name} comes as a pickle, which can run code when it is read: "
                "save it as safetensors with model.save_pretrained(folder) where you trust it."
            )
        raise ValueError(f"The model {name} has no model.safetensors in its folder: save it with model.save_pretrained(folder).")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"The config.json of the model {name} is not valid JSON: save the model again.") from None
    if not isinstance(config, dict):
        raise ValueError(f"The config.json of the model {name} is not a JSON object: save the model again.")
    if _names_code(config):
        raise ValueError(f"The config.json of the model {name} asks for code from a hub, which Foretell never runs: {PYTHON_WAY}.")


def _names_code(config: Any) -> bool:
    """Whether a configuration asks for compute kernels by hub name ("owner/kernel"), which the library would download and run."""
    if isinstance(config, dict):
        return any(
            (key.strip("_").split("_internal")[0].endswith("_implementation") and "/" in json.dumps(value)) or _names_code(value)
            for key, value in config.items()
        )
    return isinstance(config, list) and any(_names_code(value) for value in config)


def _read_network(folder: Path, name: str) -> Any:
    from transformers import AutoModelForSequenceClassification

    with _quiet():
        try:
            network, info = AutoModelForSequenceClassification.from_pretrained(
                str(folder),
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
        except Exception as problem:
            raise ValueError(_sentence(problem, name)) from problem
    if info["missing_keys"]:
        missing = ", ".join(sorted(info["missing_keys"])[:3])
        raise ValueError(f"The model {name} lacks trained weights ({missing}): give a model that was fine-tuned and saved as a classifier.")
    return network


def _sentence(problem: Exception, name: str) -> str:
    said = " ".join(str(problem).split())
    if "trust_remote_code" in said or "custom code" in said:
        return f"The model {name} needs code that comes with it, which Foretell never runs: {PYTHON_WAY}."
    if "Unrecognized configuration class" in said:
        return f"The model {name} is of a type that transformers has no text classifier for: {PYTHON_WAY}."
    return f"The model {name} cannot be read as a text classifier: {said[:200]}"


def _check_head(network: Any, class_names: Sequence[str], name: str) -> None:
    """One answer out of as many classes as the task names, in the same order."""
    config = network.config
    kind = config.problem_type
    if kind == "multi_label_classification":
        raise ValueError(f"The model {name} gives several labels at once (multi_label_classification), which is not supported yet.")
    if kind == "regression" or config.num_labels == 1:
        raise ValueError(f"The model {name} gives a number, not a class (regression), which is not supported yet.")
    own = [str(config.id2label.get(i, i)) for i in range(config.num_labels)]
    if len(class_names) != config.num_labels:
        raise ValueError(
            f"The model {name} knows {len(own)} classes ({', '.join(own[:12])}) but class_names has {len(class_names)}: "
            "name each one, in this order."
        )
    given, known = [c.casefold() for c in class_names], [c.casefold() for c in own]
    if given != known and sorted(given) == sorted(known):
        raise ValueError(f"The model {name} has its classes in the order {', '.join(own)}: put class_names in the same order.")


def _read_tokenizer(folder: Path, network: Any, name: str) -> Any:
    from transformers import AutoTokenizer

    missing = f"The model {name} has no tokenizer in its folder that can be read: save it with tokenizer.save_pretrained(folder)."
    if not any(path for pattern in _TOKENIZERS for path in folder.glob(pattern)):
        raise ValueError(missing)  # the library would make an empty one, to which every word is unknown
    with _quiet():
        try:
            tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
        except Exception as problem:
            said = _sentence(problem, name)
            raise ValueError(said if "never runs" in said else missing) from problem
    if len(tokenizer) <= len(set(tokenizer.all_special_ids)):
        raise ValueError(missing)
    if len(tokenizer) > network.get_input_embeddings().weight.shape[0]:
        raise ValueError(
            f"The tokenizer of the model {name} has more word pieces than the model knows: save the tokenizer the model was trained with."
        )
    if tokenizer.pad_token is None and tokenizer.eos_token is not None:  # GPT-2 and its kin are padded with their end mark
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.pad_token is not None and network.config.pad_token_id is None:
        network.config.pad_token_id = tokenizer.pad_token_id
    return tokenizer


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and load reports of the library while a model is read: what is wrong is said by the sentence."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()

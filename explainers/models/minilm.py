"""MiniLM with a classification head: a small text classifier that reads the first 512 word pieces.

The task's folder holds every weight that fine-tuning changed; the word embeddings stayed frozen, so they are read from the shared
base encoder and are stored once however many tasks use it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from explainers.models import weights
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
from explainers.models.encoder import Encoder, from_bert

WINDOW = 512  # word pieces, [CLS] and [SEP] included
BASE_FILES = ("model.safetensors", "tokenizer.json", "config.json")  # of the shared encoder; task.toml names them "../minilm/..."
FROZEN = "embeddings.word_embeddings.weight"  # (30522, 384), the only weight that fine-tuning leaves alone
MAX_BATCH_COST = 1024  # word pieces with padding in one forward pass; larger ones ran slower on one thread


class MiniLMNetwork(nn.Module):
    """BERT encoder of 6 layers and 384 dimensions, mean over the word pieces, linear head."""

    def __init__(self, config: dict, classes: int):
        super().__init__()
        self.encoder = Encoder(config)
        self.head = nn.Linear(config["hidden_size"], classes)

    def pooled(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Mean of the last hidden states: ids and mask int64 (n, t) -> float32 (n, 384)."""
        weight = mask.unsqueeze(-1).to(torch.float32)
        return (self.encoder(ids, mask) * weight).sum(1) / weight.sum(1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes)."""
        return self.head(self.pooled(ids, mask))

    def of_words(self, words: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes) of texts of equal length, given their word pieces' own vectors: float32 (n, t, 384)."""
        return self.head(self.encoder.layers(self.encoder.embedded(words)).mean(1))


def read_config(base: Path) -> dict:
    """The encoder's configuration, as BertConfig takes it."""
    return json.loads((base / "config.json").read_text(encoding="utf-8"))


def read_tokenizer(base: Path):
    """The encoder's word-piece tokenizer, cut at the window and without padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.enable_truncation(WINDOW)
    tokenizer.no_padding()
    return tokenizer


def padded(ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Word pieces of n texts as int64 (n, longest) with zeros (the [PAD] piece) behind, and the mask of real pieces."""
    out = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
    mask = np.zeros_like(out)
    for row, pieces in enumerate(ids):
        out[row, : len(pieces)] = pieces
        mask[row, : len(pieces)] = 1
    return torch.from_numpy(out), torch.from_numpy(mask)


def batches_by_cost(costs: np.ndarray, limit: int) -> Iterator[np.ndarray]:
    """Indices of instances of similar cost; in each batch, size x largest cost stays at or below `limit` (a single one may exceed it)."""
    order = np.argsort(costs, kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * costs[order[end]] > limit:
            yield order[start:end]
            start = end


class MiniLMClassifier:
    """Adapter: `Model` and `WindowedModel` over a fine-tuned MiniLM."""

    def __init__(self, name: str, class_names: list[str], network: MiniLMNetwork, tokenizer, fingerprint: str):
        self.name = name
        self.class_names = class_names
        self.fingerprint = fingerprint
        self.max_batch_cost = MAX_BATCH_COST
        self.network = network.eval()
        self.tokenizer = tokenizer
        # What a visitor typed is not kept: each thread remembers the texts of its last `costs` only until they were predicted.
        self._remembered = threading.local()

    @classmethod
    def load(
        cls, folder: Path, class_names: list[str], task_folder: Path | None = None, name: str = "minilm", base: Path | None = None
    ) -> MiniLMClassifier:
        """Read `model.safetensors` from `folder`; `base` is the encoder's folder, by default `minilm` beside the task's folder."""
        use_few_threads()
        task_folder = task_folder or folder.parent
        base = base or task_folder.parent / "minilm"
        files = [folder / "model.safetensors", *(base / file for file in BASE_FILES)]
        weights.verify(task_folder, files[:1], {f"../minilm/{path.name}": path for path in files[1:]})
        config = read_config(base)
        network = MiniLMNetwork(config, len(class_names))
        state = weights.read_tensors(files[0])
        encoder = {name.removeprefix("encoder."): t for name, t in state.items() if name.startswith("encoder.")}
        encoder |= weights.read_tensors(base / "model.safetensors", [FROZEN])
        head = {name: t for name, t in state.items() if name.startswith("head.")}
        network.load_state_dict(head | {f"encoder.{name}": t for name, t in from_bert(encoder).items()}, strict=True, assign=True)
        fingerprint = fingerprint_of(files, {"kind": "minilm", "class_names": class_names, "window": WINDOW})
        return cls(name, class_names, network, read_tokenizer(base), fingerprint)

    def _tokenise(self, batch: Sequence[str]) -> list[list[int]]:
        """Word pieces of each text; those that `costs` has just cut up for this thread are not cut up again."""
        known: dict[str, list[int]] = getattr(self._remembered, "pieces", {})
        missing = list(dict.fromkeys(text for text in batch if text not in known))
        fresh = {t: e.ids for t, e in zip(missing, self.tokenizer.encode_batch_fast(missing), strict=True)} if missing else {}
        return [known[text] if text in known else fresh[text] for text in batch]

    def costs(self, batch: Sequence[str]) -> np.ndarray:
        """Word pieces the model reads of each text, [CLS] and [SEP] included: int64 (n,)."""
        pieces = self._tokenise(batch)
        self._remembered.pieces = dict(zip(batch, pieces, strict=True))
        return np.array([len(p) for p in pieces], dtype=np.int64)

    def fitting_prefix(self, text: str) -> int:
        """Number of leading characters the model reads."""
        encoding = self.tokenizer.encode(text)
        if not encoding.overflowing:
            return len(text)
        return max(end for _, end in encoding.offsets)

    def predict_proba(self, batch: Sequence[str]) -> np.ndarray:
        """Probabilities, float64 (n, classes)."""
        logits = self._run(batch, self.network, len(self.class_names))
        return checked_probabilities(torch.from_numpy(logits).double().softmax(-1).numpy(), len(batch), len(self.class_names))

    def embed(self, batch: Sequence[str]) -> np.ndarray:
        """Unit-length mean of the last hidden states: float32 (n, 384)."""
        vectors = self._run(batch, self.network.pooled, self.network.head.in_features)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def differentiable(self, instance: str) -> Differentiable:
        """Over the vectors of the word pieces: x (1, t, 384)."""
        encoding = self.tokenizer.encode(instance)
        network: MiniLMNetwork = own_copy(self.network)
        ids = torch.tensor([encoding.ids])
        special = torch.tensor([encoding.special_tokens_mask]) > 0
        words = network.encoder.words

        def all_as(token: str) -> torch.Tensor:
            return words(torch.where(special, ids, self.tokenizer.token_to_id(token))).detach()

        def attention() -> np.ndarray:
            with torch.inference_mode():
                return network.encoder.attention(words(ids)).numpy()

        x = words(ids).detach()
        zero = torch.where(special.unsqueeze(-1), x, 0.0)
        return Differentiable(
            x, network.of_words, network, spans=[list(pair) for pair in encoding.offsets], attention=attention,
            stand_ins={MASK_TOKEN: all_as("[MASK]"), PADDING: all_as("[PAD]"), ZERO_VECTOR: zero},
        )  # fmt: skip

    def _run(self, batch: Sequence[str], function, width: int) -> np.ndarray:
        """float32 (n, width): `function` over batches of texts of similar length, answers in the order of `batch`."""
        pieces = self._tokenise(batch)
        for text in batch:
            getattr(self._remembered, "pieces", {}).pop(text, None)
        out = np.zeros((len(batch), width), dtype=np.float32)
        with torch.inference_mode():
            for rows in batches_by_cost(np.array([len(p) for p in pieces]), self.max_batch_cost):
                out[rows] = function(*padded([pieces[i] for i in rows])).numpy()
        return out

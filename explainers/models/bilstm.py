"""A bidirectional LSTM over words with attention pooling and a 16-number latent layer, after Hase & Bansal (ACL 2020)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from explainers.models import weights
from explainers.models.base import (
    UNKNOWN_WORD,
    ZERO_VECTOR,
    Differentiable,
    checked_probabilities,
    fingerprint_of,
    own_copy,
    use_few_threads,
)
from explainers.models.minilm import batches_by_cost, padded

WINDOW = 512  # words
UNITS = 50  # of the LSTM, per direction
LATENT = 16
UNKNOWN = 1  # row of the vocabulary for words that training has not seen; row 0 is padding
MAX_BATCH_COST = 8192  # words with padding in one forward pass
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|_")


def words_of(text: str) -> list[str]:
    """Lower-case words ("it's" is one) and single punctuation marks, at most WINDOW of them."""
    return [match.group().lower().replace("’", "'") for match, _ in zip(_WORD.finditer(text), range(WINDOW), strict=False)]


class BiLSTMNetwork(nn.Module):
    """Word vectors, one bidirectional LSTM layer, attention pooling, reduction to 16 numbers in (0, 1), linear layer."""

    def __init__(self, vocabulary: int, dimensions: int, classes: int, dropout: float = 0.5):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, dimensions, padding_idx=0)
        self.lstm = nn.LSTM(dimensions, UNITS, batch_first=True, bidirectional=True)
        self.attention = nn.Linear(2 * UNITS, 1)
        self.reduce = nn.Linear(2 * UNITS, LATENT)
        self.out = nn.Linear(LATENT, classes)
        self.dropout = nn.Dropout(dropout)

    def latent(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """ids and mask int64 (n, t) -> float32 (n, 16) in (0, 1). Packing keeps padding out of the backward direction."""
        vectors = self.dropout(self.embedding(ids))
        packed = nn.utils.rnn.pack_padded_sequence(vectors, mask.sum(1), batch_first=True, enforce_sorted=False)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=ids.shape[1])
        return self._pooled(hidden, self.attention(hidden).squeeze(-1).masked_fill(mask == 0, float("-inf")).softmax(-1))

    def _pooled(self, hidden: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.reduce(self.dropout((weights.unsqueeze(-1) * hidden).sum(1))))

    def of_words(self, vectors: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes) of texts of equal length, given their words' vectors: float32 (n, t, dimensions)."""
        hidden = self.lstm(vectors)[0]
        return self.out(self._pooled(hidden, self.weights(hidden)))

    def weights(self, hidden: torch.Tensor) -> torch.Tensor:
        """How much each word counts in the pooling: (n, t, 100) -> (n, t), rows sum to 1. Without padding."""
        return self.attention(hidden).squeeze(-1).softmax(-1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes)."""
        return self.out(self.latent(ids, mask))


def word_ids(text: str, rows: dict[str, int]) -> list[int]:
    """Rows of the vocabulary; a text without any word counts as one unknown word."""
    return [rows.get(word, UNKNOWN) for word in words_of(text)] or [UNKNOWN]


def read_vocabulary(path: Path) -> dict[str, int]:
    """word -> row, from a file with one word a line; rows 0 and 1 are padding and the unknown word."""
    words = path.read_text(encoding="utf-8").splitlines()
    return {word: row for row, word in enumerate(words, start=2)}


class BiLSTMClassifier:
    """Adapter: `Model` and `WindowedModel` over the BiLSTM."""

    unknown_word = "unknownword"  # no word of the vocabulary, so the network reads the unknown word's vector, which training taught it

    def __init__(self, name: str, class_names: list[str], network: BiLSTMNetwork, rows: dict[str, int], fingerprint: str):
        self.name = name
        self.class_names = class_names
        self.fingerprint = fingerprint
        self.max_batch_cost = MAX_BATCH_COST
        self.network = network.eval()
        self.rows = rows

    @classmethod
    def load(cls, folder: Path, class_names: list[str], task_folder: Path | None = None, name: str = "bilstm") -> BiLSTMClassifier:
        """Read `model.safetensors` and `vocabulary.txt` from `folder`."""
        files = [folder / "model.safetensors", folder / "vocabulary.txt"]
        use_few_threads()
        weights.verify(task_folder or folder.parent, files)
        state = weights.read_tensors(files[0])
        vocabulary, dimensions = state["embedding.weight"].shape
        network = BiLSTMNetwork(vocabulary, dimensions, len(class_names))
        network.load_state_dict(state, strict=True, assign=True)
        fingerprint = fingerprint_of(files, {"kind": "bilstm", "class_names": class_names, "window": WINDOW})
        return cls(name, class_names, network, read_vocabulary(files[1]), fingerprint)

    def costs(self, batch: Sequence[str]) -> np.ndarray:
        """Words the model reads of each text, at least 1: int64 (n,)."""
        return np.array([max(1, len(words_of(text))) for text in batch], dtype=np.int64)

    def fitting_prefix(self, text: str) -> int:
        """Number of leading characters the model reads."""
        matches = list(_WORD.finditer(text))
        return len(text) if len(matches) <= WINDOW else matches[WINDOW - 1].end()

    def predict_proba(self, batch: Sequence[str]) -> np.ndarray:
        """Probabilities, float64 (n, classes)."""
        logits = self._run(batch, self.network, len(self.class_names))
        return checked_probabilities(torch.from_numpy(logits).double().softmax(-1).numpy(), len(batch), len(self.class_names))

    def embed(self, batch: Sequence[str]) -> np.ndarray:
        """The latent layer: float32 (n, 16), values in (0, 1)."""
        return self._run(batch, self.network.latent, LATENT)

    def differentiable(self, instance: str) -> Differentiable:
        """Over the word vectors: x (1, t, dimensions)."""
        network: BiLSTMNetwork = own_copy(self.network)
        ids = torch.tensor([word_ids(instance, self.rows)])
        matches = [match for match, _ in zip(_WORD.finditer(instance), range(WINDOW), strict=False)]
        x = network.embedding(ids).detach()
        unknown = network.embedding(torch.full_like(ids, UNKNOWN)).detach()

        def attention() -> np.ndarray:
            with torch.inference_mode():
                return network.weights(network.lstm(x)[0])[0].numpy()

        return Differentiable(
            x, network.of_words, network, spans=[list(match.span()) for match in matches] or [[0, 0]], attention=attention,
            stand_ins={UNKNOWN_WORD: unknown, ZERO_VECTOR: torch.zeros_like(x)},
        )  # fmt: skip

    def _run(self, batch: Sequence[str], function, width: int) -> np.ndarray:
        """float32 (n, width): `function` over batches of texts of similar length, answers in the order of `batch`."""
        ids = [word_ids(text, self.rows) for text in batch]
        out = np.zeros((len(batch), width), dtype=np.float32)
        with torch.inference_mode():
            for rows in batches_by_cost(np.array([len(x) for x in ids], dtype=np.int64), self.max_batch_cost):
                out[rows] = function(*padded([ids[i] for i in rows])).numpy()
        return out

"""A sentence encoder: texts that mean about the same lie close together. The bundled all-MiniLM-L6-v2, without a head."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from . import weights
from .base import fingerprint_of, use_few_threads
from .encoder import Encoder, from_bert
from .minilm import BASE_FILES, MAX_BATCH_COST, WINDOW, batches_by_cost, padded, read_config, read_tokenizer

BUNDLED = Path(__file__).resolve().parents[2] / "sample_data" / "minilm"


class SentenceEncoder:
    """Adapter with the engine's `Model` interface but for `predict_proba`: `session.line(encoder).embed(texts)`."""

    def __init__(self, name: str, network: Encoder, tokenizer, fingerprint: str):
        self.name, self.fingerprint = name, fingerprint
        self.class_names: list[str] = []
        self.max_batch_cost = MAX_BATCH_COST
        self.network, self.tokenizer = network.eval(), tokenizer
        self._lock = threading.Lock()  # a fast tokenizer refuses two callers at once

    @classmethod
    def load(cls, folder: Path = BUNDLED) -> SentenceEncoder:
        use_few_threads()
        files = [folder / file for file in BASE_FILES]
        network = Encoder(read_config(folder))
        network.load_state_dict(from_bert(weights.read_tensors(files[0])), strict=True, assign=True)
        return cls("MiniLM", network, read_tokenizer(folder), fingerprint_of(files, {"kind": "sentences", "window": WINDOW}))

    def predict_proba(self, batch: Sequence[str]) -> np.ndarray:
        raise ValueError("A sentence encoder has no classes: use embed.")

    def costs(self, batch: Sequence[str]) -> np.ndarray:
        """Word pieces of each text: int64 (n,)."""
        return np.array([len(ids) for ids in self._ids(batch)], dtype=np.int64)

    def embed(self, batch: Sequence[str]) -> np.ndarray:
        """Unit-length mean of the last hidden states: float32 (n, 384)."""
        pieces = self._ids(batch)
        out = np.zeros((len(batch), self.network.norm.normalized_shape[0]), dtype=np.float32)
        with torch.inference_mode():
            for rows in batches_by_cost(np.array([len(p) for p in pieces]), self.max_batch_cost):
                ids, mask = padded([pieces[i] for i in rows])
                weight = mask.unsqueeze(-1).float()
                out[rows] = F.normalize((self.network(ids, mask) * weight).sum(1) / weight.sum(1), dim=-1).numpy()
        return out

    def _ids(self, batch: Sequence[str]) -> list[list[int]]:
        with self._lock:
            return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(batch))]


@lru_cache(maxsize=1)
def sentence_encoder() -> SentenceEncoder:
    """The bundled one, read once a process."""
    return SentenceEncoder.load()

"""CLIP, SigLIP and their kin, through transformers: how well a text fits a picture.

Read like any stranger's model (huggingface.py): from a folder or by hub id, safetensors only, code that travels with it is never run.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from .base import fingerprint_of, use_few_threads
from .huggingface import _FILES, _check_files, _quiet

BATCH = 8  # pictures or texts in one pass


class ImageTextModel:
    """Both encoders. `pictures` and `texts` are the two as adapters for a session's lines, each with `embed`."""

    def __init__(self, name: str, network: Any, processor: Any, fingerprint: str):
        self.name, self.network, self.processor = name, network.eval(), processor
        self.pictures = _Side(f"{name}, pictures", f"{fingerprint}-pictures", self._embed_pictures)
        self.texts = _Side(f"{name}, texts", f"{fingerprint}-texts", self._embed_texts)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path, name: str) -> ImageTextModel:
        """What save_pretrained wrote, model and processor, from `folder`. Raises ValueError with the sentence a person is shown."""
        from transformers import AutoModel, AutoProcessor

        use_few_threads()
        _check_files(folder, name)
        with _quiet():
            try:
                network = AutoModel.from_pretrained(
                    str(folder), use_safetensors=True, trust_remote_code=False, local_files_only=True, dtype=torch.float32
                )
                processor = AutoProcessor.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
            except Exception as problem:
                raise ValueError(
                    f"The model {name} cannot be read as an image-text model: {' '.join(str(problem).split())[:200]}"
                ) from problem
        if not hasattr(network, "get_image_features") or not hasattr(network, "get_text_features"):
            raise ValueError(f"The model {name} does not compare pictures with texts: give CLIP, SigLIP or a model of their kind.")
        files = sorted({path for pattern in _FILES for path in folder.glob(pattern)})
        return cls(name, network, processor, fingerprint_of(files, {"kind": "image_text"}))

    def _embed_pictures(self, batch: Sequence[Any]) -> np.ndarray:
        return self._run(lambda part: self.network.get_image_features(**self._processed(images=list(part))), batch)

    def _embed_texts(self, batch: Sequence[str]) -> np.ndarray:
        # SigLIP was trained with all texts padded to its whole window.
        padding = "max_length" if "siglip" in str(self.network.config.model_type) else True
        return self._run(
            lambda part: self.network.get_text_features(**self._processed(text=list(part), padding=padding, truncation=True)), batch
        )

    def _processed(self, **what: Any) -> dict[str, Any]:
        with self._lock:
            made = self.processor(**what, return_tensors="pt")
        return {key: value for key, value in made.items() if key in ("input_ids", "attention_mask", "pixel_values")}

    def _run(self, function: Any, batch: Sequence[Any]) -> np.ndarray:
        """Unit-length float64 (n, width)."""
        found = []
        with torch.inference_mode():
            for start in range(0, len(batch), BATCH):
                said = function(batch[start : start + BATCH])
                said = (
                    said if isinstance(said, torch.Tensor) else said.pooler_output
                )  # transformers 5 gives an output with the pooled one in it
                found.append(F.normalize(said.double(), dim=-1).numpy())
        return np.concatenate(found)


class _Side:
    """One of the two encoders for a session's line."""

    max_batch_cost = BATCH

    def __init__(self, name: str, fingerprint: str, embed: Any):
        self.name, self.fingerprint, self.embed = name, fingerprint, embed
        self.class_names: list[str] = []

    def costs(self, batch: Sequence[Any]) -> np.ndarray:
        return np.ones(len(batch), dtype=np.int64)

    def predict_proba(self, batch: Sequence[Any]) -> np.ndarray:
        raise ValueError("An image-text model has no classes: use embed.")


@lru_cache(maxsize=2)
def image_text_model(name: str) -> ImageTextModel:
    """From a folder, or from the hub (or the copy fetched before when there is no connection). Read once a process."""
    if Path(name).is_dir():
        return ImageTextModel.load(Path(name), Path(name).name)
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(name, allow_patterns=list(_FILES))
    except Exception:
        raise ValueError(
            f"The image-text model {name!r} is neither a folder nor can it be fetched from the Hugging Face hub: check its name, connect to "
            "the internet, or download it and give the path of its folder."
        ) from None
    return ImageTextModel.load(Path(folder), name)

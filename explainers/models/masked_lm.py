"""A masked language model of the transformers library: which words could stand in a gap of a text.

    model = MaskedLM.named("distilroberta-base")            # a hub id, or the path of a folder
    words, probability = model.proposals(["the [MASK] is great"])[0]      # of each gap

Read like any stranger's model (huggingface.py): safetensors only, code that travels with it is never run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..parts import WORD
from .base import use_few_threads
from .huggingface import _FILES, _check_files, _quiet, _read_tokenizer, window_of

MOST_PROPOSED = 500  # words a gap, as in the code of the anchors paper
BATCH = 32  # texts in one pass
_WORD_STARTS = ("Ġ", "▁")  # how byte-level and sentence-piece vocabularies mark the beginning of a word


class MaskedLM:
    """Proposes whole words for the gaps of a text."""

    def __init__(self, name: str, network: Any, tokenizer: Any):
        self.name, self.network, self.tokenizer = name, network.eval(), tokenizer
        self.window = window_of(network, tokenizer)

    @classmethod
    def named(cls, name: str) -> MaskedLM:
        """From a folder, or from the hub (or the copy fetched before when there is no connection). Read once a process."""
        return _named(name)

    @classmethod
    def load(cls, folder: Path, name: str) -> MaskedLM:
        """Read what save_pretrained wrote, model and tokenizer, from `folder`."""
        from transformers import AutoModelForMaskedLM

        use_few_threads()
        _check_files(folder, name)
        with _quiet():
            try:
                network = AutoModelForMaskedLM.from_pretrained(
                    str(folder), use_safetensors=True, trust_remote_code=False, local_files_only=True, dtype=torch.float32
                )
            except Exception as problem:
                said = " ".join(str(problem).split())[:200]
                raise ValueError(f"The model {name} cannot be read as a masked language model: {said}") from problem
        tokenizer = _read_tokenizer(folder, network, name)
        if tokenizer.mask_token is None:
            raise ValueError(f"The model {name} has no mark for a gap in a text: choose a masked language model, such as BERT.")
        return cls(name, network, tokenizer)

    @property
    def gap(self) -> str:
        """What stands for a gap in a text."""
        return self.tokenizer.mask_token

    def fits(self, text: str) -> bool:
        return len(self.tokenizer(text, truncation=False, verbose=False)["input_ids"]) <= self.window

    @cached_property
    def _whole(self) -> tuple[np.ndarray, list[str]]:
        """Ids of the vocabulary's whole words, and the words."""
        tokens = self.tokenizer.convert_ids_to_tokens(list(range(min(len(self.tokenizer), self.network.config.vocab_size))))
        marked = any(token.startswith(_WORD_STARTS) for token in tokens)
        special = set(self.tokenizer.all_special_tokens)
        found = {}
        for i, token in enumerate(tokens):
            word = token[1:] if token.startswith(_WORD_STARTS) else "" if marked else token
            if token not in special and WORD.fullmatch(word) and any(letter.isalpha() for letter in word):
                found[i] = word
        if not found:
            raise ValueError(f"The model {self.name} knows no whole words: choose another masked language model.")
        return np.array(list(found)), list(found.values())

    def proposals(self, texts: Sequence[str]) -> list[list[tuple[list[str], np.ndarray]]]:
        """For each text, for each of its gaps in order: at most `MOST_PROPOSED` words and their probabilities, which sum to 1."""
        found = []
        for start in range(0, len(texts), BATCH):
            found += self._proposals(list(texts[start : start + BATCH]))
        return found

    def _proposals(self, texts: list[str]) -> list[list[tuple[list[str], np.ndarray]]]:
        ids, words = self._whole
        encoded = self.tokenizer(texts, truncation=True, max_length=self.window, padding=True, return_tensors="pt")
        kept = {key: value for key, value in encoded.items() if key in ("input_ids", "attention_mask")}
        gaps = (kept["input_ids"] == self.tokenizer.mask_token_id).nonzero()
        with torch.inference_mode():
            logits = self.network(**kept).logits[gaps[:, 0], gaps[:, 1]][:, torch.from_numpy(ids)].double()
            best = logits.topk(min(MOST_PROPOSED, len(ids)), dim=-1)
            probability = best.values.softmax(-1).numpy()
        found: list[list[tuple[list[str], np.ndarray]]] = [[] for _ in texts]
        for text, places, chances in zip(gaps[:, 0].tolist(), best.indices.tolist(), probability, strict=True):
            found[text].append(([words[i] for i in places], chances))
        return found


@lru_cache(maxsize=2)
def _named(name: str) -> MaskedLM:
    if Path(name).is_dir():
        return MaskedLM.load(Path(name), Path(name).name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    try:
        folder = snapshot_download(name, allow_patterns=list(_FILES))
    except (HFValidationError, RepositoryNotFoundError):
        raise ValueError(f"The hub has no public model {name[:80]!r}: check its name.") from None
    except Exception:
        raise ValueError(
            f"The language model {name[:80]!r} is no folder and could not be fetched from the Hugging Face hub: "
            "connect to the internet, or download it and give the path of its folder."
        ) from None
    return MaskedLM.load(Path(folder), name)

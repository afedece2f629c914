"""MiniLM with a classification head, as it is trained: transformers' BertModel, whose weight names the files keep."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from transformers import BertConfig, BertModel

from explainers.models import weights


class MiniLMNetwork(nn.Module):
    """BERT encoder of 6 layers and 384 dimensions, mean over the word pieces, linear head."""

    def __init__(self, config: dict, classes: int):
        super().__init__()
        self.encoder = BertModel(BertConfig(**config), add_pooling_layer=False)
        self.head = nn.Linear(config["hidden_size"], classes)

    def pooled(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Mean of the last hidden states: ids and mask int64 (n, t) -> float32 (n, 384)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weight).sum(1) / weight.sum(1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes)."""
        return self.head(nn.functional.dropout(self.pooled(ids, mask), 0.1, self.training))


def encoder_state(base: Path) -> dict[str, torch.Tensor]:
    """Weights of the base encoder without the pooler, which mean pooling does not use."""
    state = weights.read_tensors(base / "model.safetensors")
    return {name: t for name, t in state.items() if not name.startswith("pooler.")}

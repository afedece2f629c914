"""A BERT encoder in torch's own transformer layers.

The same function as `transformers.BertModel` without its pooler (a test compares them), and the same weight names on disk. Two
reasons for it: importing transformers takes longer than everything else about opening a task, and torch's fused layers skip
padding, which makes a batch of sentences a tenth to a third faster.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

# Said once by torch about how it skips padding; nothing a user can act on.
warnings.filterwarnings("ignore", message="The PyTorch API of nested tensors is in prototype stage")

# torch's name of a layer's weight -> BERT's, for those that correspond one to one.
_LAYER_NAMES = {
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}


class Encoder(nn.Module):
    """Word pieces to hidden states. `config`: the keys of a BertConfig."""

    def __init__(self, config: Mapping[str, Any]):
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.words = _table(config["vocab_size"], width)
        self.positions = _table(config["max_position_embeddings"], width)
        self.kinds = _table(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps)
        heads, inner, dropout = config["num_attention_heads"], config["intermediate_size"], config["hidden_dropout_prob"]
        layer = nn.TransformerEncoderLayer(width, heads, inner, dropout, config["hidden_act"], eps, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, config["num_hidden_layers"])

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Hidden states of the last layer: ids and mask int64 (n, t) -> float32 (n, t, width); rows of padding hold nothing of use."""
        return self.layers(self.embedded(self.words(ids)), src_key_padding_mask=mask == 0)

    def embedded(self, words: torch.Tensor) -> torch.Tensor:
        """What the first layer reads, of the word pieces' own vectors: float32 (n, t, width) -> the same shape."""
        places = torch.arange(words.shape[1], device=words.device)
        return self.norm(words + self.positions(places) + self.kinds.weight[0])

    def attention(self, words: torch.Tensor) -> torch.Tensor:
        """Attention of one text, in each layer from a piece (third axis) to the pieces it reads: (1, t, width) -> (layers, heads, t, t)."""
        hidden, found = self.embedded(words), []
        for layer in self.layers.layers:
            attention = layer.self_attn
            found.append(attention(hidden, hidden, hidden, need_weights=True, average_attn_weights=False)[1])
            hidden = layer(hidden)
        return torch.cat(found)


def _table(rows: int, width: int) -> nn.Embedding:
    """Embeddings without random values: they are always read from a file, and drawing millions takes longer than reading them."""
    return nn.Embedding.from_pretrained(torch.empty(rows, width), freeze=False)


def from_bert(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The state of an `Encoder` from that of a BertModel without pooler."""
    out = {
        "words.weight": state["embeddings.word_embeddings.weight"],
        "positions.weight": state["embeddings.position_embeddings.weight"],
        "kinds.weight": state["embeddings.token_type_embeddings.weight"],
        "norm.weight": state["embeddings.LayerNorm.weight"],
        "norm.bias": state["embeddings.LayerNorm.bias"],
    }
    layers = {name.split(".")[2] for name in state if name.startswith("encoder.layer.")}
    for number in layers:
        ours, theirs = f"layers.layers.{number}", f"encoder.layer.{number}"
        for end in ("weight", "bias"):
            out[f"{ours}.self_attn.in_proj_{end}"] = torch.cat(
                [state[f"{theirs}.attention.self.{part}.{end}"] for part in ("query", "key", "value")]
            )
            for name, other in _LAYER_NAMES.items():
                out[f"{ours}.{name}.{end}"] = state[f"{theirs}.{other}.{end}"]
    return out

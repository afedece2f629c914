"""Train the prototype networks of the bundled tasks on the frozen features of their models.

    python -m sample_data.scripts.build_prototypes                              # all of them
    python -m sample_data.scripts.build_prototypes --task reviews --model minilm

After Hase and Bansal, "Evaluating explainable AI" (ACL 2020, appendix): a linear layer and a sigmoid to 16 latent numbers, started from a
classifier with such a bottleneck; K prototypes a class, started by k-means; cross-entropy of the evidence, plus 0.1 x the separation (minus
the mean of min(4, squared distance to the nearest prototype of another class)); each time the accuracy on dev is the best so far, every
prototype is replaced by the latent of a training instance of its class, no instance twice, and only states after such a projection are kept.
Different here: the features are frozen (the paper trains the encoder too), the optimiser is Adam, and a temperature makes the answers
calibrated. Everything is chosen on dev; where a task has none, on a fifth of the animals of train, which then train nothing. Learning rate
and weight decay: of the networks about as accurate as their black box, those that agree with it most often, of these the one that uses most
prototypes.

Afterwards run evaluate.py with --write.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from scipy.optimize import minimize_scalar
from sklearn.cluster import KMeans
from torch import nn

from explainers import Task, load_task
from explainers.engine import take
from explainers.models.prototypes import FILES, PrototypeLayer
from explainers.tasks import BUNDLED, Rows

SEED = 20241
LATENT = 16
SEPARATION = 0.1
FARTHEST = 4.0  # squared distance beyond which more separation earns nothing
RATES, DECAYS = (0.003, 0.01), (0.001, 0.01, 0.1, 1.0)  # of Adam; tried in all pairs
LOST = 0.01  # accuracy on dev that a network may lack beside its black box
# (task, model it reads) -> prototypes a class, epochs, instances in a step
NETWORKS = {
    ("reviews", "minilm"): (40, 60, 250),
    ("reviews", "bilstm"): (40, 60, 250),
    ("income", "trees"): (20, 40, 1000),
    ("income", "mlp"): (20, 40, 1000),
    ("animals", "biased"): (10, 150, 250),
}


@dataclass(frozen=True)
class Part:
    """Some instances: features float64 (n, k), labels int (n,), rows (n,) among the instances of their split, black: answers of the encoder."""

    features: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    black: np.ndarray

    def some(self, chosen: np.ndarray) -> Part:
        return Part(self.features[chosen], self.labels[chosen], self.rows[chosen], self.black[chosen])


def read_part(task: Task, split: str) -> Part:
    """A split of a task as its model sees it."""
    instances = task.instances(split)
    batch = instances.frame if isinstance(instances, Rows) else list(instances)
    slices = [take(batch, np.arange(i, min(i + 500, len(batch)))) for i in range(0, len(batch), 500)]
    features = np.concatenate([task.model.embed(part) for part in slices]).astype(np.float64)  # type: ignore[attr-defined]
    answers = np.concatenate([task.model.predict_proba(part) for part in slices]).argmax(axis=1)
    return Part(features, np.array(task.labels(split)), np.arange(len(batch)), answers)


def split_off_dev(train: Part, groups: np.ndarray) -> tuple[Part, Part]:
    """(train, dev): every fifth animal of each class, with all its pictures, becomes dev."""
    names = pd.DataFrame({"group": groups, "label": train.labels}).drop_duplicates().sort_values(["label", "group"])
    held = set(names.groupby("label")["group"].apply(lambda g: g.iloc[::5]))
    dev = np.isin(groups, list(held))
    return train.some(~dev), train.some(dev)


class Network(nn.Module):
    """What is trained: the layer to the latent, and the prototypes."""

    def __init__(self, width: int, classes: int, each: int):
        super().__init__()
        self.linear = nn.Linear(width, LATENT)
        self.points = nn.Parameter(torch.zeros(classes * each, LATENT))
        self.classes = torch.arange(classes).repeat_interleave(each)

    def latent(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.linear(x))

    def distances(self, z: torch.Tensor) -> torch.Tensor:
        """Squared distance to the nearest prototype of each class: (n, classes)."""
        squared = torch.cdist(z, self.points).square()
        return torch.stack([squared[:, self.classes == c].min(dim=1).values for c in self.classes.unique()], dim=1)

    def loss(self, x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        distance = self.distances(self.latent(x))
        answers = nn.functional.cross_entropy(torch.exp(-distance), y, reduction="none")
        others = distance.scatter(1, y[:, None], float("inf")).min(dim=1).values
        return (weight * (answers - SEPARATION * others.clamp(max=FARTHEST))).mean()


def project(network: Network, z: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """Move each prototype onto a training latent of its class, nearest pairs first, no instance twice; the rows they are now."""
    rows = np.zeros(len(network.points), dtype=np.int64)
    for c in network.classes.unique():
        mine, inside = np.flatnonzero(network.classes == c), np.flatnonzero(y == c)
        squared = torch.cdist(network.points.detach()[mine], z[inside]).numpy()
        near = np.argsort(squared, axis=1, kind="stable")[:, : len(mine)]  # among as many there is one left for each
        pairs = sorted((squared[i, j], i, j) for i in range(len(mine)) for j in near[i])
        free, taken = set(range(len(mine))), set()
        for _, i, j in pairs:
            if i in free and j not in taken:
                free.discard(i)
                taken.add(j)
                rows[mine[i]] = inside[j]
    network.points.data = z[rows].clone()
    return rows


def begin(
    network: Network, x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, epochs: int, size: int, rate: float, decay: float
) -> None:
    """Start from a classifier with the same bottleneck, and from k-means of each class in its latents."""
    top = nn.Linear(LATENT, len(network.classes.unique()))
    optimiser = torch.optim.Adam([*network.linear.parameters(), *top.parameters()], lr=rate, weight_decay=decay)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(size):
            loss = (weight[rows] * nn.functional.cross_entropy(top(network.latent(x[rows])), y[rows], reduction="none")).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        z = network.latent(x)
        for c in network.classes.unique():
            mine = network.classes == c
            network.points.data[mine] = torch.from_numpy(
                KMeans(int(mine.sum()), n_init=3, random_state=SEED).fit(z[y == c].numpy()).cluster_centers_
            ).to(z)
        project(network, z, y)


def train(part: Part, dev: Part, each: int, epochs: int, size: int, rate: float, decay: float) -> PrototypeLayer:
    """The layer with the best accuracy on dev after a projection. Classes weigh the same."""
    torch.manual_seed(SEED)
    mean, scale = part.features.mean(axis=0), part.features.std(axis=0)
    scale = np.where(scale > 1e-6, scale, 1.0)
    x, dev_x = (torch.from_numpy(((p.features - mean) / scale).astype(np.float32)) for p in (part, dev))
    y, dev_y = torch.from_numpy(part.labels), torch.from_numpy(dev.labels)
    count = np.bincount(part.labels)
    weight = torch.from_numpy((len(y) / len(count) / count)[part.labels].astype(np.float32))
    network = Network(x.shape[1], len(count), each)
    begin(network, x, y, weight, max(2, epochs // 4), size, rate, decay)
    optimiser = torch.optim.Adam([{"params": network.linear.parameters(), "weight_decay": decay}, {"params": [network.points]}], lr=rate)
    best, kept = -1.0, None
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(size):
            loss = network.loss(x[rows], y[rows], weight[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.no_grad():
            if accuracy(network, dev_x, dev_y) > best:
                sources = project(network, network.latent(x), y)
                now = accuracy(network, dev_x, dev_y)
                if now > best:
                    best, kept = now, finished(network, mean, scale, part, dev, sources)
    assert kept is not None
    return kept


def accuracy(network: Network, x: torch.Tensor, y: torch.Tensor) -> float:
    return float((network.distances(network.latent(x)).argmin(dim=1) == y).float().mean())


def finished(network: Network, mean: np.ndarray, scale: np.ndarray, part: Part, dev: Part, sources: np.ndarray) -> PrototypeLayer:
    """As it is stored: weights rounded to float32, prototypes exactly where they put their instances, temperature fitted on dev."""
    weight = (network.linear.weight.numpy() / scale).astype(np.float32).astype(np.float64)
    bias = (network.linear.bias.numpy() - weight @ mean).astype(np.float32).astype(np.float64)
    classes = network.classes.numpy().astype(np.int64)
    plain = PrototypeLayer(weight, bias, np.zeros((len(classes), LATENT)), classes, part.rows[sources], 1.0)
    layer = PrototypeLayer(weight, bias, plain.latent(part.features[sources]), classes, part.rows[sources], 1.0)
    evidence = layer.evidence(layer.latent(dev.features))

    def surprise(log_temperature: float) -> float:
        logits = evidence / np.exp(log_temperature)
        chosen = logits[np.arange(len(logits)), dev.labels]
        return float((np.logaddexp.reduce(logits, axis=1) - chosen).mean())

    temperature = float(np.exp(minimize_scalar(surprise, bounds=(-5, 2), method="bounded").x))
    return PrototypeLayer(weight, bias, layer.points, classes, layer.sources, round(temperature, 6))


@dataclass(frozen=True)
class Tried:
    """A trained layer and what it does on dev: accuracy, share of answers that are its black box's, number of prototypes in use."""

    layer: PrototypeLayer
    accuracy: float
    agreement: float
    used: int

    @classmethod
    def on(cls, layer: PrototypeLayer, dev: Part) -> Tried:
        latent = layer.latent(dev.features)
        answers = layer.evidence(latent).argmax(axis=1)
        closest = np.where(layer.classes == answers[:, None], layer.similarities(latent), -1.0).argmax(axis=1)
        return cls(layer, float((answers == dev.labels).mean()), float((answers == dev.black).mean()), len(np.unique(closest)))


def chosen(tried: list[Tried], black_accuracy: float) -> Tried:
    """Of those about as accurate as the black box, the ones that agree with it most often (within a point of the best); of these, the one
    that uses most prototypes."""
    good = [t for t in tried if t.accuracy >= black_accuracy - LOST] or [max(tried, key=lambda t: t.accuracy)]
    most = max(t.agreement for t in good)
    return max((t for t in good if t.agreement >= most - LOST), key=lambda t: t.used)


def build(name: str, model: str) -> None:
    """Train one network with every rate and decay, keep the one chosen on dev, write it, print its accuracy beside the black box's."""
    each, epochs, size = NETWORKS[name, model]
    task = load_task(name, model)
    parts = {split: read_part(task, split) for split in task.splits}
    if "dev" not in parts:
        table = pd.read_csv(BUNDLED / name / "train.csv")
        parts["train"], parts["dev"] = split_off_dev(parts["train"], table["animal"].to_numpy())
    dev = parts["dev"]
    tried = []
    for rate in RATES:
        for decay in DECAYS:
            tried.append(now := Tried.on(train(parts["train"], dev, each, epochs, size, rate, decay), dev))
            print(f"  rate {rate}, decay {decay}: dev {now.accuracy:.4f}, agreement {now.agreement:.4f}, {now.used} in use", flush=True)
    layer = chosen(tried, float((dev.black == dev.labels).mean())).layer
    folder = BUNDLED / name / f"{model}-prototypes"
    layer.write(folder)
    print(f"{name}, {model}-prototypes: {len(layer.points)} prototypes, {(folder / FILES[0]).stat().st_size / 1e3:.0f} kB")
    for split in ("dev", "test"):
        part = parts[split]
        ours = layer.evidence(layer.latent(part.features)).argmax(axis=1)
        right = [100 * float((answers == part.labels).mean()) for answers in (ours, part.black)]
        print(
            f"  {split}: network {right[0]:.1f} % right, its black box {right[1]:.1f} %, the same on {100 * (ours == part.black).mean():.1f} %"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=sorted({task for task, _ in NETWORKS}))
    parser.add_argument("--model")
    args = parser.parse_args()
    for task_name, model_name in NETWORKS:
        if args.task in (None, task_name) and args.model in (None, model_name):
            build(task_name, model_name)

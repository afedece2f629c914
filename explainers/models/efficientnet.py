"""EfficientNet-Lite0: a small picture classifier that reads the middle 224 x 224 pixels of a picture.

Mingxing Tan and Quoc Le, EfficientNet, ICML 2019 (arXiv:1905.11946); the Lite variants leave out squeeze-and-excitation and use ReLU6. The
network is in two files: the backbone, which several models of several tasks share, and a small head in the model's own folder. Batch
normalisation is folded into the convolutions (sample_data/scripts/build_animals.py does it): the same function with fewer steps.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from explainers.models import weights
from explainers.models.base import Differentiable, checked_probabilities, fingerprint_of, own_copy, use_few_threads
from explainers.models.efficientnet_fused import SIDE, Quick, quick
from explainers.models.efficientnet_patches import Patched, changed
from explainers.models.patches import PatchedPictures

SHORT = 256  # pixels of the shorter side before the middle is cut out
MAX_BATCH_COST = 16  # pictures that the engine hands over at once
SLICE = 4  # pictures in one forward pass: 16 ms each on one thread, against 23 ms in slices of 16, whose maps do not fit the cache
LARGEST_PATCH = 64  # pixels along a side up to which it pays to compute only what a rectangle reaches
PATCH_SLICE = 8  # of pictures that differ in a rectangle only
BASE_FILES = ("model.safetensors",)  # of the shared backbone; task.toml names them "../efficientnet_lite0/..."
CONFIG_FILE, CLASSES_FILE = "config.json", "classes.json"
# (blocks, kernel, stride of the first block, expansion, channels out) of each stage
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))
STEM, FEATURES, HEAD = 32, 320, 1280  # channels after the first convolution, after the last block, after the head's convolution


class Capped(nn.Module):
    """ReLU6, in place where no gradient is asked for: a quarter faster.

    `apart`: as the difference of two ReLUs, relu(x) - relu(x - 6), each a layer of its own, which DeepLift has a rule for. Each gets a tensor
    of its own too: captum's hooks on two layers that read the same one come into each other's way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.apart = False
        self.low, self.high = nn.ReLU(), nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.low(x + 0) - self.high(x - 6) if self.apart else F.relu6(x, inplace=not torch.is_grad_enabled())


class SameConv(nn.Module):
    """A convolution whose output has ceil(size / stride) pixels, padded as TensorFlow does it: the odd pixel right and below."""

    def __init__(self, inner: int, outer: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__()
        self.stride, self.groups = stride, groups
        self.weight = nn.Parameter(torch.empty(outer, inner // groups, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(outer))
        before = (kernel - stride) // 2 if stride > 1 else kernel // 2  # every size here is even where the stride is 2
        after = kernel - stride - before if stride > 1 else before
        self.even = before == after
        self.before, self.after = before, after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float32 (n, inner, h, w) -> (n, outer, h / stride, w / stride)."""
        if self.even:
            return F.conv2d(x, self.weight, self.bias, self.stride, self.before, groups=self.groups)
        return F.conv2d(F.pad(x, (self.before, self.after) * 2), self.weight, self.bias, self.stride, groups=self.groups)


class Block(nn.Module):
    """Inverted bottleneck: widen, one convolution per channel, narrow; added to its input where the shapes agree."""

    def __init__(self, inner: int, outer: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        wide = inner * expansion
        self.expand = SameConv(inner, wide, 1) if expansion > 1 else None
        self.depthwise = SameConv(wide, wide, kernel, stride, groups=wide)
        self.project = SameConv(wide, outer, 1)
        self.residual = stride == 1 and inner == outer
        self.after_expand, self.after_depthwise = Capped(), Capped()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float32 (n, inner, h, w) -> (n, outer, h / stride, w / stride)."""
        y = x if self.expand is None else self.after_expand(self.expand(x))
        y = self.project(self.after_depthwise(self.depthwise(y)))
        return x + y if self.residual else y


class Backbone(nn.Module):
    """Everything up to the last block."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.after_stem = SameConv(3, STEM, 3, 2), Capped()
        blocks: list[Block] = []
        inner = STEM
        for count, kernel, stride, expansion, outer in STAGES:
            for number in range(count):
                blocks.append(Block(inner, outer, kernel, stride if number == 0 else 1, expansion))
                inner = outer
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float32 (n, 3, 224, 224) -> (n, 320, 7, 7)."""
        return self.blocks(self.after_stem(self.stem(x)))


class Head(nn.Module):
    """From the backbone's maps to logits. `wide`: with the original's convolution to 1,280 channels, else straight from the 320."""

    def __init__(self, classes: int, wide: bool):
        super().__init__()
        self.conv = SameConv(FEATURES, HEAD, 1) if wide else None
        self.after_conv = Capped()
        self.linear = nn.Linear(HEAD if wide else FEATURES, classes)

    def pooled(self, maps: torch.Tensor) -> torch.Tensor:
        """What the linear layer reads, the mean over positions: (n, 320, 7, 7) -> (n, 1280 or 320)."""
        return (maps if self.conv is None else self.after_conv(self.conv(maps))).mean((2, 3))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes)."""
        return self.linear(self.pooled(maps))


class EfficientNet(nn.Module):
    """Backbone and head. Usable with gradients: `backbone` gives the maps that Grad-CAM needs."""

    def __init__(self, classes: int, wide: bool):
        super().__init__()
        self.backbone = Backbone()
        self.head = Head(classes, wide)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """float32 (n, 3, 224, 224), values about -1 to 1 -> logits (n, classes)."""
        return self.head(self.backbone(x))


def resized(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) of a picture once its shorter side has 256 pixels."""
    width, height = size
    k = SHORT / min(width, height)
    return max(SHORT, round(width * k)), max(SHORT, round(height * k))


def as_picture(picture: Any) -> Image.Image:
    """A PIL RGB image from one, or from an array uint8 (h, w, 3)."""
    if not isinstance(picture, Image.Image):
        return Image.fromarray(np.asarray(picture, dtype=np.uint8))
    return picture if picture.mode == "RGB" else picture.convert("RGB")


class EfficientNetClassifier:
    """Adapter: `Model` over pictures. A batch is a list of PIL images or of arrays uint8 (h, w, 3), or `PatchedPictures`."""

    reads_patches = True

    def __init__(self, name: str, class_names: list[str], network: EfficientNet, fingerprint: str):
        self.name = name
        self.class_names = class_names
        self.fingerprint = fingerprint
        self.max_batch_cost = MAX_BATCH_COST
        self.network = network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # half the time of the usual order
        self._quick: tuple[EfficientNet, Quick] | None = None

    @classmethod
    def load(
        cls, folder: Path, class_names: list[str], task_folder: Path | None = None, name: str = "efficientnet", base: Path | None = None
    ) -> EfficientNetClassifier:
        """Read `model.safetensors` and `config.json` from `folder`; `base`: the backbone's folder, else `efficientnet_lite0` beside the task's."""
        use_few_threads()
        task_folder = task_folder or folder.parent
        base = base or task_folder.parent / "efficientnet_lite0"
        own = [folder / "model.safetensors", folder / CONFIG_FILE]
        shared = [base / file for file in BASE_FILES]
        weights.verify(task_folder, own, {f"../efficientnet_lite0/{path.name}": path for path in shared})
        config = json.loads(own[1].read_text(encoding="utf-8"))
        if config["classes"] != len(class_names):
            raise ValueError(
                f"The model {name} has {config['classes']} classes but task.toml names {len(class_names)}: correct class_names of that model."
            )
        with torch.device("meta"):  # no random weights are drawn: all are read
            network = EfficientNet(config["classes"], config["head"] == "wide")
        state = {f"head.{key}": tensor for key, tensor in weights.read_tensors(own[0]).items()}
        state |= {f"backbone.{key}": tensor for path in shared for key, tensor in weights.read_tensors(path).items()}
        network.load_state_dict(state, strict=True, assign=True)
        fingerprint = fingerprint_of([*own, *shared], {"kind": "efficientnet", "class_names": class_names, "side": SIDE, "short": SHORT})
        return cls(name, class_names, network, fingerprint)

    def __getstate__(self) -> dict[str, Any]:
        """Without the steps: they hold this network's weights, which a copy's network need not keep, and cannot be written down."""
        return {**self.__dict__, "_quick": None}

    @property
    def backbone(self) -> Quick:
        """The network's backbone for inference; made anew for a copy of this adapter that was given another network."""
        if self._quick is None or self._quick[0] is not self.network:
            self._quick = self.network, quick(self.network.backbone)
        return self._quick[1]

    def costs(self, batch: Sequence[Any]) -> np.ndarray:
        """Every picture costs 1: int64 (n,)."""
        return np.ones(len(batch), dtype=np.int64)

    def crop_box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) of what the model sees of a picture of `size` = (width, height), in the picture's own pixels."""
        width, height = size
        wide, high = resized(size)
        left, top = (wide - SIDE) // 2, (high - SIDE) // 2
        x, y = width / wide, height / high
        right, bottom = min(width, round((left + SIDE) * x)), min(height, round((top + SIDE) * y))
        return round(left * x), round(top * y), right, bottom

    def preprocess(self, images: Sequence[Any]) -> torch.Tensor:
        """Resized, cut and scaled to about -1..1: float32 (n, 3, 224, 224), channels last in memory."""
        pixels = np.empty((len(images), SIDE, SIDE, 3), dtype=np.float32)
        for row, picture in enumerate(images):
            pixels[row] = self._middle(picture)
        return self.scaled(pixels)

    @staticmethod
    def scaled(pixels: np.ndarray) -> torch.Tensor:
        """float32 (n, 224, 224, 3) of 0 to 255, changed in place -> what the network reads."""
        pixels -= 127
        pixels /= 128
        return torch.from_numpy(pixels).permute(0, 3, 1, 2)

    @staticmethod
    def _middle(picture: Any) -> np.ndarray:
        """The part that the model sees: uint8 (224, 224, 3)."""
        is_array = not isinstance(picture, Image.Image)
        if is_array:
            picture = np.asarray(picture, dtype=np.uint8)
        width, height = picture.shape[1::-1] if is_array else picture.size
        wide, high = resized((width, height))
        left, top = (wide - SIDE) // 2, (high - SIDE) // 2
        box = (left, top, left + SIDE, top + SIDE)
        if is_array and (wide, high) == (width, height):
            return picture[box[1] : box[3], box[0] : box[2]]
        picture = as_picture(picture)
        if (wide, high) != (width, height):
            picture = picture.resize((wide, high), Image.Resampling.BICUBIC)
        return np.asarray(picture.crop(box))

    def predict_proba(self, batch: Sequence[Any]) -> np.ndarray:
        """Probabilities, float64 (n, classes)."""
        found = self._run_patched(batch) if isinstance(batch, PatchedPictures) else None
        logits = self._run(batch, lambda x: self.network.head(self.backbone(x)), len(self.class_names)) if found is None else found
        return checked_probabilities(torch.from_numpy(logits).double().softmax(-1).numpy(), len(batch), len(self.class_names))

    def embed(self, batch: Sequence[Any]) -> np.ndarray:
        """What the last, linear layer reads: float32 (n, 1280), or (n, 320) for a head without convolution."""
        return self._run(batch, lambda x: self.network.head.pooled(self.backbone(x)), self.network.head.linear.in_features)

    def _run(self, batch: Sequence[Any], function: Any, width: int) -> np.ndarray:
        """float32 (n, width): `function` over slices of the batch."""
        out = np.zeros((len(batch), width), dtype=np.float32)
        with torch.inference_mode():
            for start in range(0, len(batch), SLICE):
                part = [batch[row] for row in range(start, min(start + SLICE, len(batch)))]
                out[start : start + len(part)] = function(self.preprocess(part)).numpy()
        return out

    def _run_patched(self, batch: PatchedPictures) -> np.ndarray | None:
        """Logits float32 (n, classes) of pictures that differ from one in small rectangles; None where these are too large to spare much."""
        wide, high = resized(batch.picture.shape[1::-1])
        scale = [wide / batch.picture.shape[1], high / batch.picture.shape[0]]
        if ((batch.boxes[:, 2:] - batch.boxes[:, :2]) * scale > LARGEST_PATCH).any():
            return None
        middle = np.stack([self._middle(picture) for picture in (batch.picture, *batch)])
        starts, size = changed(middle[1:], middle[0])
        x = self.scaled(middle.astype(np.float32))
        out = np.zeros((len(batch), len(self.class_names)), dtype=np.float32)
        with torch.inference_mode():
            if self.fingerprint not in batch.memo:
                batch.memo[self.fingerprint] = Patched(self.network, self.backbone, x[:1])
            for start in range(0, len(batch), PATCH_SLICE):
                rows = slice(start, start + PATCH_SLICE)
                out[rows] = batch.memo[self.fingerprint].logits(x[1:][rows], starts[rows], size).numpy()
        return out

    def differentiable(self, instance: Any) -> Differentiable:
        """Over the pixels that the network reads: x (1, 3, 224, 224). Grad-CAM reads the maps before the mean over positions."""
        network, apart = own_copy(self.network), own_copy(self.network)
        for module in apart.modules():
            if isinstance(module, Capped):
                module.apart = True
        maps = network.backbone if network.head.conv is None else network.head.conv
        return Differentiable(self.preprocess([instance]), network, network, last_maps=maps, rectified=apart, reads=self.preprocess)

"""EfficientNet on copies of a picture that differ from it in a small rectangle: only what the rectangle reaches is computed anew.

A rectangle of 45 pixels reaches a twentieth of the positions of the first, largest maps and all of the last ones, so that half of the time
is spared and the answers are the same up to rounding. Nakandala, Kumar and Papakonstantinou (SIGMOD 2019) call this incremental inference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from explainers.models.efficientnet_fused import Quick

LARGEST = 0.75  # of a map's side: from this on, the whole map is computed


@dataclass(frozen=True)
class Regions:
    """A square region of each copy's map, all of one size, with what the copy has there. starts: int (n, 2); values: (n, channels, r, q)."""

    starts: np.ndarray
    values: torch.Tensor

    @property
    def size(self) -> np.ndarray:
        return np.array(self.values.shape[2:])

    def into(self, maps: torch.Tensor, origin: np.ndarray) -> torch.Tensor:
        """Write the values into (n, channels, ., .), whose corners lie at `origin`, int (n, 2), of the map. As far as they fall inside."""
        high, wide = maps.shape[2:]
        for row, (y, x) in enumerate(self.starts - origin):
            top, left, bottom, right = max(y, 0), max(x, 0), min(y + self.size[0], high), min(x + self.size[1], wide)
            maps[row, :, top:bottom, left:right] = self.values[row, :, top - y : bottom - y, left - x : right - x]
        return maps


@dataclass(frozen=True, eq=False)
class Step:
    """A layer that looks at neighbours, and what it saw of the picture itself.

    before  (1, channels, h, w): what goes into the layer's block, None where the block adds nothing to its output
    inside  (1, wide, h + padding, w + padding): what its convolution with a kernel sees, zeros around
    after   (1, channels out, h / stride, w / stride)
    """

    block: Any  # the block, or the first convolution
    before: torch.Tensor | None
    inside: torch.Tensor
    after: torch.Tensor

    def reached(self, starts: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the outputs begin that see a region of `size` at `starts`, and how many: all of one size, moved to lie inside."""
        conv = self._conv
        kernel, whole = conv.weight.shape[-1], np.array(self.after.shape[2:])
        out = np.minimum((size + kernel - 2) // conv.stride + 1, whole)
        first = -(-(starts + conv.before - kernel + 1) // conv.stride)
        return np.clip(first, 0, whole - out), out

    def through(self, regions: Regions) -> Regions:
        """The same for the layer's output."""
        conv = self._conv
        starts, out = self.reached(regions.starts, regions.size)
        values = regions.values if self._expand is None else capped(self._expand(regions.values))
        origin = starts * conv.stride  # in the padded map
        seen = cut(self.inside, origin, (out - 1) * conv.stride + conv.weight.shape[-1])
        seen = Regions(regions.starts + conv.before, values).into(seen, origin)
        made = capped(F.conv2d(seen, conv.weight, conv.bias, conv.stride, groups=conv.groups))
        if self.block is not conv:
            made = self.block.project(made)
            if self.before is not None:
                made += regions.into(cut(self.before, starts, out), starts)
        return Regions(starts, made)

    @property
    def _conv(self) -> Any:
        return getattr(self.block, "depthwise", self.block)

    @property
    def _expand(self) -> Any:
        return getattr(self.block, "expand", None)


def capped(x: torch.Tensor) -> torch.Tensor:
    return F.relu6(x, inplace=True)


def cut(maps: torch.Tensor, starts: np.ndarray, size: np.ndarray) -> torch.Tensor:
    """Regions of one map (1, channels, h, w): (n, channels, *size), channels last in memory."""
    parts = [maps[:, :, y : y + size[0], x : x + size[1]] for y, x in starts]
    return torch.cat(parts).contiguous(memory_format=torch.channels_last)


class Patched:
    """The network's passes over copies of one picture."""

    def __init__(self, network: Any, quick: Quick, x: torch.Tensor):
        """`quick`: the network's backbone where all of a map is computed; `x`: the picture as the network reads it, float32 (1, 3, h, w). What
        is kept of it: about 15 MB."""
        self.network, self.quick, self.x = network, quick, x
        self.steps: list[Step] = []
        blocks = network.backbone.blocks
        y = x
        for block in (network.backbone.stem, *blocks[: _early(blocks)]):
            self.steps.append(_step(block, y))
            y = self.steps[-1].after

    def logits(self, copies: torch.Tensor, starts: np.ndarray, size: np.ndarray) -> torch.Tensor:
        """Copies (n, 3, h, w) that differ from the picture only in the region of `size` at `starts`, (n, 2): logits (n, classes)."""
        regions = Regions(starts, torch.cat([cut(copies[i : i + 1], starts[i : i + 1], size) for i in range(len(copies))]))
        done, maps = 0, self.x
        for step in self.steps:
            if (step.reached(regions.starts, regions.size)[1] > LARGEST * np.array(step.after.shape[2:])).any():
                break
            regions, maps, done = step.through(regions), step.after, done + 1
        whole = regions.into(maps.repeat(len(copies), 1, 1, 1).contiguous(memory_format=torch.channels_last), np.zeros(2, dtype=np.intp))
        if done == 0:
            whole, done = self.quick.stem(whole), 1
        return self.network.head(self.quick.rest(whole, done - 1))


def changed(copies: np.ndarray, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where copies, uint8 (n, h, w, 3), differ from a picture: starts of regions, int (n, 2), all of one size, (2,), at least 1."""
    differ = (copies != picture).any(axis=-1)
    boxes = np.zeros((len(copies), 2, 2), dtype=np.intp)
    for row, one in enumerate(differ):
        for axis in (0, 1):
            at = np.flatnonzero(one.any(axis=1 - axis))
            boxes[row, axis] = (at[0], at[-1] + 1) if len(at) else (0, 1)
    size = (boxes[:, :, 1] - boxes[:, :, 0]).max(axis=0)
    return np.minimum(boxes[:, :, 0], np.array(picture.shape[:2]) - size), size


def _early(blocks: Any) -> int:
    """How many blocks come before the last that makes its map smaller: behind it a rectangle reaches everything."""
    return max(i for i, block in enumerate(blocks) if block.depthwise.stride > 1)


def _step(block: Any, y: torch.Tensor) -> Step:
    conv = getattr(block, "depthwise", block)
    expand = getattr(block, "expand", None)
    inside = y if expand is None else capped(expand(y))
    padded = F.pad(inside, (conv.before, conv.after) * 2)
    made = capped(F.conv2d(padded, conv.weight, conv.bias, conv.stride, groups=conv.groups))
    if block is conv:
        return Step(block, None, padded, made)
    made = block.project(made)
    return Step(block, y if block.residual else None, padded, made + y if block.residual else made)

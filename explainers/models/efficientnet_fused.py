"""EfficientNet's backbone with each convolution and its cap in one pass over memory, by oneDNN: the same maps, sooner.

`python -m benchmarks.difference_speed` prints how much sooner.
Inference only: nothing can be differentiated through it or hooked into it. Where this build of torch has no such operation, the layers
themselves are run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

Step = Callable[[torch.Tensor], torch.Tensor]
SIDE = 224  # pixels that the network reads
AGREE = 1e-4  # largest difference of a map's value from the plain backbone's, as a share of the largest value


@dataclass(frozen=True, eq=False)
class Quick:
    """A backbone as steps, to be called under torch.inference_mode: float32 (n, 3, 224, 224) -> (n, 320, 7, 7). They hold the weights as they
    were when it was made."""

    stem: Step
    blocks: list[Step]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self.rest(self.stem(x), 0)

    def rest(self, x: torch.Tensor, done: int) -> torch.Tensor:
        """From what `done` blocks have made of a picture to the last maps."""
        for block in self.blocks[done:]:
            x = block(x)
        return x


def quick(backbone: Any) -> Quick:
    """The fused steps where torch has them and they say what the layers say, else the layers."""
    plain = Quick(lambda x: backbone.after_stem(backbone.stem(x)), list(backbone.blocks))
    x = torch.linspace(-1, 1, 3 * SIDE * SIDE).reshape(1, 3, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
    try:
        with torch.inference_mode():
            fused = Quick(_convolution(backbone.stem, capped=True), [_block(block) for block in backbone.blocks])
            made, expected = fused(x), plain(x)
    except (AttributeError, NotImplementedError, RuntimeError):  # an operation of torch's own compiler, promised to nobody
        return plain
    return fused if (made - expected).abs().max() <= AGREE * expected.abs().max() else plain


def _block(block: Any) -> Step:
    expand = None if block.expand is None else _convolution(block.expand, capped=True)
    depthwise, project = _convolution(block.depthwise, capped=True), _convolution(block.project, capped=False)

    def run(x: torch.Tensor) -> torch.Tensor:
        y = project(depthwise(x if expand is None else expand(x)))
        return y.add_(x) if block.residual else y

    return run


def _convolution(layer: Any, capped: bool) -> Step:
    """A padding that is one wider at the right and below becomes an even one by a row and a column of zeros before the kernel: the operation
    knows only even paddings, and padding beforehand takes longer than all else."""
    groups = 1 if layer.weight.shape[1] > 1 else layer.weight.shape[0]
    weight = layer.weight.detach() if layer.even else F.pad(layer.weight.detach(), (layer.after - layer.before, 0) * 2)
    weight = weight.contiguous(memory_format=torch.channels_last)
    after = ("hardtanh", [0.0, 6.0], "") if capped else ("none", [], "")
    padding, stride = [layer.after] * 2, [layer.stride] * 2
    return lambda x: torch.ops.mkldnn._convolution_pointwise(x, weight, layer.bias, padding, stride, [1, 1], groups, *after)

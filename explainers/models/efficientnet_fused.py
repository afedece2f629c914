"""EfficientNet's backbone with each convolution and its cap in one pass over memory, by oneDNN: the same maps, sooner.

`python -m benchmarks.difference_speed` prints how much sooner.
Inference only: nothing can be differentiated through it or hooked into it. Where this build of torch has no such operation, the backbone
itself is given back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch.nn import functional as F

from .efficientnet import SIDE, Backbone, Block, SameConv

Step = Callable[[torch.Tensor], torch.Tensor]
AGREE = 1e-3  # largest difference of a map's value, some 10 in size, from the plain backbone's


def fused(backbone: Backbone) -> Step:
    """float32 (n, 3, 224, 224) -> (n, 320, 7, 7), to be called under torch.inference_mode."""
    run = partial(_run, _convolution(backbone.stem, capped=True), [_block(block) for block in backbone.blocks if isinstance(block, Block)])
    x = torch.linspace(-1, 1, 3 * SIDE * SIDE).reshape(1, 3, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
    try:
        with torch.inference_mode():
            same = torch.allclose(run(x), backbone(x), atol=AGREE)
    except (AttributeError, NotImplementedError, RuntimeError):  # an operation of torch's own compiler, promised to nobody
        return backbone
    return run if same else backbone


def _run(stem: Step, blocks: list[Step], x: torch.Tensor) -> torch.Tensor:
    x = stem(x)
    for block in blocks:
        x = block(x)
    return x


def _block(block: Block) -> Step:
    expand = None if block.expand is None else _convolution(block.expand, capped=True)
    depthwise, project = _convolution(block.depthwise, capped=True), _convolution(block.project, capped=False)

    def run(x: torch.Tensor) -> torch.Tensor:
        y = project(depthwise(x if expand is None else expand(x)))
        return y.add_(x) if block.residual else y

    return run


def _convolution(layer: SameConv, capped: bool) -> Step:
    """A padding that is one wider at the right and below becomes an even one by a row and a column of zeros before the kernel: the operation
    knows only even paddings, and padding beforehand takes longer than all else."""
    groups = 1 if layer.weight.shape[1] > 1 else layer.weight.shape[0]
    weight = layer.weight.detach() if layer.even else F.pad(layer.weight.detach(), (layer.after - layer.before, 0) * 2)
    weight = weight.contiguous(memory_format=torch.channels_last)
    after = ("hardtanh", [0.0, 6.0], "") if capped else ("none", [], "")
    padding, stride = [layer.after] * 2, [layer.stride] * 2
    return lambda x: torch.ops.mkldnn._convolution_pointwise(x, weight, layer.bias, padding, stride, [1, 1], groups, *after)

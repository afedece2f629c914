"""The backbone in fewer passes over memory says what the plain one says, and the plain one is there where torch cannot do it."""

import torch

import explainers
from explainers.models import efficientnet_fused
from explainers.models.efficientnet_fused import fused

BACKBONE = explainers.load_task("animals", model="imagenet").model.network.backbone


def pictures(n: int) -> torch.Tensor:
    torch.manual_seed(0)
    return (torch.rand(n, 3, 224, 224) * 2 - 1).contiguous(memory_format=torch.channels_last)


def test_the_same_maps_for_any_number_of_pictures():
    run = fused(BACKBONE)
    for n in (1, 3):
        with torch.inference_mode():
            assert torch.allclose(run(pictures(n)), BACKBONE(pictures(n)), atol=1e-3)


def test_the_plain_backbone_where_the_operation_is_missing_or_says_something_else(monkeypatch):
    def missing(layer, capped):
        raise AttributeError("no such operation")

    monkeypatch.setattr(efficientnet_fused, "_run", lambda stem, blocks, x: BACKBONE(x) + 1)
    assert fused(BACKBONE) is BACKBONE
    monkeypatch.setattr(efficientnet_fused, "_run", lambda stem, blocks, x: missing(None, True))
    assert fused(BACKBONE) is BACKBONE

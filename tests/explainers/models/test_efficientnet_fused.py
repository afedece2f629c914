"""The backbone in fewer passes over memory says what the plain one says, and the plain one is there where torch cannot do it."""

import torch

import explainers
from explainers.models import efficientnet_fused
from explainers.models.efficientnet_fused import quick
from explainers.models.randomised import randomised

MODEL = explainers.load_task("animals", model="imagenet").model
BACKBONE = MODEL.network.backbone


def pictures(n: int) -> torch.Tensor:
    torch.manual_seed(0)
    return (torch.rand(n, 3, 224, 224) * 2 - 1).contiguous(memory_format=torch.channels_last)


def is_plain(made) -> bool:
    return made.blocks == list(BACKBONE.blocks)


def test_the_same_maps_for_any_number_of_pictures():
    run = quick(BACKBONE)
    assert not is_plain(run)
    for n in (1, 3):
        with torch.inference_mode():
            assert torch.allclose(run(pictures(n)), BACKBONE(pictures(n)), atol=1e-3)


def test_the_plain_layers_where_the_operation_is_missing_or_says_something_else(monkeypatch):
    def missing(layer, capped):
        raise AttributeError("no such operation")

    convolution = efficientnet_fused._convolution
    monkeypatch.setattr(efficientnet_fused, "_convolution", missing)
    assert is_plain(quick(BACKBONE))
    monkeypatch.setattr(efficientnet_fused, "_convolution", lambda layer, capped: lambda x: convolution(layer, capped)(x) * 1.01)
    assert is_plain(quick(BACKBONE))


def test_other_weights_are_not_answered_with_the_first_ones():
    picture = explainers.load_task("animals").instances("test")[0]
    before = MODEL.predict_proba([picture])
    other = randomised(MODEL, 1.0, seed=0)
    with torch.inference_mode():
        expected = other.network(other.preprocess([picture])).double().softmax(-1).numpy()
    assert abs(other.predict_proba([picture]) - expected).max() < 1e-4
    assert abs(MODEL.predict_proba([picture]) - before).max() == 0

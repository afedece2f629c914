"""The backbone in fewer passes over memory says what the plain one says, and the plain one is there where torch cannot do it."""

import copy
import threading

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
    for n in (0, 1, 3):
        for x in (pictures(n), pictures(n).contiguous(), pictures(n).flip(3).transpose(2, 3)):
            before = x.clone()
            with torch.inference_mode():
                assert torch.allclose(run(x), BACKBONE(x), atol=1e-3)
            assert torch.equal(x, before)


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


def test_a_deep_copy_answers_with_its_own_weights():
    picture = explainers.load_task("animals").instances("test")[0]
    before = MODEL.predict_proba([picture])
    other = copy.deepcopy(MODEL)
    with torch.no_grad():
        for tensor in other.network.backbone.parameters():
            tensor.zero_()
    assert abs(other.predict_proba([picture]) - before).max() > 0.01
    assert abs(MODEL.predict_proba([picture]) - before).max() == 0


def test_several_threads_that_are_the_first_to_ask_get_the_same():
    picture = explainers.load_task("animals").instances("test")[0]
    model = copy.deepcopy(MODEL)
    answers: list = []
    threads = [threading.Thread(target=lambda: answers.append(model.predict_proba([picture]))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert max(abs(one - MODEL.predict_proba([picture])).max() for one in answers) < 1e-6

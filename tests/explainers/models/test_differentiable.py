"""What gradients go through says what the model says, on every bundled network and a tiny transformer."""

import numpy as np
import pytest
import torch

import explainers
from explainers.models.base import GradientModel, own_copy

MODELS = [("income", "mlp"), ("reviews", "minilm"), ("reviews", "bilstm"), ("animals", "biased"), ("animals", "imagenet")]


@pytest.fixture(params=MODELS, ids=[model for _, model in MODELS])
def task(request):
    return explainers.load_task(request.param[0], model=request.param[1])


def test_it_is_the_same_function(task):
    instance = task.instances("test")[3]
    assert isinstance(task.model, GradientModel)
    d = task.model.differentiable(instance)
    with torch.no_grad():
        logits = d.forward(torch.cat([d.x, d.x]))
    said = explainers.predict(task, [instance])[0]
    for row in logits.double().softmax(-1).numpy():
        np.testing.assert_allclose(row, said, atol=1e-5)
    if d.rectified is not None:
        np.testing.assert_allclose(d.rectified(d.x).detach().numpy(), logits[:1].numpy(), atol=1e-4)


@pytest.mark.parametrize("model", ["minilm", "bilstm"])
def test_word_pieces_lie_where_their_letters_are(model):
    task = explainers.load_task("reviews", model=model)
    text = "Surprisingly unfunny, alas."
    d = task.model.differentiable(text)
    assert len(d.spans) == d.x.shape[1]
    assert "".join(text[start:end] for start, end in d.spans) == text.replace(" ", "")
    for stand_in in d.stand_ins.values():
        assert stand_in.shape == d.x.shape
        special = [start == end for start, end in d.spans]
        assert torch.equal(stand_in[0, special], d.x[0, special])  # marks of beginning and end stay


@pytest.mark.parametrize("model", ["minilm", "bilstm"])
def test_attention_is_shares(model):
    attention = explainers.load_task("reviews", model=model).model.differentiable("a dull , great film").attention()
    np.testing.assert_allclose(attention.sum(-1), 1, atol=1e-5)


def test_hooks_on_a_copy_disturb_nobody_and_weights_are_shared():
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    copied = own_copy(network)
    heard = []
    copied[0].register_forward_hook(lambda *_: heard.append(1))
    network(torch.zeros(1, 2))
    assert heard == []
    assert copied[0].weight is network[0].weight


def test_attention_rebuilds_what_the_encoder_says():
    """The weights are those the network used: values weighted by them give each layer's hidden states."""
    model = explainers.load_task("reviews", model="minilm").model
    d = model.differentiable("a dull , great film")
    encoder, hidden = d.module.encoder, d.module.encoder.embedded(d.x)
    with torch.no_grad():
        for layer, weights in zip(encoder.layers.layers, torch.from_numpy(d.attention()), strict=True):
            own = layer.self_attn
            width, heads = own.embed_dim, own.num_heads
            values = torch.nn.functional.linear(hidden, own.in_proj_weight[2 * width :], own.in_proj_bias[2 * width :])
            values = values.view(-1, heads, width // heads).transpose(0, 1)
            mixed = own.out_proj((weights @ values).transpose(0, 1).reshape(1, -1, width))
            middle = layer.norm1(hidden + mixed)
            hidden = layer.norm2(middle + layer.linear2(layer.activation(layer.linear1(middle))))
        np.testing.assert_allclose(hidden.numpy(), encoder.layers(encoder.embedded(d.x)).numpy(), atol=1e-4)


def test_other_instances_are_read_as_setting_up_for_them_would():
    for name, model in [("income", "mlp"), ("animals", "biased")]:
        task = explainers.load_task(name, model=model)
        one, other = (task.check(task.instances("test")[i]) for i in (0, 1))
        assert torch.equal(task.model.differentiable(one).reads([other]), task.model.differentiable(other).x)

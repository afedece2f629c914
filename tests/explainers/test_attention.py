"""Attention rollout and attention weights: by hand on networks whose attention is written down, pieces merged to words."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explainers
from explainers import attention_rollout
from explainers.explanation import Explanation
from explainers.maps.attention import owner
from explainers.models.base import FunctionModel
from explainers.parts import POSITIONS, TextParts
from tests.fixtures import toys

TEXT = "unbelievably good, good"
SPANS = [[0, 0], [0, 4], [4, 12], [13, 17], [17, 18], [19, 23], [0, 0]]  # start, un-believ-ably in two, good, the comma, good, end


class Attentive(FunctionModel):
    """A text model whose attention is given: for the seven pieces of TEXT, and even for any other text."""

    weights = np.array([0.05, 0.3, 0.1, 0.2, 0.05, 0.25, 0.05])
    reads_from = None

    def attention(self, t):
        return self.weights if t == 7 else np.full(t, 1 / t)

    def differentiable(self, text):
        spans = SPANS if text == TEXT else [[0, len(text)]]
        return SimpleNamespace(spans=spans, attention=lambda: self.attention(len(spans)), reads_from=self.reads_from)


class Transformer(Attentive):
    """Two layers of two heads. In the first every piece looks at piece 1; in the second evenly."""

    def attention(self, t):
        first = np.zeros((2, t, t))
        first[:, :, min(1, t - 1)] = 1
        return np.stack([first, np.full((2, t, t), 1 / t)])


def task_of(kind):
    task = toys.text_task(data=[TEXT])
    model = task.model
    made = kind("m", model._function, model.class_names, kind.__name__)
    task.__dict__["model"] = made
    return task


@pytest.fixture
def pooling():
    return task_of(Attentive)


@pytest.fixture
def transformer():
    return task_of(Transformer)


def test_plain_weights_are_shares_merged_to_words(pooling):
    e = explainers.explain("attention_weights", pooling, TEXT)
    payload = e.payload
    assert any("15 % of the attention" in caveat for caveat in e.caveats)
    values = dict(zip(payload.names, payload.values, strict=True))
    assert values == pytest.approx({"unbelievably": 0.4, "good (1st)": 0.2, "good (2nd)": 0.25})
    assert not payload.signed
    assert payload.intercept == pytest.approx(0.15)  # the start, the comma and the end: nothing is lost
    assert payload.values.sum() + payload.intercept == pytest.approx(1)


def test_against_uniform_a_word_of_two_pieces_is_compared_with_two_even_shares(pooling):
    payload = explainers.explain("attention_weights", pooling, TEXT, weights="against uniform").payload
    values = dict(zip(payload.names, payload.values, strict=True))
    assert values == pytest.approx({"unbelievably": 0.4 - 2 / 7, "good (1st)": 0.2 - 1 / 7, "good (2nd)": 0.25 - 1 / 7})
    assert payload.signed
    assert payload.values.sum() + payload.intercept == pytest.approx(0)


def test_rollout_by_hand(transformer):
    """First layer: half stays, half comes from piece 1. Second: half of that, half even. Mean over all outputs, worked out on paper:
    piece 1 has 1/2 of everything from the first layer and 1/2 of its own seventh; every other half of its seventh."""
    payload = explainers.explain("attention_rollout", transformer, TEXT).payload
    values = dict(zip(payload.names, payload.values, strict=True))
    assert values == pytest.approx({"unbelievably": 1 / 2 + 2 / 14, "good (1st)": 1 / 14, "good (2nd)": 1 / 14})
    assert payload.values.sum() + payload.intercept == pytest.approx(1)
    assert not payload.signed


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(1, 3), st.integers(1, 6), st.floats(0, 1), st.integers(0, 99))
def test_rollout_hands_out_shares(layers, heads, t, residual, seed):
    given_attention = np.random.default_rng(seed).dirichlet(np.ones(t), (layers, heads, t))
    flow = attention_rollout.rollout(given_attention, residual)
    assert (flow >= 0).all()
    assert flow.sum(axis=1) == pytest.approx(1)


def test_without_attention_every_piece_stays_where_it_is():
    assert (attention_rollout.rollout(np.full((3, 2, 4, 4), 0.25), 1.0) == np.eye(4)).all()


@pytest.mark.parametrize("method", ["attention_rollout", "attention_weights"])
def test_they_know_no_class_cost_one_call_and_survive_the_file(method):
    task = task_of(Transformer if method == "attention_rollout" else Attentive)
    one, other = (explainers.explain(method, task, TEXT, target=target) for target in (0, 1))
    assert (one.payload.values == other.payload.values).all()
    assert one.cost.calls_asked == 1
    assert Explanation.from_json(one.to_json()) == one
    assert any("not what decided" in caveat for caveat in one.caveats)


@pytest.mark.parametrize(
    ("method", "task", "said"),
    [
        ("attention_weights", task_of(Transformer), "attention rollout"),
        ("attention_rollout", task_of(Attentive), "attention weights"),
        ("attention_rollout", toys.text_task(), "no attention"),
        ("attention_weights", toys.picture_task(), "texts"),
        ("attention_rollout", toys.table_task(), "texts"),
    ],
)
def test_each_says_why_it_does_not_fit(method, task, said):
    reason = next(m.reason for m in explainers.methods(task) if m.name == method)
    assert said in toys.sentence(ValueError(reason))


def test_a_piece_belongs_to_the_word_that_it_touches():
    parts = TextParts.of("it's so-so", POSITIONS)  # it, s, so, so
    assert owner(parts, [[0, 4], [4, 4], [5, 10], [7, 8], [8, 10]]).tolist() == [0, -1, 2, -1, 3]


def test_rollout_follows_back_what_the_head_reads(transformer, monkeypatch):
    """A head that reads the first piece alone gets the shares that flow into that one, without being told to."""
    first = explainers.explain("attention_rollout", transformer, TEXT, read_at="first piece").payload.values
    every = explainers.explain("attention_rollout", transformer, TEXT, read_at="mean of all").payload.values
    monkeypatch.setattr(Transformer, "reads_from", lambda self: np.arange(7) == 0)
    np.testing.assert_allclose(explainers.explain("attention_rollout", transformer, TEXT).payload.values, first)
    assert np.abs(first - every).max() > 0.001


def test_a_network_tells_which_outputs_its_head_reads(tmp_path):
    """BERT's head reads the first piece; MiniLM's mean reads all."""
    from explainers.models.huggingface import HuggingFaceClassifier
    from tests.explainers.models.test_huggingface import saved

    model = HuggingFaceClassifier.load(saved(tmp_path), ["no", "yes"])
    assert model.differentiable("a good film").reads_from().tolist()[:2] == [True, False]
    assert explainers.load_task("reviews", model="minilm").model.differentiable("good").reads_from is None

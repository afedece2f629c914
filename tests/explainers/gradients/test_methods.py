"""Methods by gradients: captum's own numbers, the axioms they promise, limits, seeds, files."""

import threading

import numpy as np
import pytest
import torch
from captum import attr
from hypothesis import given, settings
from hypothesis import strategies as st

import explainers
from explainers.explanation import Explanation
from explainers.maps.baselines import AVERAGE_ROW, BLACK, OTHER_ROW, row_baseline
from explainers.maps.output import LOG_ODDS, PROBABILITY, of_logits
from tests.fixtures.networks import small, table_of

ROWS = np.array([[1.0, 2.0, -1.0, 0.5], [0.0, 0.0, 0.0, 0.0], [2.0, -2.0, 1.0, 3.0]])
X, MEAN = torch.tensor(ROWS[:1], dtype=torch.float32), torch.tensor(ROWS.mean(0, keepdims=True), dtype=torch.float32)
ALL = ["saliency", "input_x_gradient", "integrated_gradients", "gradient_shap", "deeplift"]


def numbers(e: Explanation, names=None) -> np.ndarray:
    by = dict(zip(e.payload.features, e.payload.values, strict=True))
    return np.array([by[name] for name in names or e.instance])


def gap(e: Explanation) -> float:
    return next(s.value for s in e.quality if s.name == "completeness gap")


class Difference(torch.nn.Module):
    """Log odds of the second of two classes, as one column."""

    def __init__(self):
        super().__init__()
        self.inner = small(0)

    def forward(self, v):
        logits = self.inner(v)
        return logits[:, 1:] - logits[:, :1]


class TestAgainstCaptum:
    """Called directly on the same network, target and baseline."""

    @pytest.fixture
    def case(self):
        task = table_of(small(0, classes=3), ROWS, classes=3)
        network = task.model.network
        return task, task.instances()[0], X.clone().requires_grad_(), MEAN, lambda v: of_logits(network(v), 1, LOG_ODDS)

    @pytest.mark.parametrize(
        ("name", "theirs", "params"),
        [
            ("saliency", lambda f, x, b: attr.Saliency(f).attribute(x), {}),
            ("input_x_gradient", lambda f, x, b: attr.InputXGradient(f).attribute(x), {}),
            (
                "integrated_gradients",
                lambda f, x, b: attr.IntegratedGradients(f).attribute(x, baselines=b, n_steps=40),
                {"steps": 40, "most_steps": 40},
            ),
        ],
        ids=["saliency", "input_x_gradient", "integrated_gradients"],
    )
    def test_same_numbers(self, case, name, theirs, params):
        task, row, x, mean, f = case
        e = explainers.explain(name, task, row, target=1, **params)
        np.testing.assert_allclose(numbers(e), theirs(f, x, mean)[0].detach().numpy(), atol=1e-5)

    @pytest.mark.parametrize("output", [LOG_ODDS, PROBABILITY])
    def test_deeplift(self, output):
        """Two classes: log odds are a difference of logits, and a probability is a sigmoid of them, which captum has a rule for."""
        task = table_of(small(0), ROWS)

        class Explained(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.inner, self.last = small(0), torch.nn.Identity() if output == LOG_ODDS else torch.nn.Sigmoid()

            def forward(self, v):
                logits = self.inner(v)
                return self.last(logits[:, 1:] - logits[:, :1])

        theirs = attr.DeepLift(Explained()).attribute(X, baselines=MEAN, target=0)[0].detach().numpy()
        e = explainers.explain("deeplift", task, task.instances()[0], target=1, output=output)
        np.testing.assert_allclose(numbers(e), theirs, atol=1e-5)

    @pytest.mark.parametrize(("way", "theirs"), [("mean", "smoothgrad"), ("squared", "smoothgrad_sq"), ("variance", "vargrad")])
    @pytest.mark.parametrize("name", ["saliency", "input_x_gradient", "integrated_gradients", "deeplift"])
    def test_smoothing_is_their_noise_tunnel(self, name, way, theirs):
        task = table_of(small(0), ROWS)
        steps = {"steps": 7} if name == "integrated_gradients" else {}
        e = explainers.explain(name, task, task.instances()[0], target=1, smooth=way, copies=8, noise=0.2, seed=5, **steps)
        net = Difference()
        method, how = {
            "saliency": (attr.Saliency(net), {}),
            "input_x_gradient": (attr.InputXGradient(net), {}),
            "integrated_gradients": (attr.IntegratedGradients(net), {"baselines": MEAN, "n_steps": 7}),
            "deeplift": (attr.DeepLift(net), {"baselines": MEAN, "target": 0}),
        }[name]
        torch.manual_seed(5)
        spread = 0.2 * float(X.max() - X.min())
        found = attr.NoiseTunnel(method).attribute(X, nt_type=theirs, nt_samples=8, stdevs=spread, **how)
        np.testing.assert_allclose(numbers(e), found[0].detach().numpy(), atol=1e-5)
        assert e.payload.signed == (way == "mean" and name != "saliency")
        assert e.payload.effect is None  # the copies have other effects than the instance

    @pytest.mark.parametrize(("way", "signed"), [("mean", True), ("squared", False), ("variance", False)])
    def test_gradient_shap_is_smoothed_over_its_own_copies(self, way, signed):
        """Each copy has its own draws, so the mean map is near the plain one, and a mean of squares has no sign."""
        task, given = table_of(small(0), ROWS), {"samples": 60, "baseline": "average row", "seed": 5, "target": 1}
        plain = explainers.explain("gradient_shap", task, task.instances()[0], **given)
        e = explainers.explain("gradient_shap", task, task.instances()[0], smooth=way, copies=12, noise=0.02, **given)
        assert e.payload.signed is signed
        assert e.payload.samples == 12 * 60
        assert e.payload.effect is None
        if signed:
            np.testing.assert_allclose(numbers(e), numbers(plain), atol=0.15 * np.abs(numbers(plain)).max())
        else:
            assert (numbers(e) >= 0).all()

    def test_gradient_shap_draws_as_captum_does(self):
        task = table_of(small(0, classes=3), ROWS, classes=3)
        net = small(0, classes=3)
        e = explainers.explain("gradient_shap", task, task.instances()[0], target=1, seed=7, samples=24, background=2, spread=0.1)
        rng = np.random.default_rng(7)
        rows = [row_baseline(task, task.instances()[0], OTHER_ROW, rng) for _ in range(2)]
        others = torch.tensor([[row[name] for name in "abcd"] for row in rows], dtype=torch.float32)
        np.random.seed(7)
        torch.manual_seed(7)
        method = attr.GradientShap(lambda v: of_logits(net(v), 1, LOG_ODDS))
        theirs = method.attribute(X, baselines=others, n_samples=24, stdevs=0.1 * float(X.max() - X.min()))
        np.testing.assert_allclose(numbers(e), theirs[0].detach().numpy(), atol=1e-5)
        assert (e.payload.low <= e.payload.values).all()
        assert (e.payload.values <= e.payload.high).all()

    def test_layers_over_word_embeddings(self):
        """Ours over the word vectors is captum's LayerIntegratedGradients over MiniLM's embedding layer, pieces merged to words."""
        task = explainers.load_task("reviews", model="minilm")
        text = "The plot was surprisingly unfunny"
        e = explainers.explain("integrated_gradients", task, text, target=0, steps=32, most_steps=32)
        network, tokenizer = task.model.network, task.model.tokenizer
        encoding = tokenizer.encode(text)
        ids = torch.tensor([encoding.ids])
        mask = tokenizer.token_to_id("[MASK]")
        masked = torch.tensor([[i if s else mask for i, s in zip(encoding.ids, encoding.special_tokens_mask, strict=True)]])
        layer = attr.LayerIntegratedGradients(lambda v: of_logits(network(v, torch.ones_like(v)), 0, LOG_ODDS), network.encoder.words)
        pieces = layer.attribute(ids, baselines=masked, n_steps=32).sum(-1)[0].detach().numpy()
        for spans, value in zip(e.payload.spans, e.payload.values, strict=True):
            (start, end) = spans[0]
            inside = [i for i, (s, t) in enumerate(encoding.offsets) if start <= s < t <= end]
            assert value == pytest.approx(pieces[inside].sum(), abs=1e-4)
        assert len(e.payload.values) == 5 < len(encoding.ids) - 2  # "unfunny" is more than one piece

    def test_gradcam(self):
        task = explainers.load_task("animals", model="biased")
        picture = task.instances()[3]
        e = explainers.explain("gradcam", task, picture)
        network = task.model.network
        x = task.model.preprocess([picture]).requires_grad_()
        coarse = attr.LayerGradCam(lambda v: of_logits(network(v), e.target, LOG_ODDS), network.backbone).attribute(
            x, relu_attributions=True
        )
        fine = attr.LayerAttribution.interpolate(coarse, (224, 224), "bilinear")[0, 0].detach().numpy()
        left, top, right, bottom = task.model.crop_box(picture.size)
        np.testing.assert_allclose(e.payload.map[top:bottom, left:right], fine, atol=1e-4)
        assert not e.payload.signed


class TestAxioms:
    """On small random networks, whatever their weights."""

    @given(st.integers(0, 10_000), st.sampled_from(["integrated_gradients", "deeplift"]))
    @settings(max_examples=25, deadline=None)
    def test_completeness(self, seed, name):
        e = explainers.explain(name, table_of(small(seed), ROWS), dict(zip("abcd", ROWS[0], strict=True)))
        if abs(e.payload.effect) > 1e-3:
            assert gap(e) < 0.02 or "most_steps" in e.params
            assert e.payload.intercept + e.payload.values.sum() == pytest.approx(
                float(np.log(e.prediction[e.target] / (1 - e.prediction[e.target]))), abs=max(0.05 * abs(e.payload.effect), 1e-3)
            )

    @given(st.integers(0, 10_000), st.sampled_from(ALL))
    @settings(max_examples=25, deadline=None)
    def test_what_the_network_does_not_read_gets_nothing(self, seed, name):
        network = small(seed)
        with torch.no_grad():
            network[0].weight[:, 2] = 0
        e = explainers.explain(name, table_of(network, ROWS), dict(zip("abcd", ROWS[0], strict=True)))
        assert numbers(e, ["c"])[0] == pytest.approx(0, abs=1e-6)

    @given(st.integers(0, 10_000), st.sampled_from(["integrated_gradients", "deeplift", "input_x_gradient", "saliency"]))
    @settings(max_examples=25, deadline=None)
    def test_two_inputs_that_do_the_same_get_the_same(self, seed, name):
        network = small(seed)
        with torch.no_grad():
            network[0].weight[:, 1] = network[0].weight[:, 0]
        rows = ROWS.copy()
        rows[:, 1] = rows[:, 0]
        e = explainers.explain(name, table_of(network, rows), dict(zip("abcd", rows[0], strict=True)))
        a, b = numbers(e, ["a", "b"])
        assert a == pytest.approx(b, abs=1e-5)


class TestConvergence:
    def test_eight_steps_on_efficientnet_are_reported_as_far_off(self):
        task = explainers.load_task("animals", model="imagenet")
        e = explainers.explain("integrated_gradients", task, task.instances()[3], steps=8, most_steps=8)
        assert gap(e) > 0.1
        assert any("miss what they should add up to" in said for said in e.caveats)

    def test_steps_rise_until_the_numbers_add_up(self):
        task = table_of(small(3), ROWS)
        e = explainers.explain("integrated_gradients", task, task.instances()[0], steps=2, most_steps=4096)
        assert gap(e) < 0.02
        assert e.payload.samples > 2

    def test_the_baseline_itself_has_nothing_to_share_out(self):
        rows = np.repeat(ROWS[:1], 3, axis=0)
        e = explainers.explain("integrated_gradients", table_of(small(0), rows), dict(zip("abcd", rows[0], strict=True)))
        assert any("nothing to share out" in said for said in e.caveats)
        assert not e.quality


class TestContract:
    @pytest.mark.parametrize("name", [*ALL, "gradcam"])
    @pytest.mark.parametrize(("task", "model"), [("income", "mlp"), ("reviews", "bilstm"), ("animals", "biased")])
    def test_fits_or_says_why_not_repeats_itself_and_survives_the_file(self, name, task, model):
        task = explainers.load_task(task, model=model)
        offered = next(m for m in explainers.methods(task) if m.name == name)
        quick = {"steps": 4, "most_steps": 4, "samples": 4, "background": 2}
        given = {k: v for k, v in quick.items() if k in offered.Params.__dataclass_fields__}
        if not offered.fits:
            assert offered.reason.endswith(".")
            with pytest.raises(ValueError, match="choose"):
                explainers.explain(name, task, task.instances()[0])
            return
        one, two = (explainers.explain(name, task, task.instances()[0], seed=3, **given) for _ in range(2))
        assert one.digest == two.digest
        assert Explanation.from_json(one.to_json()) == one
        assert one.status == "complete"

    def test_trees_have_no_gradients(self):
        task = explainers.load_task("income", model="trees")
        assert {m.name for m in explainers.methods(task) if m.fits} & {*ALL, "gradcam"} == set()

    def test_the_baseline_is_a_choice_that_changes_the_answer(self):
        task = explainers.load_task("income", model="mlp")
        row = task.instances()[0]
        one = explainers.explain("integrated_gradients", task, row, baseline=AVERAGE_ROW)
        other = explainers.explain("integrated_gradients", task, row, baseline="another row")
        assert one.payload.baseline != other.payload.baseline
        assert not np.allclose(numbers(one), numbers(other))
        with pytest.raises(ValueError, match="baseline must be one of"):
            explainers.explain("integrated_gradients", task, row, baseline=BLACK)

    def test_a_budget_keeps_the_last_finished_map(self):
        task = explainers.load_task("animals", model="imagenet")
        e = explainers.explain("integrated_gradients", task, task.instances()[3], steps=4, max_calls=11)
        assert (e.status, e.reason) == ("partial", "max_calls")
        assert e.payload.samples == 4
        assert e.payload.map.any()
        assert e.cost.calls_asked <= 11

    def test_cancel_before_there_is_a_map(self):
        cancel = threading.Event()
        task = explainers.load_task("animals", model="biased")
        e = explainers.explain("integrated_gradients", task, task.instances()[3], cancel=cancel, on_progress=lambda f, left: cancel.set())
        assert (e.status, e.reason, e.payload.features) == ("partial", "cancelled", [])

    def test_other_random_numbers_are_left_alone(self):
        task = table_of(small(0), ROWS)
        _ = task.model
        np.random.seed(1)
        torch.manual_seed(1)
        expected = np.random.rand(), torch.rand(1).item()
        np.random.seed(1)
        torch.manual_seed(1)
        explainers.explain("gradient_shap", task, task.instances()[0], seed=9)
        assert (np.random.rand(), torch.rand(1).item()) == expected

    def test_words_and_marks_are_parts_and_positions_count_words(self):
        task = explainers.load_task("reviews", model="minilm")
        e = explainers.explain("saliency", task, "Dull , dull film !")
        found = {tuple(s[0]): (n, p) for s, n, p in zip(e.payload.spans, e.payload.names, e.payload.positions, strict=True)}
        assert found[0, 4] == ("Dull", [0])
        assert found[7, 11] == ("dull", [1])
        assert found[17, 18] == ("!", [])

"""Prototype networks: the maths by hand, what is stored, the bundled ones, and the projection that the build script makes."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch

from explainers import load_task
from explainers.models.base import Model, WindowedModel
from explainers.models.prototypes import PrototypeLayer, PrototypeNetwork
from explainers.tasks import BUNDLED
from tests.fixtures.prototype_toys import CLASSES, SOURCES, TRAIN, WordModel, layer, network, similarity
from tests.fixtures.toys import sentence

NETWORKS = [
    ("reviews", "minilm", 40),
    ("reviews", "bilstm", 40),
    ("income", "trees", 20),
    ("income", "mlp", 20),
    ("animals", "biased", 10),
]


class TestByHand:
    def test_similarity_and_evidence(self):
        model = network()
        text = "a great great film"
        found = model.layer.similarities(model.embed([text]))[0]
        expected = [similarity(text, TRAIN[i]) for i in SOURCES]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        np.testing.assert_allclose(model.evidence([text])[0], [max(expected[:2]), max(expected[2:])], rtol=1e-12)

    def test_answer_is_the_class_of_the_closest_prototype_softly(self):
        model = network()
        texts = ["great", "dull dull", "film", "nothing at all"]
        evidence, proba = model.evidence(texts), model.predict_proba(texts)
        np.testing.assert_allclose(np.log(proba[:, 1] / proba[:, 0]), (evidence[:, 1] - evidence[:, 0]) / 0.5, rtol=1e-9)
        closest = model.layer.closest(model.embed(texts))
        assert (CLASSES[closest] == proba.argmax(axis=1)).all()

    def test_a_prototype_is_most_like_its_own_instance(self):
        model = network()
        own = model.layer.similarities(model.embed([TRAIN[i] for i in SOURCES]))
        np.testing.assert_allclose(np.diag(own), 1, atol=1e-12)
        assert (own <= 1).all()

    def test_temperature_changes_no_answer(self):
        latent = np.random.default_rng(0).random((50, 3))
        answers = [layer(t).probabilities(latent).argmax(axis=1) for t in (0.01, 1.0, 100.0)]
        assert (answers[0] == answers[1]).all()
        assert (answers[1] == answers[2]).all()

    def test_costs_and_batch_are_the_encoders(self):
        encoder = WordModel()
        model = network(encoder)
        assert isinstance(model, Model)
        assert not isinstance(model, WindowedModel)
        assert model.max_batch_cost == encoder.max_batch_cost
        assert model.costs(["a", "b"]).tolist() == [1, 1]
        assert model.predict_proba([]).shape == (0, 2)


class TestStored:
    def test_round_trip(self, tmp_path):
        layer(0.25).write(tmp_path)
        again = PrototypeLayer.read(tmp_path)
        assert again.temperature == 0.25
        for name in ("weight", "bias", "points", "classes", "sources"):
            np.testing.assert_allclose(getattr(again, name), getattr(layer(), name), atol=1e-7)

    def test_parts_that_do_not_fit_are_refused(self):
        sound = vars(layer())
        for wrong in (
            {"bias": np.zeros(2)},
            {"points": np.zeros((4, 2))},
            {"sources": np.arange(3)},
            {"classes": np.array([0, 0, 2, 2])},
            {"temperature": 0.0},
        ):
            with pytest.raises(ValueError, match="again") as caught:
                PrototypeLayer(**{**sound, **wrong})
            sentence(caught.value)

    def test_encoder_without_features_is_refused(self):
        from tests.fixtures.toys import cost_model

        blind = cost_model(lambda texts: np.full((len(texts), 2), 0.5), name="blind")
        with pytest.raises(ValueError, match="blind shows no features") as caught:
            network(blind)
        sentence(caught.value)

    def test_other_number_of_classes_is_refused(self):
        with pytest.raises(ValueError, match="prototypes of 2 classes but 3 class names") as caught:
            PrototypeNetwork("n", ["a", "b", "c"], WordModel(), layer(), "f")
        sentence(caught.value)


class TestProjection:
    def test_puts_prototypes_on_latents_of_their_class_each_on_another(self):
        """Both prototypes of class 0 are nearest to row 0; the nearer one gets it, the other the next."""
        from sample_data.scripts.build_prototypes import Network, project

        net = Network(2, 2, 2)
        z = torch.zeros(5, 16)
        z[:, 0] = torch.tensor([0.50, 0.60, 0.90, 0.10, 0.49])
        y = torch.tensor([0, 0, 0, 1, 1])
        net.points.data = torch.zeros(4, 16)
        net.points.data[:, 0] = torch.tensor([0.48, 0.50, 0.50, 0.12])
        rows = project(net, z, y)
        assert rows.tolist() == [1, 0, 4, 3]
        assert torch.equal(net.points.data, z[rows])


@pytest.mark.parametrize(("name", "model", "each"), NETWORKS)
class TestBundled:
    def test_has_k_distinct_prototypes_a_class_each_of_its_own_class(self, name, model, each):
        layer = PrototypeLayer.read(BUNDLED / name / f"{model}-prototypes")
        assert np.bincount(layer.classes).tolist() == [each, each]
        assert len(set(layer.sources.tolist())) == 2 * each
        assert layer.points.shape == (2 * each, 16)
        assert (layer.points > 0).all()
        assert (layer.points < 1).all()
        labels = np.array(load_task(name).labels("train"))
        assert (labels[layer.sources] == layer.classes).all()

    def test_accuracy_is_within_two_points_of_its_black_box(self, name, model, each):
        """By the stored figures, which evaluate.py measured on the test part."""
        task = load_task(name)
        network, black = task.entries[f"{model}-prototypes"], task.entries[model]
        assert network.accuracy[0] >= black.accuracy[0] - 0.02
        assert network.accuracy_of == black.accuracy_of

    def test_stored_answers_and_latents_are_the_networks(self, name, model, each):
        if model == "minilm":
            pytest.skip("the slow test below reads the large encoder")
        check_stored(name, model)


@pytest.mark.slow
def test_stored_answers_and_latents_of_minilms_network():
    check_stored("reviews", "minilm")


def check_stored(name: str, model: str) -> None:
    """Prototypes lie on the latents of their instances; some test rows get the stored answers and latents."""
    task = load_task(name, f"{model}-prototypes")
    assert task.entry.encoder == model
    network = task.model
    sources = task.batch([task.instances("train")[int(i)] for i in network.layer.sources])
    np.testing.assert_allclose(network.embed(sources), network.layer.points, atol=1e-4)
    np.testing.assert_allclose(task.train_embeddings()[network.layer.sources], network.layer.points, atol=1e-3)  # half precision
    few = task.batch([task.instances("test")[i] for i in range(8)])
    np.testing.assert_allclose(network.embed(few), task.test_embeddings()[:8], atol=1e-4)
    np.testing.assert_allclose(network.predict_proba(few), task.predictions()[:8], atol=1e-4)


def test_network_reads_the_encoder_that_is_in_use_already():
    income = load_task("income")
    trees = income.model
    assert income.with_model("trees-prototypes").model.encoder is trees


def test_fingerprint_is_of_the_encoder_too():
    folder = BUNDLED / "income" / "trees-prototypes"
    a, b = (PrototypeNetwork.load(folder, ["x", "y"], WordModel(name), BUNDLED / "income") for name in "ab")
    assert a.fingerprint != b.fingerprint
    assert a.fingerprint != PrototypeNetwork.load(folder, ["x", "z"], WordModel("a"), BUNDLED / "income").fingerprint


def test_tampered_file_is_refused(tmp_path):
    shutil.copytree(BUNDLED / "income" / "mlp-prototypes", tmp_path / "mlp-prototypes")
    shutil.copy(BUNDLED / "income" / "task.toml", tmp_path)
    (tmp_path / "mlp-prototypes" / "config.json").write_text('{"temperature": 9}')
    with pytest.raises(ValueError, match="sha256 differs"):
        PrototypeNetwork.load(tmp_path / "mlp-prototypes", ["a", "b"], WordModel(), tmp_path)

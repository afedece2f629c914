"""The atlas of a prototype network: counts by hand, positions, what is unused."""

from __future__ import annotations

import numpy as np
import pytest

from explainers import load_task
from explainers.atlas import atlas, principal_plane
from explainers.tasks import Split
from tests.fixtures.prototype_toys import CLASSES, SOURCES, TEST, TEST_LABELS, TRAIN, TRAIN_LABELS, network_task, similarity
from tests.fixtures.toys import sentence, text_task


def test_counts_by_hand():
    closest = [int(np.argmax([similarity(text, TRAIN[i]) for i in SOURCES])) for text in TEST]
    found = atlas(network_task("words-prototypes"))
    assert found.closest.tolist() == closest
    for p in found.prototypes:
        assert (p.instance, p.label) == (TRAIN[p.source_index], TRAIN_LABELS[p.source_index])
        assert p.used == closest.count(p.number)
        assert p.right == sum(c == p.number and CLASSES[c] == label for c, label in zip(closest, TEST_LABELS, strict=True))
    assert sum(p.used for p in found.prototypes) == len(TEST)
    assert found.unused == [i for i in range(4) if i not in closest]


def test_of_the_network_beside_another_model():
    assert atlas(network_task("words")).network == "words-prototypes"


def test_without_a_network():
    with pytest.raises(ValueError, match="no prototype network") as caught:
        atlas(text_task())
    sentence(caught.value)


def test_without_labels_nothing_is_said_of_right():
    task = network_task("words-prototypes")
    task.splits = {**task.splits, "test": lambda: Split(TEST)}
    assert {p.right for p in atlas(task).prototypes} == {None}


def test_plane_keeps_distances_within_it_and_fixes_signs():
    flat = np.column_stack([[0.0, 3.0, 0.0, 3.0], [0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    place, explained = principal_plane(flat)
    assert explained == pytest.approx(1)
    for i in range(4):
        for j in range(4):
            assert np.linalg.norm(place[i] - place[j]) == pytest.approx(np.linalg.norm(flat[i] - flat[j]))
    turned, _ = principal_plane(flat[:, [2, 0, 1]])
    np.testing.assert_allclose(turned, place, atol=1e-9)
    assert principal_plane(np.zeros((3, 1)))[1] == 1.0


@pytest.mark.parametrize(("name", "model"), [("income", "trees-prototypes"), ("reviews", "bilstm"), ("animals", "biased")])
def test_bundled(name, model):
    task = load_task(name, model)
    found = atlas(task)
    assert atlas(task) is found, "instant the second time"
    assert sum(p.used for p in found.prototypes) == len(task.instances("test")) == len(found.points)
    network = task.with_model(found.network)
    answers = network.predictions().argmax(axis=1)
    assert [found.prototypes[i].class_index for i in found.closest] == answers.tolist()
    assert sum(p.right for p in found.prototypes) == (answers == task.labels("test")).sum()
    assert 0.5 < found.explained <= 1
    assert set(found.unused) == set(range(len(found.prototypes))) - set(found.closest.tolist())

"""The four in one: their order and reduced form, limits over all of them, and one failure that leaves the others standing."""

from __future__ import annotations

import threading

import pytest

import explainers
import explainers.render
from explainers import composite
from explainers.explanation import Explanation
from tests.fixtures.toys import PERSON, table_task


@pytest.fixture(scope="module")
def mlp():
    return explainers.load_task("income", model="mlp")


class TestForm:
    def test_is_the_papers_four_in_their_order_and_reduced(self, mlp):
        e = explainers.explain("composite", mlp, mlp.instances("test")[7])
        lime, _, path, prototypes = e.payload.parts
        assert [p.method for p in e.payload.parts] == ["lime", "anchors", "decision_boundary", "prototypes"]
        assert len(lime.payload.features) == 5
        assert len(path.payload.steps) == 2
        assert len(prototypes.payload.prototypes) == 1
        assert e.status == "complete"

    def test_each_part_is_what_the_method_alone_would_have_said(self, mlp):
        instance = mlp.instances("test")[7]
        e = explainers.explain("composite", mlp, instance, seed=3)
        alone = explainers.explain("anchors", mlp, instance, seed=3)
        assert e.payload.parts[1].digest == alone.digest

    def test_a_model_without_a_prototype_network_gets_its_nearest_examples(self):
        e = explainers.explain("composite", table_task(), PERSON)
        assert [p.method for p in e.payload.parts][-1] == "nearest_examples"
        assert not e.payload.parts[-1].payload.reasoning

    def test_comes_back_from_json(self, mlp):
        e = explainers.explain("composite", mlp, mlp.instances("test")[7])
        assert Explanation.from_json(e.to_json()) == e


class TestLimits:
    @pytest.mark.parametrize("most", [1, 2, 30, 4200])
    def test_all_parts_together_keep_to_max_calls(self, mlp, most: int):
        e = explainers.explain("composite", mlp, mlp.instances("test")[7], max_calls=most)
        assert e.cost.calls_asked <= most
        assert (e.status, e.reason) == ("partial", "max_calls")

    def test_a_cancel_leaves_what_there_is(self, mlp):
        stop = threading.Event()
        stop.set()
        e = explainers.explain("composite", mlp, mlp.instances("test")[7], cancel=stop)
        assert (e.status, e.reason) == ("partial", "cancelled")

    def test_prototypes_alone_keep_to_a_single_call(self, mlp):
        e = explainers.explain("prototypes", mlp, mlp.instances("test")[7], max_calls=1)
        assert (e.cost.calls_asked, e.status, e.reason) == (1, "partial", "max_calls")
        assert explainers.render.sentence(e)


def test_one_part_that_fails_leaves_the_others_standing(monkeypatch: pytest.MonkeyPatch):
    real = composite.explain

    def failing(method: str, *arguments, **more):
        if method == "anchors":
            raise ValueError("The rule broke: try another.")
        return real(method, *arguments, **more)

    monkeypatch.setattr(composite, "explain", failing)
    e = explainers.explain("composite", table_task(), PERSON)
    assert [p.method for p in e.payload.parts] == ["lime", "decision_boundary", "nearest_examples"]
    assert "Anchors is missing: The rule broke: try another." in e.caveats

"""What participants meet: blocks, orders, checks of attention, and the same length in every arm."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.assignment import Slot, forms_of
from studies.items import Item
from studies.placeholders import placeholder_materials
from studies.plan import MOST_IN_A_ROW, Planner, longest_run, mixed
from tests.fixtures.study_toys import design, frozen


def planner(tmp_path, **given):
    return Planner(placeholder_materials(design(**given), tmp_path))


def test_the_blocks_come_in_the_order_of_the_protocol(tmp_path):
    plan = planner(tmp_path).after(Slot(0, "lime", "1", 5))
    order = list(dict.fromkeys(step.block for step in plan))
    assert order == ["L0", "PRE", "L1", "POST", "CI", "CPRE", "CPOST", "END"]
    counts = Counter((step.block, step.kind) for step in plan)
    assert counts["L0", "learn"] == counts["L1", "learn"] == counts["L1", "rating"] == 4
    assert all(counts[block, "predict"] == 8 for block in ("PRE", "POST", "CPRE", "CPOST"))
    assert counts["CPOST", "rating"] == 8
    assert [step.kind for step in plan[-2:]] == ["demographic", "debrief"]


@pytest.mark.parametrize("forms", ["same", "crossed"])
def test_every_arm_and_form_is_as_long_and_of_the_same_kinds(tmp_path, forms):
    """The control arm too: where it is shorter, fewer leave it."""
    p = planner(tmp_path, arms=["control", "placebo", "lime"], forms=forms)
    kinds = [[step.kind for step in p.after(Slot(0, arm, form.name, 3))] for arm in p.design.arms for form in forms_of(p.design)]
    assert all(one == kinds[0] for one in kinds)


def test_explanations_are_shown_in_l1_and_cpost_only(tmp_path):
    p = planner(tmp_path)
    explained = {step.block for step in p.after(Slot(0, "lime", "1", 1)) if b"in lime" in step.screen}
    assert explained == {"L1", "CPOST"}
    assert not any(b"in control" in step.screen or b"in lime" in step.screen for step in p.after(Slot(0, "control", "1", 1)))


def test_the_learning_items_are_the_same_twice_in_different_orders(tmp_path):
    plan = planner(tmp_path).after(Slot(0, "lime", "1", 11))
    first, second = ([step.item for step in plan if step.block == block and step.kind == "learn"] for block in ("L0", "L1"))
    assert sorted(first) == sorted(second)
    pre, post = ([step.item for step in plan if step.block == block and step.kind == "predict"] for block in ("PRE", "POST"))
    assert sorted(pre) == sorted(post)
    assert pre != post


def test_crossed_forms_ask_about_other_items_after_than_before(tmp_path):
    p = planner(tmp_path, forms="crossed")
    seen = {}
    for form in ("A1", "B1"):
        plan = p.after(Slot(0, "lime", form, 2))
        seen[form] = [{step.item for step in plan if step.block == block and step.kind == "predict"} for block in ("PRE", "POST")]
        assert not seen[form][0] & seen[form][1]
    assert seen["A1"] == seen["B1"][::-1]


def test_choices_are_turned_round_in_half_of_the_forms(tmp_path):
    p = planner(tmp_path)
    orders = [next(step for step in p.after(Slot(0, "lime", form, 2)) if step.kind == "predict").asked.choices for form in ("1", "2")]
    assert orders[0] == orders[1][::-1]


def test_checks_of_attention_stand_where_they_stand_for_everybody_and_not_at_explanations(tmp_path):
    p = planner(tmp_path, attention=2)
    places = set()
    for arm, form, seed in [("control", "1", 1), ("lime", "1", 2), ("lime", "2", 3)]:
        plan = p.after(Slot(0, arm, form, seed))
        places.add(tuple(i for i, step in enumerate(plan) if step.kind == "attention"))
        assert all(step.block not in ("L1", "CPOST") for step in plan if step.kind == "attention")
        assert all(step.asked.correct in dict(step.asked.choices) for step in plan if step.kind == "attention")
    assert len(places) == 1
    assert len(places.pop()) == 2


def test_what_is_asked_never_says_what_is_right(tmp_path):
    p = planner(tmp_path, attention=2)
    for step in [*p.before(1), *p.after(Slot(0, "lime", "1", 2))]:
        assert b"correct" not in step.asked.to_bytes()


def item(i, output):
    return Item(f"forward-{i}", "forward", "", f"0/{output}", 0, output, i, str(i))


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_no_more_than_three_of_an_output_in_a_row_where_that_can_be(zeros, ones, seed):
    items = [item(i, int(i >= zeros)) for i in range(zeros + ones)]
    order = mixed(items, {one.id: one.model_output for one in items}, np.random.default_rng(seed))
    assert sorted(one.id for one in order) == sorted(one.id for one in items)
    most, least = max(zeros, ones), min(zeros, ones)
    if most <= 2 * (least + 1):
        assert longest_run([one.model_output for one in order]) <= MOST_IN_A_ROW


def test_texts_are_filled_in_and_escaped(tmp_path):
    p = planner(
        tmp_path, texts={"instructions": ["Learn {n_learn}, of <b>{classes}</b>.\n\nThen {n_test}."], "language": "ar", "direction": "rtl"}
    )
    page = p.before(1)[0].screen.decode()
    assert page == '<div lang="ar" dir="rtl"><p>Learn 4, of &lt;b&gt;no, yes&lt;/b&gt;.</p><p>Then 8.</p></div>'


def test_the_default_texts_say_how_many_there_are_in_the_first_test(tmp_path):
    both = planner(tmp_path / "both", forward=8, counterfactual=4).before(1)[1].screen.decode()
    assert "First you see 4 examples" in both
    assert "answer to 8 new ones" in both
    changed = planner(tmp_path / "changed", tests=["counterfactual"], counterfactual=4).before(1)[1].screen.decode()
    assert "First you see" not in changed, "there are no examples to learn from"
    assert "answer to 4 changed forms" in changed


def test_questions_of_the_steps_and_the_consent_are_filled_in_too(tmp_path):
    words = {"predict": "Which of {classes}?", "attention": "After {minutes} minutes choose {choice}.", "consent": "For {minutes} minutes."}
    store, version = frozen(tmp_path, texts=words)
    plan = store.frozen(version).planner.after(Slot(0, "lime", "1", 1))
    assert {step.asked.prompt for step in plan if step.block == "PRE" and step.kind == "predict"} == {"Which of no, yes?"}
    check = next(step for step in plan if step.kind == "attention")
    assert f"After 0 minutes choose {check.asked.correct}." in check.screen.decode()
    assert store.information(version)[1] == "For 0 minutes."

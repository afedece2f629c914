"""Items are drawn so that nothing but understanding the model foretells it: equal cells, disjoint sets, the same at every draw."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.items import COUNTERFACTUAL, FORWARD, LEARN, SETS
from studies.selection import (
    Candidate,
    Sizes,
    cell_of,
    cells_of,
    draw,
    edit_auc,
    largest,
    match_edits,
    one_each,
    reserve,
    sizes_of,
    split_forms,
    split_kinds,
)  # fmt: skip
from tests.fixtures.toys import sentence

TWO = cells_of(2)


def pool(each: int, groups: int = 0, seed: int = 0, cells: list[str] = TWO) -> list[Candidate]:
    """`each` candidates a cell, each in one of `groups` groups (0: in none)."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(each * len(cells)):
        named = frozenset({f"g{rng.integers(groups)}"}) if groups else frozenset[str]()
        out.append(Candidate(i, f"{i:064x}", 0, 0, cells[i % len(cells)], float(rng.random()), int(rng.integers(5, 30)), named))
    return out


counts = st.integers(1, 4)


@settings(max_examples=60, deadline=None)
@given(
    learn=counts, forward=counts, half=st.integers(1, 2), spare=st.integers(0, 5), forms=st.sampled_from([1, 2]), seed=st.integers(0, 2**32)
)
def test_every_cell_gives_as_many_items_and_none_twice(learn, forward, half, spare, forms, seed):
    sizes = Sizes(learn, forward, 2 * half, 4, forms)
    some = pool(learn + forms * (forward + 2 * half) + spare)
    drawn = draw(some, sizes, TWO, seed)
    for name in SETS:
        assert {cell: len(items) for cell, items in drawn[name].items()} == dict.fromkeys(TWO, sizes.of(name))
        assert all(one.stratum == cell for cell, items in drawn[name].items() for one in items)
    rows = [one.row for by_cell in drawn.values() for items in by_cell.values() for one in items]
    assert len(set(rows)) == len(rows)
    assert draw(list(reversed(some)), sizes, TWO, seed) == drawn


def test_other_seeds_draw_other_items():
    sizes = Sizes(2, 2, 2, 4)
    first, second = (draw(pool(40), sizes, TWO, seed) for seed in (0, 1))
    assert first != second


@settings(max_examples=40, deadline=None)
@given(groups=st.integers(3, 60), seed=st.integers(0, 10_000))
def test_nothing_of_a_learning_item_is_in_a_test_item(groups, seed):
    some = pool(24, groups, seed)
    sizes = Sizes(2, 3, 4, 4)
    try:
        drawn = draw(some, sizes, TWO, seed)
    except ValueError:  # too few groups: refused, which other tests look at
        return
    of = {name: {g for items in drawn[name].values() for one in items for g in one.groups} for name in SETS}
    assert not of[LEARN] & (of[FORWARD] | of[COUNTERFACTUAL])


def test_pictures_of_few_backgrounds_can_still_be_drawn_when_learning_items_share_theirs():
    some = pool(20, groups=4)
    drawn = draw(some, Sizes(3, 3, 2, 4), TWO, 0)
    assert len({g for items in drawn[LEARN].values() for one in items for g in one.groups}) < 4


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_an_unfit_input_is_replaced_and_the_forward_items_stay(seed, data):
    some, sizes = pool(14), Sizes(2, 3, 2, 4)
    before = draw(some, sizes, TWO, seed)
    rows = [one.row for name in (LEARN, COUNTERFACTUAL) for items in before[name].values() for one in items]
    bad = set(data.draw(st.lists(st.sampled_from(rows), max_size=4)))
    after = draw(some, sizes, TWO, seed, {LEARN: bad, COUNTERFACTUAL: bad})
    assert after[FORWARD] == before[FORWARD]
    assert not bad & {one.row for name in (LEARN, COUNTERFACTUAL) for items in after[name].values() for one in items}


def test_inputs_without_both_kinds_of_changed_form_go_to_the_sets_that_need_none():
    some = pool(6)
    bad = {one.row for one in some if one.stratum == "0/0"} - {0, 4}  # four of six cannot be changed both ways
    drawn = draw(some, Sizes(2, 2, 2, 4), TWO, 0, {COUNTERFACTUAL: bad})
    assert {one.row for one in drawn[COUNTERFACTUAL]["0/0"]} == {0, 4}


def test_a_short_cell_is_an_error_that_says_the_largest_design_and_that_design_can_be_had():
    some = pool(40)
    scarce = [one for one in some if one.stratum != "0/1"] + [one for one in some if one.stratum == "0/1"][:8]
    sizes = sizes_of(16, 32, 32, 2)
    with pytest.raises(ValueError, match="can be had") as caught:
        draw(scarce, sizes, TWO, 0)
    said = sentence(caught.value)
    assert "there are 8 inputs that can be used, and each cell has to give 20" in said
    best = largest(scarce, sizes, TWO, 0, {})
    assert best is not None
    assert best.told in said
    assert sum(best.of(name) for name in SETS) == 8
    assert draw(scarce, best, TWO, 0)[LEARN]
    with pytest.raises(ValueError, match="Not even the smallest"):
        draw(scarce[:3], sizes, TWO, 0)


@pytest.mark.parametrize(("given", "told"), [((15, 32, 32), "12 or 16"), ((16, 2, 32), "use 4"), ((16, 32, 12), "8 or 16")])
def test_counts_that_cells_cannot_share_are_refused_with_those_that_they_can(given, told):
    with pytest.raises(ValueError, match=told) as caught:
        sizes_of(*given, 2)
    assert sentence(caught.value)


def test_of_many_classes_a_cell_is_the_answer_and_whether_it_is_right():
    assert cells_of(3) == ["0/right", "0/wrong", "1/right", "1/wrong", "2/right", "2/wrong"]
    assert (cell_of(2, 2, 3), cell_of(0, 2, 3), cell_of(1, 0, 2)) == ("2/right", "2/wrong", "1/0")
    drawn = draw(pool(9, cells=cells_of(3)), sizes_of(6, 12, 12, 3), cells_of(3), 0)
    assert sum(map(len, drawn[FORWARD].values())) == 12


def test_the_reserve_holds_inputs_of_each_cell_that_were_not_drawn():
    some = pool(20)
    drawn = draw(some, Sizes(2, 2, 2, 4), TWO, 0)
    more = reserve(some, drawn, TWO, 0, 0.5)
    assert Counter(one.stratum for one in more) == dict.fromkeys(TWO, 2)
    assert not {one.row for one in more} & {one.row for by_cell in drawn.values() for items in by_cell.values() for one in items}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_two_forms_are_halves_of_each_cell_and_alike(seed):
    drawn = draw(pool(40, seed=seed), Sizes(1, 8, 2, 4, 2), TWO, seed)[FORWARD]
    second, apart = split_forms(drawn, seed)
    for items in drawn.values():
        assert sum(second[one.sha256] for one in items) == len(items) / 2
    assert apart < 0.1
    every = [one for items in drawn.values() for one in items]
    margins = np.array([one.margin for one in every])
    in_b = np.array([second[one.sha256] for one in every])
    assert abs(margins[in_b].mean() - margins[~in_b].mean()) / margins.std() <= apart + 1e-9


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), per_cell=st.integers(1, 4), data=st.data())
def test_half_of_each_cell_turns_and_the_number_of_edits_does_not_tell_which(seed, per_cell, data):
    cells = [cell for cell in TWO for _ in range(2 * per_cell)]
    flips = split_kinds(cells, seed)
    assert Counter(cell for cell, flip in zip(cells, flips, strict=True) if flip) == dict.fromkeys(TWO, per_cell)
    # As it is in practice: few edits keep the answer, many turn it, and all have two edits in common.
    options = [sorted({2, *data.draw(st.lists(st.integers(1, 2) if not flip else st.integers(2, 5), max_size=3))}) for flip in flips]
    edits = match_edits(options, flips, seed)
    assert all(count in some for count, some in zip(edits, options, strict=True))
    assert 0.4 <= edit_auc(edits, flips) <= 0.6
    assert match_edits(options, flips, seed) == edits


def test_the_auc_of_edits_by_hand():
    assert edit_auc([1, 1, 2, 2], [False, False, True, True]) == 1.0
    assert edit_auc([1, 2, 1, 2], [False, False, True, True]) == 0.5
    assert edit_auc([3, 1], [False, True]) == 0.0


@settings(max_examples=60, deadline=None)
@given(options=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=4, unique=True), max_size=6))
def test_each_item_gets_an_option_that_no_other_has(options):
    chosen = one_each(options)
    given_out = [name for name in chosen if name is not None]
    assert len(set(given_out)) == len(given_out)
    assert all(name is None or name in some for name, some in zip(chosen, options, strict=True))
    assert one_each(options) == chosen


def test_nobody_goes_without_for_anothers_convenience_and_the_first_option_is_taken_where_it_is_free():
    assert one_each([["a", "b"], ["c"]]) == ["a", "c"]
    assert one_each([["a", "b", "c"], ["a"]]) == ["b", "a"]
    assert sorted(map(str, one_each([["a"], ["a"]]))) == ["None", "a"]
    assert one_each([]) == []

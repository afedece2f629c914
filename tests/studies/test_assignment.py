"""The list of slots: blocks, balance, weights, seeds."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from studies.assignment import bound, forms_of, list_text, slots
from tests.fixtures.study_toys import design

ARMS = ["control", "lime", "anchors", "random"]


@given(st.integers(1, 4), st.integers(1, 150), st.sampled_from(["same", "crossed"]), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_at_any_moment_arms_differ_by_no_more_than_the_bound(arms, planned, forms, seed):
    d = design(arms=ARMS[:arms], planned=planned, forms=forms, seed=seed)
    counts = Counter(dict.fromkeys(d.arms, 0))
    listed = slots(d)
    for slot in listed:
        counts[slot.arm] += 1
        assert max(counts.values()) - min(counts.values()) <= bound(d)
    assert len(listed) >= planned * 1.25
    assert [slot.number for slot in listed] == list(range(len(listed)))
    cells = Counter((slot.arm, slot.form) for slot in listed)
    assert set(cells.values()) == {len(listed) // (arms * len(forms_of(d)))}  # whole blocks: every cell as often


def test_arms_of_the_same_weight_differ_by_no_more_than_the_bound_that_is_registered():
    widest = 0
    for seed in range(20):
        d = design(arms=["control", "lime", "anchors"], weights={"control": 3, "lime": 3}, planned=60, seed=seed)
        difference = 0
        for slot in slots(d):
            difference += {"control": 1, "lime": -1}.get(slot.arm, 0)
            assert abs(difference) <= bound(d)
            widest = max(widest, abs(difference))
    assert widest > 4, "more than two arms of weight 1 could"


def test_a_weight_gives_as_many_times_the_slots():
    counts = Counter(slot.arm for slot in slots(design(arms=["control", "lime"], weights={"lime": 3}, planned=60)))
    assert counts["lime"] == 3 * counts["control"]


def test_the_list_is_that_of_its_seed_and_no_other():
    assert list_text(slots(design(seed=4))) == list_text(slots(design(seed=4)))
    assert list_text(slots(design(seed=4))) != list_text(slots(design(seed=5)))


def test_the_last_of_a_block_cannot_be_counted_out():
    """Blocks are of two lengths, so that one who has kept count of arms does not know the next."""
    d = design(planned=200)
    lengths, counts, last = set(), Counter(), 0
    for i, slot in enumerate(slots(d)):
        counts[slot.arm, slot.form] += 1
        if len(counts) == 4 and len(set(counts.values())) == 1:
            lengths.add(i + 1 - last)
            last = i + 1
    assert len(lengths) > 1

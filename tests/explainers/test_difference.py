"""How two sets differ: planted differences are found, chance is not, order and side do not matter, bad input gets a sentence."""

import threading

import numpy as np
import pytest

import explainers
from explainers import render
from explainers.explanation import Explanation

OTHER = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def texts(n: int, word: str, share: float, seed: int) -> list[str]:
    """Six random words each, `word` among them in a share of the texts. No two are alike."""
    rng = np.random.default_rng(seed)
    return [" ".join([*rng.choice(OTHER, 6), *([word] if rng.random() < share else []), f"t{seed}x{i}"]) for i in range(n)]


A, B = texts(60, "banana", 0.8, 0), texts(60, "banana", 0.1, 1)


def scores(d: Explanation) -> dict[str, float]:
    return {c.description: c.score for c in d.payload.candidates}


def test_a_planted_word_comes_first_with_evidence():
    d = explainers.explain_difference(A, B, "text")
    best = d.payload.candidates[0]
    assert (d.kind, d.status, best.description) == ("set_difference", "complete", "banana")
    assert best.low > 0.5
    assert best.q < 0.001
    assert best.share_a > 0.6 > 0.3 > best.share_b
    assert all("banana" in d.payload.shown[i].instance and d.payload.shown[i].side == "A" for i in best.examples)
    assert all(("banana" in (s := d.payload.shown[i]).instance) == (s.side == "B") for i in best.against[:3])


def test_swapping_turns_every_score_round():
    forth = explainers.explain_difference(A, B, "text", descriptions=["banana"], propose=False)
    back = explainers.explain_difference(B, A, "text", descriptions=["banana"], propose=False)
    assert scores(back)["banana"] == pytest.approx(1 - scores(forth)["banana"])


def test_order_does_not_matter():
    one = explainers.explain_difference(A, B, "text")
    other = explainers.explain_difference(A[::-1], B[::-1], "text")
    assert scores(one) == pytest.approx(scores(other))


def test_random_halves_of_one_set_seldom_differ():
    found = 0
    for seed in range(40):
        order = np.random.default_rng(seed).permutation(len(A))
        half = len(A) // 2
        d = explainers.explain_difference([A[i] for i in order[:half]], [A[i] for i in order[half:]], "text", seed=seed)
        found += bool(d.payload.found)
    assert found <= 5  # 2 expected at 5 %


def test_progress_never_goes_back_and_a_cancel_leaves_a_partial_result():
    seen = []
    explainers.explain_difference(A, B, "text", on_progress=lambda fraction, left: seen.append(fraction))
    assert seen == sorted(seen)
    assert 0.9 <= seen[-1] <= 1
    stop = threading.Event()
    stop.set()
    assert explainers.explain_difference(A, B, "text", cancel=stop).status == "partial"


def test_it_survives_the_file():
    d = explainers.explain_difference(A, B, "text")
    assert Explanation.from_json(d.to_json()) == d


@pytest.mark.parametrize(
    ("a", "b", "more", "said"),
    [
        ([], B, {}, "Set A has 0 items: give at least 4"),
        (A[:1], B, {}, "Set A has 1 item: give at least 4"),
        (A, list(reversed(A)), {}, "The two sets are identical"),
        (A, B[:-1], {"paired": True}, "equally many items, but A has 60 and B 59: give both the same number"),
        ("abc", B, {}, "Set A must be a list of items"),
        ([*A, " "], B, {}, "Item 61 of set A: the text is empty"),
        (A, B, {"propose": False}, "There is nothing to score"),
        (A, B, {"descriptions": ["!"]}, "A description must be a few words"),
        (A, B, {"captions": (["x"], ["y"])}, "Set A has 60 items: give one caption"),
    ],
)
def test_bad_input(a, b, more, said):
    with pytest.raises(ValueError, match=said):
        explainers.explain_difference(a, b, "text", **more)


def test_pairs_show_a_small_steady_change_and_count_in_how_many_pairs_it_holds():
    before = [" ".join(OTHER[: 3 + i % 7]) + f" t{i}" for i in range(40)]
    after = [f"{text} indeed" if i % 4 else text for i, text in enumerate(before)]
    longer = {"descriptions": ["longer texts"], "propose": False}
    paired = explainers.explain_difference(after, before, "text", paired=True, **longer)
    assert paired.payload.candidates[0].pairs == pytest.approx(0.75 + 0.25 / 2)
    assert paired.payload.found
    assert not explainers.explain_difference(after, before, "text", **longer).payload.found
    shown, best = paired.payload.shown, paired.payload.candidates[0]
    assert all("indeed" in shown[i].instance for i in best.examples)
    assert [shown[i].instance for i in best.against[:2]] == [shown[i].instance for i in best.against[2:]]
    assert "its partner in 88 % of pairs" in render.sentence(paired)
    assert Explanation.from_json(paired.to_json()) == paired

"""Two sets at the door: what cannot be used is named; no item that a proposer saw is tested on, however it is repeated."""

import numpy as np
import pytest
from PIL import Image

import explainers
from explainers.differences.items import Items, checked, halves


def texts(side: str, some: list[str]) -> Items:
    return checked(side, some, "text")


def likeness(items: Items) -> set[str]:
    return {" ".join(text.casefold().split()) for text in items.items}


@pytest.mark.parametrize("seed", range(30))
def test_an_item_of_both_sets_falls_into_the_same_half(seed):
    shared = [f"shared {i}" for i in range(5)]
    a = texts("A", [*shared, *(f"a {i}" for i in range(12)), "Twice  said", "twice said"])
    b = texts("B", [*(text.upper() for text in shared), *(f"b {i}" for i in range(9))])
    (a1, b1), (a2, b2) = halves(a, b, seed, paired=False)
    assert not (likeness(a1) | likeness(b1)) & (likeness(a2) | likeness(b2))
    assert abs(len(a1) - len(a2)) <= 2
    assert abs(len(b1) - len(b2)) <= 2
    (c1, d1), _ = halves(b, a, seed, paired=False)
    assert (likeness(c1), likeness(d1)) == (likeness(b1), likeness(a1))


@pytest.mark.parametrize("seed", range(10))
def test_unchanged_pairs_are_spread_and_pairs_that_share_an_item_stay_together(seed):
    a = texts("A", [f"text {i}" for i in range(24)] + ["said twice", "said twice"])
    b = texts("B", [f"text {i}" for i in range(20)] + [f"other {i}" for i in range(5)] + ["text 3"])
    (a1, b1), (a2, b2) = halves(a, b, seed, paired=True)
    assert not (likeness(a1) | likeness(b1)) & (likeness(a2) | likeness(b2))
    unchanged = [sum(x == y for x, y in zip(p.items, q.items, strict=True)) for p, q in ((a1, b1), (a2, b2))]
    assert min(unchanged) >= 5


def test_order_does_not_matter_where_rows_repeat():
    a = [{"x": i % 3, "y": 0} for i in range(20)]
    b = [{"x": i % 3, "y": i % 2} for i in range(20)]
    one, other = (
        explainers.explain_difference([a[i] for i in order], [b[i] for i in order], "tabular", paired=True)
        for order in (range(20), [*range(7, 20), *range(7)])
    )
    assert [(c.description, c.score, c.p) for c in one.payload.candidates] == [
        (c.description, c.score, c.p) for c in other.payload.candidates
    ]


def cut_off(tmp_path) -> Image.Image:
    whole = tmp_path / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (30, 30, 3)).astype(np.uint8)).save(whole)
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:1500])
    return Image.open(tmp_path / "half.png")


ROWS = [{"x": i, "y": 1} for i in range(6)]


@pytest.mark.parametrize(
    ("given", "modality", "said"),
    [
        ([*ROWS, {"x": 1}], "tabular", "Item 7 of set A has other columns than item 1"),
        ([*ROWS, {"x": 1, "y": [1]}], "tabular", "Item 7 of set A: the column 'y' holds list"),
        (["one", "two", "half \ud83d"], "text", "Item 3 of set A: the text holds half a character"),
    ],
)
def test_what_cannot_be_used_is_named(given, modality, said):
    with pytest.raises(ValueError, match=said):
        checked("A", given, modality)


def test_damaged_pictures_are_named(tmp_path):
    plain = Image.new("RGB", (30, 30))
    with pytest.raises(ValueError, match="Item 2 of set A: the picture is damaged"):
        checked("A", [plain, cut_off(tmp_path)], "image")
    closed = cut_off(tmp_path)
    closed.close()
    with pytest.raises(ValueError, match="Item 1 of set A: the picture's file was closed"):
        checked("A", [closed], "image")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": None}, "seed must be a whole number"),
        ({"names": ["A"]}, "names must be two"),
        ({"captions": (["x"] * 6,)}, "captions must be two"),
        ({"descriptions": 5}, "descriptions must be a list"),
        ({"descriptions": ["rich people"]}, "“rich people” cannot be checked on a table"),
    ],
)
def test_what_is_asked_is_checked_at_the_door(more, said):
    with pytest.raises(ValueError, match=said):
        explainers.explain_difference(ROWS, [{"x": 9, "y": 1}] * 6, "tabular", **more)

"""Inputs that are nearly the same are noticed, whatever they are, and others are not taken for them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance

import explainers
import studies
from explainers.tasks import Task, make_task
from studies import nearness
from studies.items import FORWARD, LEARN
from studies.nearness import Nearness
from tests.fixtures.study_tasks import _brighter_half, picture_study, small, text_study
from tests.fixtures.toys import two_classes


def task_of(frame: pd.DataFrame) -> Task:
    return make_task(
        "t", "tabular", lambda f: two_classes(np.full(len(f), 0.3)), frame, [0] * len(frame), class_names=["n", "y"], version="1"
    )


def codes(columns: int) -> Task:
    return task_of(pd.DataFrame([dict.fromkeys("abcdefgh"[:columns], value) for value in "xyz"]))


def test_texts_that_share_nearly_all_words_are_near():
    near = Nearness(text_study())
    assert near.hits(["a b c d", "e f"], ["a b c d"]) == [0]
    assert near.hits(["e f"], []) == near.hits([], ["e f"]) == []


def test_rows_of_many_columns_are_near_where_all_agree_but_one_and_rows_of_few_where_all_do():
    many, few = dict.fromkeys("abcdef", "x"), dict.fromkeys("abc", "x")
    assert Nearness(codes(6)).hits([{**many, "c": "y"}, {**many, "c": "y", "d": "y"}], [many]) == [0]
    assert Nearness(codes(3)).hits([few, {**few, "c": "y"}], [few]) == [0]


def test_numbers_agree_within_a_hundredth_of_their_column_s_spread():
    frame = pd.DataFrame({"a": np.linspace(0, 100, 101), "b": np.linspace(0, 1, 101), "c": ["x"] * 101})
    frame.loc[100, "a"] = 1e9  # one wild value does not make everything near
    row = {"a": 50.0, "b": 0.5, "c": "x"}
    some = [{**row, "a": 50.5}, {**row, "a": 52.0}, {**row, "b": 0.505, "a": 49.7}, {**row, "b": 0.52}]
    assert Nearness(task_of(frame)).hits(some, [row]) == [0, 2]


def test_a_copy_of_a_picture_is_near_it_and_other_pictures_are_not():
    pictures = list(explainers.load_task("animals").instances("test"))[:40]
    near, one = Nearness(explainers.load_task("animals")), pictures[0].convert("RGB")
    saved = io.BytesIO()
    one.save(saved, "JPEG", quality=50)
    pixel = one.copy()
    pixel.putpixel((3, 3), (255, 0, 0))
    copies = [Image.open(saved), pixel, one.resize((one.width // 2, one.height // 2)), ImageEnhance.Brightness(one).enhance(1.1)]
    assert near.hits(copies, [one]) == [0, 1, 2, 3]
    assert near.hits(pictures[1:], [one]) == []


def test_plain_pictures_are_near_where_their_colour_is():
    plain = {
        name: Image.new("RGB", (32, 32), colour) for name, colour in (("red", (200, 0, 0)), ("green", (0, 200, 0)), ("grey", (90, 90, 90)))
    }
    near = Nearness(picture_study())
    assert near.hits([Image.new("RGB", (32, 32), (91, 90, 90)), plain["green"], plain["red"]], [plain["grey"]]) == [0]
    assert near.hits([plain["green"]], [plain["red"]]) == []


def test_pairs_share_a_name_of_their_own_and_where_there_are_too_many_chains_do(monkeypatch):
    near = Nearness(task_of(pd.DataFrame({"a": np.linspace(0, 100, 101)})))
    rows = [{"a": value} for value in (1.0, 1.6, 2.2, 50.0)]
    first, second, third, other = near.groups(rows, [4, 5, 6, 7])
    assert first & second
    assert second & third
    assert not first & third
    assert not other
    monkeypatch.setattr(nearness, "MOST_PAIRS", 1)
    first, second, third, other = near.groups(rows, [4, 5, 6, 7])
    assert first == second == third != other


def copied_pictures() -> Task:
    """Each picture six times, one pixel apart."""
    pictures = []
    for picture in list(picture_study(12).instances("test")):
        for k in range(6):
            pixels = np.array(picture)
            pixels[k, 0, 0] ^= 1
            pictures.append(Image.fromarray(pixels))
    return _labelled("image", _brighter_half, pictures)


def copied_rows() -> Task:
    """Each row of eight decimals six times, apart by 1e-9 in every column."""
    rng = np.random.default_rng(0)
    once = rng.normal(size=(14, 8))
    frame = pd.DataFrame(once.repeat(6, axis=0) + rng.normal(size=(84, 8)) * 1e-9, columns=list("abcdefgh"))
    return _labelled("tabular", lambda f: two_classes(np.clip(0.5 + 0.3 * (f["a"] > 0) - 0.1 * (f["b"] > 0), 0.05, 0.95)), frame)


def _labelled(modality: str, predict, data) -> Task:
    labels = [int(1 - a if (i % 6) % 3 == 0 else a) for i, a in enumerate(predict(data).argmax(axis=1))]
    return make_task("copies", modality, predict, data, labels, class_names=["no", "yes"], version="1")


@pytest.mark.parametrize("make", [copied_pictures, copied_rows])
def test_no_copy_of_a_learning_item_is_asked_about(make, tmp_path):
    made = studies.build(small(make(), arms=("control",), tests=(FORWARD,), forward=12, learn=8), tmp_path)
    learnt, asked = ({item.source // 6 for item in made.of_set(name)} for name in (LEARN, FORWARD))
    assert not learnt & asked
    assert made.blocked == []

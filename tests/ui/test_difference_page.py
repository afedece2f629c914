"""The page of set differences: a forecast that never grows, and sets named after their file or folder."""

import pytest

from explainers.differences.uploads import Upload
from ui import difference_page, difference_sets


def test_the_time_left_is_not_told_at_first_and_never_grows(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(difference_page.time, "monotonic", lambda: now[0])
    told = []
    steady = difference_page.Steady(lambda fraction, left: told.append((fraction, left)))
    for second, fraction, left in ((1, 0.05, 75.0), (6, 0.3, 14.0), (8, 0.5, 30.0), (30, 0.9, 9.0), (31, 1.0, None)):
        now[0] = 100.0 + second
        steady(fraction, left)
    assert told == [(0.05, None), (0.3, 14.0), (0.5, 12.0), (0.9, 0.0), (1.0, None)]


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["birds.zip"], "birds"),
        (["night/a.png", "night/sub/b.png"], "night"),
        (["a.png", "b.png"], ""),
        (["night/a.png", "day/b.png"], ""),
    ],
)
def test_a_set_is_named_after_its_one_file_or_its_folder(files, name):
    assert difference_sets._name(tuple(Upload(one, b"") for one in files)) == name

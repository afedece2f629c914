"""Which descriptions say the same of the tested items: those that go together within the sets."""

import numpy as np

from explainers.differences.alike import alike
from explainers.differences.items import checked
from explainers.differences.shown import Gallery


def fits(a, b):
    return np.array(a, dtype=float), np.array(b, dtype=float)


MARRIED = fits([1, 1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
HUSBAND = fits([1, 1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
OLD = fits([1, 0, 1, 0, 1, 0, 1, 0, 1, 0], [0, 0, 0, 1, 0, 1, 0, 0, 0, 0])


def test_nearly_the_same_condition_stands_under_the_better_one_and_another_by_itself():
    assert alike([MARRIED, OLD, HUSBAND], [1, 1, 1]) == [0, 1, 0]


def test_what_goes_together_with_one_of_several_joins_them_all():
    steps = [fits([1] * k + [0] * (20 - k), [0] * 20) for k in (14, 12, 10)]
    assert alike([steps[0], steps[2]], [1, 1]) == [0, 1]
    assert alike(steps, [1, 1, 1]) == [0, 0, 0]


def test_two_that_separate_perfectly_need_not_say_the_same():
    one, other = fits(range(10, 20), range(10)), fits([11, 19, 12, 18, 13, 17, 14, 16, 15, 10], [4, 0, 8, 2, 6, 1, 9, 3, 7, 5])
    assert alike([one, other], [1, 1]) == [0, 1]


def test_what_is_truer_of_the_other_set_and_what_is_alike_everywhere_stand_alone():
    assert alike([MARRIED, MARRIED], [1, -1]) == [0, 1]
    assert alike([fits([1, 1], [0, 0]), fits([1, 1], [0, 0])], [1, 1]) == [0, 1]
    assert alike([], []) == []


def test_the_gallery_knows_of_the_descriptions_that_asked_it_for_evidence():
    a, b = (checked(side, [{"n": f"{side}{i}"} for i in range(10)], "tabular") for side in "AB")
    gallery = Gallery(a, b)
    for fit in (MARRIED, OLD, HUSBAND, HUSBAND[::-1]):
        gallery.evidence(*fit)
    assert gallery.alike == [0, 1, 0, 3]

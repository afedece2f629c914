"""Colours by the names that most people give them."""

import numpy as np
import pytest

from explainers.differences.colours import COLOURS, lab, shares


@pytest.mark.parametrize(
    ("rgb", "name"),
    [((230, 20, 20), "red"), ((250, 240, 40), "yellow"), ((30, 150, 40), "green"), ((20, 60, 220), "blue"), ((100, 60, 20), "brown"),
     ((245, 125, 20), "orange"), ((128, 128, 128), "grey"), ((2, 2, 2), "black"), ((254, 254, 254), "white"), ((120, 30, 150), "purple"),
     ((255, 130, 190), "pink"), ((20, 200, 180), "turquoise")],
)  # fmt: skip
def test_a_colour_has_the_name_that_people_give_it(rgb, name):
    share = shares(np.array(rgb) / 255)
    assert COLOURS[int(share.argmax())] == name
    assert share.sum() == pytest.approx(1, abs=1e-5)


def test_lab_of_known_colours():
    """White has lightness 100 and no hue, black 0; red as CIE 15 has it."""
    np.testing.assert_allclose(lab(np.array([1.0, 1.0, 1.0])), [100, 0, 0], atol=0.1)
    np.testing.assert_allclose(lab(np.zeros(3)), [0, 0, 0], atol=0.01)
    np.testing.assert_allclose(lab(np.array([1.0, 0.0, 0.0])), [53.2, 80.1, 67.2], atol=0.3)

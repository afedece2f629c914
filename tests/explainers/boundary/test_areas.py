"""An object taken out of a picture, and what counts as a visible change."""

from __future__ import annotations

import numpy as np
from PIL import Image

from explainers.boundary.areas import alike, differs, filled


def stripes():
    """Each row a colour of its own, 40 x 40."""
    return np.repeat(np.arange(40, dtype=np.uint8)[:, None, None] * 5, 40, axis=1).repeat(3, axis=2)


def hole(left, right):
    mask = np.zeros((40, 40), dtype=bool)
    mask[10:30, left:right] = True
    return mask


class TestFilled:
    def test_the_object_goes_and_the_ground_goes_on(self):
        for place in (hole(4, 12), hole(14, 26)):  # beside the middle, and in it, where the mirrored picture has the hole too
            pixels = stripes()
            pixels[place] = (255, 0, 0)
            assert np.abs(filled(pixels, place).astype(int) - stripes()).max() <= 8

    def test_the_rest_is_untouched(self):
        pixels = stripes()
        far = ~hole(2, 14) & (np.indices((40, 40))[0] > 31)
        assert (filled(pixels, hole(4, 12))[far] == pixels[far]).all()

    def test_nothing_to_fill_and_nothing_to_fill_with(self):
        for place in (np.zeros((40, 40), bool), np.ones((40, 40), bool)):
            assert (filled(stripes(), place) == stripes()).all()


class TestVisible:
    def test_differs_where_asked_only(self):
        a, b = stripes(), stripes()
        b[hole(4, 12)] = 255
        assert differs(a, b, hole(4, 12))
        assert not differs(a, b, ~hole(4, 12))
        assert not differs(a, b, np.zeros((40, 40), bool))

    def test_alike(self):
        grey, hardly, black = (Image.new("RGB", (40, 40), (v, v, v)) for v in (100, 101, 0))
        assert alike(grey, hardly)
        assert not alike(grey, black)

from __future__ import annotations

import pytest

from explainers.render import colours

BOTH = [(colours.LIGHT_BACKGROUND, colours.LIGHT_TEXT), (colours.DARK_BACKGROUND, colours.DARK_TEXT)]


def test_contrast_is_wcags():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colour", [colours.TOWARD, colours.AWAY, colours.STRONG], ids=["toward", "away", "strong"])
@pytest.mark.parametrize(("background", "text"), BOTH, ids=["light", "dark"])
class TestOnBothThemes:
    def test_bars_stand_out_from_the_page(self, colour, background, text):
        assert colours.contrast(colour, background) >= 3

    def test_text_is_readable_on_the_strongest_tint(self, colour, background, text):
        assert colours.contrast(text, colours.over(colour, colours.TINT[1], background)) >= 4.5

    def test_the_strongest_tint_is_never_exceeded(self, colour, background, text):
        assert colours.tint(5.0, 1.0) == colours.TINT[1]


def test_the_line_of_an_interval_stands_out_from_its_bar():
    """In HTML and on slides it has the colour of the text."""
    for colour in (colours.TOWARD, colours.AWAY, colours.STRONG):
        for _, text in BOTH:
            assert colours.contrast(text, colour) >= 2.7

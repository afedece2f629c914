"""What an explanation will cost, in words."""

import pytest

from explainers import Forecast
from ui.explaining import cost_in_words


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Forecast(1, None), "At most 1 model call"),
        (Forecast(67, 2.3), "At most 67 model calls, about 2 s"),
        (Forecast(2, 0.1), "At most 2 model calls, under a second"),
        (
            Forecast(99, 4.0, (35, 1.6), (483, 21.4)),
            "35 to 483 model calls, about 2 s to about 21 s: it goes on until its numbers add up",
        ),
        (
            Forecast(99, 0.1, (35, 0.02), (4_067, 0.7)),
            "35 to 4,067 model calls, under a second: it goes on until its numbers add up",
        ),
        (Forecast(10, 2.0, (10, 2.0), (10, 2.0)), "At most 10 model calls, about 2 s"),
    ],
)
def test_said(cost, words):
    assert cost_in_words(cost) == words

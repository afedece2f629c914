from __future__ import annotations

import math

import pytest

from explainers.render import numbers


@pytest.mark.parametrize(
    ("x", "places", "expected"),
    [(12.34, 1, "+12.3"), (-4.5, 1, "−4.5"), (0.0, 1, "0.0"), (-0.04, 1, "0.0"), (1234.5, 0, "+1,234"), (math.nan, 1, "unknown")],
)
def test_signed(x, places, expected):
    assert numbers.signed(x, places) == expected


@pytest.mark.parametrize(
    ("p", "expected"),
    [(0.92, "92 %"), (0.9999, "over 99 %"), (1.0, "100 %"), (0.0001, "under 1 %"), (0.0, "0 %"), (0.994, "99 %")],
)
def test_percent_never_rounds_to_certainty(p, expected):
    assert numbers.percent(p) == expected


@pytest.mark.parametrize(("x", "expected"), [(21.4, "21"), (-9.3, "9.3"), (0.31, "0.3"), (0.04, "0.04"), (1e-9, "less than 0.0001")])
def test_amount(x, expected):
    assert numbers.amount(x) == expected


@pytest.mark.parametrize(
    ("x", "low", "high", "expected"),
    [
        (21.4, 18.1, 24.0, ("21", "between 18 and 24")),
        (-9.1, -12.1, -6.1, ("9", "between 6 and 12")),
        (20.2, 20.1, 20.3, ("20.2", "between 20.1 and 20.3")),
        (3.1, 0.2, 6.0, ("3.1", "between 0.2 and 6.0")),
        (0.47, 0.458, 0.481, ("0.47", "between 0.46 and 0.48")),
        (4.1, None, None, ("4.1", "")),
        (20.5754, 20.5754, 20.5754, ("21", "")),
        (3.21, 3.2100, 3.2101, ("3.2", "")),
    ],
)
def test_an_amount_and_its_range_have_the_same_decimals(x, low, high, expected):
    assert numbers.within(x, low, high) == expected


@pytest.mark.parametrize(
    ("v", "expected"),
    [
        (None, "missing"),
        (math.nan, "missing"),
        (True, "yes"),
        (23, "23"),
        (1999, "1999"),
        (-7, "−7"),
        (123456, "123,456"),
        (3.0, "3"),
        (0.33333, "0.3333"),
    ],
)
def test_value(v, expected):
    assert numbers.value(v) == expected


def test_count():
    assert [numbers.count(n, "sample") for n in (0, 1, 1000)] == ["0 samples", "1 sample", "1,000 samples"]

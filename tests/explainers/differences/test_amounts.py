"""By how much two sets differ, in units that a person knows."""

import numpy as np
import pytest
from PIL import Image

import explainers
from explainers.differences.amounts import amounts
from explainers.differences.textual import MEASURES
from explainers.differences.wording import WORDINGS


@pytest.mark.parametrize(
    ("description", "ranker", "a", "b", "said"),
    [
        ("dark, as at night", "attributes", -0.31, -0.45, "brightness 31 against 45, from 0 (black) to 100 (white)"),
        (
            "a darker background",
            "attributes",
            -0.31,
            -0.314,
            "brightness of the background 31.0 against 31.4, from 0 (black) to 100 (white)",
        ),
        ("the background is green", "attributes", 0.3, 0.1, "green in 30 against 10 % of the background"),
        ("cold, bluish light", "attributes", 0.05, -0.02, "red less blue −5.0 against 2.0, each from 0 to 100"),
        ("a large object, close up", "attributes", -0.5, -0.9, ""),  # an estimate without a unit
        ("shorter texts", "text measures", -12.4, -30.2, "12 against 30 words a text"),
        ("without negations", "text measures", -0.004, -0.021, "0.4 against 2.1 % of the words"),
        ("positive in tone", "text measures", 0.2, 0.1, ""),
        ("a bird", "labels", 0.2, 0.1, ""),
    ],
)
def test_means_are_told_in_plain_units_the_right_way_round(description, ranker, a, b, said):
    assert amounts(description, ranker, a, b) == said


def test_no_measure_of_any_description_fails():
    for w in WORDINGS:
        assert "{" not in amounts(w.says, "attributes", 0.2, 0.1)
    for m in MEASURES:
        assert all("{" not in amounts(end, "text measures", 0.2, 0.1) for end in (m.high, m.low))


def test_a_run_measures_how_many_lie_above_the_middle_of_b_and_the_means():
    rng = np.random.default_rng(0)
    a, b = ([Image.fromarray(rng.normal(level, 12, (70, 70, 3)).clip(0, 255).astype(np.uint8)) for _ in range(8)] for level in (110, 125))
    e = explainers.explain_difference(a, b, "image", descriptions=["dark"], propose=False)
    dark = e.payload.candidates[0]
    assert (dark.above_a, dark.above_b) == (1.0, 0.5)
    assert (-255 * dark.mean_a, -255 * dark.mean_b) == (pytest.approx(110, abs=2), pytest.approx(125, abs=2))
    said = explainers.render.figure(e).replace("\u00a0", " ")
    assert "brightness 43 against 49" in said
    assert "0 % of" not in said.replace("100 % of", "").replace("50 % of", "")


def test_what_is_there_or_not_has_no_middle():
    a, b = ([{"age": age + i} for i in range(4)] for age in (50, 30))
    e = explainers.explain_difference(a, b, "tabular", descriptions=["age > 45"], propose=False)
    assert (e.payload.candidates[0].above_a, e.payload.candidates[0].share_a) == (None, 1.0)

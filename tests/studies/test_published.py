"""What is said of published effects: the confirmed figures, and nothing where nothing is known."""

from __future__ import annotations

import pytest

from studies.published import evidence
from ui.helps import sentence


def test_the_two_confirmed_effects_are_said_with_their_intervals():
    lime = sentence(evidence("lime", "tabular"))
    assert "11.25 percentage points" in lime
    assert "2.4 to 20.1" in lime
    assert "p = 0.014" in lime
    for modality in ("text", "tabular"):
        assert "9.53 percentage points" in sentence(evidence("prototypes", modality))


@pytest.mark.parametrize(
    ("method", "modality"), [("lime", "text"), ("anchors", "tabular"), ("decision_boundary", "text"), ("composite", "text")]
)
def test_tested_without_a_clear_effect_is_not_known_and_carries_no_figure(method: str, modality: str):
    said = sentence(evidence(method, modality))
    assert said.startswith("Not known: people who saw it")
    assert "percentage points" not in said


@pytest.mark.parametrize(
    ("method", "modality"), [("lime", "image"), ("nearest_examples", "text"), ("prototypes", "image"), ("new", "text")]
)
def test_what_nobody_tested_is_said_to_be_unknown(method: str, modality: str):
    assert "no study that we know of" in sentence(evidence(method, modality))

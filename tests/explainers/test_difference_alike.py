"""A difference that several descriptions say is kept as one in the artifact."""

import explainers
from explainers import render
from explainers.explanation import Explanation


def test_conditions_that_hold_of_nearly_the_same_rows_are_told_as_one_difference():
    """Age differs; so does, of itself, the year of birth."""
    a, b = ([{"age": age, "born": 2000 - age, "n": i % 7} for i, age in enumerate(range(low, low + 40))] for low in (30, 10))
    e = explainers.explain_difference(a, b, "tabular", descriptions=["age > 40", "born <= 1959", "n > 2"], propose=False)
    said = {c.description: e.payload.alike[i] for i, c in enumerate(e.payload.candidates)}
    assert said["age > 40"] == said["born <= 1959"] != said["n > 2"]
    assert "1 difference, said in 2 ways." in render.sentence(e)
    assert Explanation.from_json(e.to_json()) == e

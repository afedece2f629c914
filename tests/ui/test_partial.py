"""What a person reads who stopped a map: how far it got, what that is worth, how to go on; never an error."""

import threading

import pytest

import explainers
from tests.explainers.render.test_maps_in_words import mapped
from ui.result import partial_sentence


def stopped(reason: str = "cancelled", **changes):
    e = mapped(**changes)
    object.__setattr__(e, "status", "partial")
    object.__setattr__(e, "reason", reason)
    return e


def test_how_far_it_got_and_what_is_kept():
    said = partial_sentence(stopped(method="occlusion", samples=64), 0.25)
    assert said.startswith("**You stopped it** at 25 % of the way, after 64 samples: the picture below is of what was known by then")
    assert said.endswith("*Explain* goes on: what the model was asked is remembered, so it is soon back here.")


def test_a_method_by_gradients_begins_again_and_counts_steps():
    said = partial_sentence(stopped(samples=32), 0.5)
    assert "after 32 steps" in said
    assert said.endswith("*Explain* begins again: what this method asks of the model is not remembered.")


@pytest.mark.parametrize("method", ["occlusion", "prototypes"])
def test_what_is_said_of_going_on_is_so(method: str):
    """Asked again after a stop, a method that is said to go on asks less anew, and one that is said to begin again asks all of it."""
    task, stop = explainers.load_task("income"), threading.Event()
    x = task.instances("test")[71]
    first = explainers.explain(method, task, x, seed=71, cancel=stop, on_progress=lambda done, left: stop.set() if done > 0.3 else None)
    again = explainers.explain(method, task, x, seed=71)
    assert first.status == "partial"
    new = again.cost.calls_made / again.cost.calls_asked
    assert ("goes on" in partial_sentence(first)) == (new < 0.9), new


def test_before_there_was_a_map_no_picture_is_promised():
    said = partial_sentence(stopped(words=[], samples=0))
    assert said.startswith("**You stopped it**: that was before there was anything to draw.")
    assert "picture below" not in said


@pytest.mark.parametrize(
    ("reason", "start"), [("max_calls", "**It reached its limit of model calls**"), ("else", "**It is not finished**")]
)
def test_a_limit_is_not_told_as_what_a_person_did(reason: str, start: str):
    assert partial_sentence(stopped(reason, samples=1)).startswith(f"{start} after 1 step:")


def test_the_button_is_the_page_s_own():
    assert "*Compare* goes on" in partial_sentence(stopped(method="rise"), None, "Compare")

"""Classes and what they are kinds of, in the words people use."""

import pytest

from explainers.differences.sight import sight
from explainers.differences.taxonomy import bare, taxonomy


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a bird", "a bird"),
        ("birds", "a bird"),
        ("A picture of a dog.", "a dog"),
        ("there is a car", "a car"),
        ("sparrow", "a bird"),
        ("mushrooms", "a mushroom"),
        ("in the forest", "the background is a forest"),
        ("the sea", "the background is the sea or other water"),
        ("the background is the sky", "the background is the sky"),
        ("goldfish", "a goldfish"),
    ],
)
def test_a_description_is_found(typed, found):
    node = taxonomy().find(typed)
    assert node is not None
    assert node.says == found


@pytest.mark.parametrize("typed", ["happiness", "a dog on the grass", "", "!"])
def test_what_is_not_in_it_is_not_found(typed):
    assert taxonomy().find(typed) is None


def test_kinds_hold_what_belongs_to_them():
    names = sight().class_names
    inside = {
        says: {names[i] for i in next(n for n in taxonomy().nodes if n.says == says).classes} for says in ("a bird", "a dog", "an animal")
    }
    assert {"American robin", "ostrich", "king penguin"} <= inside["a bird"] < inside["an animal"]
    assert len(inside["a dog"]) == 118
    assert "toaster" not in inside["an animal"]


def test_words_of_captions_have_parents_widest_first():
    assert taxonomy().parents("sparrow") == ["an animal", "a bird"]
    assert "a tree" in taxonomy().parents("oaks")
    assert bare("There is a picture of the bird.") == "bird"

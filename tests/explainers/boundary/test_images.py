"""Changes of a picture: which parts, what lies behind them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from explainers.boundary.images import BackgroundChanges, PictureChanges, picture_behind
from explainers.engine import Asker, Limits
from explainers.picture_parts import MEAN_COLOUR, OTHER_PICTURE
from explainers.tasks import make_task
from tests.fixtures.toys import two_classes


def plain(colour):
    return Image.new("RGB", (48, 48), colour)


def with_patch():
    picture = np.full((48, 48, 3), 120, dtype=np.uint8)
    picture[16:32, 16:32] = (250, 0, 0)
    return Image.fromarray(picture)


def redness(pictures):
    return two_classes([np.clip((np.asarray(p)[:, :, 0] > 200).mean() * 8, 0.05, 0.95) for p in pictures])


GREY, RED = plain((120, 120, 120)), plain((250, 0, 0))


def task(train=(GREY, RED)):
    return make_task("red", "image", redness, [with_patch()], class_names=["grey", "red"], train=list(train))


def changes_of(segments=9, behind=MEAN_COLOUR, other=None):
    return PictureChanges(task(), with_patch(), segments, behind, other)


class TestDraw:
    def test_every_part_alone_comes_first(self):
        changes = changes_of()
        count = len(changes.parts)
        some = changes.draw(200, np.random.default_rng(0), 0)
        assert [edits for edits in some if len(edits) == 1] == [((i, "replaced"),) for i in range(count)]
        assert max(len(edits) for edits in some) == count
        assert len(some) <= 200

    def test_the_edge_is_one_of_the_sets(self):
        changes = changes_of()
        labels = changes.parts.labels
        edge = {*labels[0], *labels[-1], *labels[:, 0], *labels[:, -1]}
        assert edge != set(range(len(changes.parts))), "the middle is no edge"
        assert edge in [{part for part, _ in edits} for edits in changes.draw(200, np.random.default_rng(0), 0)]

    def test_seeds(self):
        changes = changes_of()
        a, same, b = (changes.draw(60, np.random.default_rng(seed), 0) for seed in (0, 0, 1))
        assert a == same != b


class TestPictures:
    def test_only_the_part_changes(self):
        changes = changes_of(behind=OTHER_PICTURE, other=GREY)
        middle = int(changes.parts.labels[24, 24])
        picture = np.asarray(changes.instance(((middle, "replaced"),)))
        inside = changes.parts.labels == middle
        assert (picture[inside] == 120).all()
        assert (picture[~inside] == np.asarray(with_patch())[~inside]).all()

    def test_words(self):
        changes = changes_of()
        middle = int(changes.parts.labels[24, 24])
        assert changes.told(((middle, "replaced"),)) == [f"part {middle} (middle) replaced"]
        assert changes.features(((middle, "replaced"),)) == [f"part {middle}"]


class TestBackground:
    def test_the_middle_stays_and_the_rest_is_the_other_pictures(self):
        changes = BackgroundChanges(task([RED, plain((0, 0, 250))]), with_patch(), 9)
        picture = np.asarray(changes.instance(((0, 1),)))
        assert (picture[0, 0] == (0, 0, 250)).all()
        assert (picture[24, 24] == (250, 0, 0)).all()
        assert set(np.unique(changes.parts.labels)) == {0, 1}
        assert changes.instance(()).tobytes() == with_patch().tobytes()

    def test_every_training_picture_at_most_once(self):
        changes = BackgroundChanges(task([RED, GREY, RED]), with_patch(), 9)
        some = changes.draw(200, np.random.default_rng(0), 0)
        assert sorted(some) == [((0, row),) for row in range(3)]
        assert changes.told(some[0]) == [f"background replaced by that of training picture {some[0][0][1]}"]

    def test_no_background_to_tell_apart(self):
        with pytest.raises(ValueError, match="ask for more parts"):
            BackgroundChanges(task(), plain((9, 9, 9)), 2)


class TestBehind:
    def ask(self, train, wanted=None, limits=None):
        t = task(train)
        return picture_behind(t, Asker(t.model, limits or Limits()), redness([with_patch()])[0], wanted, np.random.default_rng(0))

    def test_a_picture_with_another_answer(self):
        picture, said = self.ask([RED, RED, GREY, RED])
        assert picture.tobytes() == GREY.tobytes()
        assert said == ""

    def test_of_the_wanted_class(self):
        picture, said = self.ask([GREY, RED], wanted=1)
        assert picture.tobytes() == RED.tobytes()
        assert said == ""

    def test_none_is_said(self):
        _, said = self.ask([RED, RED])
        assert said.startswith("None of 2 training pictures")

    def test_a_limit(self):
        t = task([GREY])
        ask = Asker(t.model, Limits(max_calls=1))
        ask([with_patch()])
        assert picture_behind(t, ask, redness([with_patch()])[0], None, np.random.default_rng(0)) == (None, "")


@pytest.mark.parametrize("segments", [2, 9, 30])
def test_parts_cover_the_picture(segments):
    assert set(np.unique(changes_of(segments).parts.labels)) == set(range(len(changes_of(segments).parts)))

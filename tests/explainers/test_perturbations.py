"""Changed forms of an instance: distinct, few changes, only what may change, the same for the same seed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import explainers
from explainers import perturbations
from explainers.explanation import instance_sha256
from explainers.tasks import Split, make_task
from tests.fixtures.toys import PERSON, Recorder, people, picture_task, redness, sentence, table_task, text_task, words_model

TEXT = "The cast is great, and his plot is great."
TRAIN = [
    "the cast is great and the plot is dull",
    "a good film with a terrible story",
    "his wonderful actors walked slowly",
    "her boring script moved quickly of course",
]


def words_of(text):
    return re.findall(r"\w+", text)


def reviews(train=TRAIN):
    return text_task(data=train)


def photograph():
    """Sixteen noisy blocks of a colour each: each is an area, and whatever is painted over or blurred is seen."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(40, 216, (4, 4, 3)).repeat(16, axis=0).repeat(16, axis=1)
    return Image.fromarray((blocks + rng.integers(-40, 40, blocks.shape)).astype(np.uint8))


class Masked(list):
    """Pictures with the place of their object."""

    def __init__(self, pictures, masks):
        super().__init__(pictures)
        self.masks = masks


def block(row):
    mask = np.zeros((48, 48), dtype=bool)
    mask[16:32, row : row + 16] = True
    return mask


def animals():
    """Red blocks on grounds of one colour each: black, blue, green, and a second black."""
    grounds, masks = [(0, 0, 0), (0, 0, 200), (0, 200, 0), (1, 1, 1)], [block(20), block(4), block(12), block(28)]
    pictures = [Image.fromarray(np.where(m[:, :, None], (220, 20, 20), g).astype(np.uint8)) for g, m in zip(grounds, masks, strict=True)]
    task = picture_task(data=pictures)
    split = Split(Masked(pictures, masks))
    task.splits = {"test": lambda: split, "train": lambda: split}
    return task


CASES = {
    "text": lambda: (reviews(), TEXT),
    "table": lambda: (table_task(), PERSON),
    "picture": lambda: (picture_task(data=[photograph()]), photograph()),
    "picture with masks": lambda: (animals(), animals().instances("test")[0]),
}


@pytest.mark.parametrize("name", CASES)
class TestEvery:
    @pytest.mark.parametrize("attempt", [0, 4])
    def test_distinct_and_few_changes(self, name, attempt):
        task, x = CASES[name]()
        some = perturbations(task, x, 40, seed=3, most_edits=2, attempt=attempt)
        digests = [instance_sha256(p.instance) for p in some]
        assert len(some) == 40 or name == "picture with masks"
        assert len(set(digests)) == len(digests)
        assert instance_sha256(task.check(x)) not in digests
        assert all(1 <= p.edits <= 2 and len(p.changed) == p.edits for p in some)
        assert {p.edits for p in some} == {1, 2}
        for p in some:
            task.check(p.instance)

    def test_seeds(self, name):
        task, x = CASES[name]()
        first, same, *others = (
            [(instance_sha256(p.instance), p.changed) for p in perturbations(task, x, 12, seed=s)] for s in (1, 1, 2, 3, 4)
        )
        assert first == same
        assert any(first != other for other in others), "a toy with few forms may draw them in one order twice"

    def test_more_begin_as_fewer_do(self, name):
        task, x = CASES[name]()
        few, more = (perturbations(task, x, n, seed=1) for n in (3, 9))
        assert [p.changed for p in few] == [p.changed for p in more[:3]]


def test_the_model_is_not_asked():
    asked = Recorder(words_model({}))
    perturbations(text_task(asked, TRAIN), TEXT, 20)
    pictures = Recorder(redness)
    perturbations(picture_task(pictures, [photograph()]), photograph(), 5)
    assert asked.rows == pictures.rows == 0


def test_one_seed_lays_no_two_pictures_before_the_same_backgrounds_in_the_same_order():
    task = animals()
    orders = [
        [p.changed[0] for p in perturbations(task, x, 2, seed=s)] for s in range(4) for x in (task.instances("test")[i] for i in (0, 3))
    ]
    own, second = orders[::2], orders[1::2]
    assert own != second


class TestTexts:
    def test_changes_are_told_and_the_rest_stays(self):
        for p in perturbations(reviews(), TEXT, 50):
            before, after = words_of(TEXT), words_of(p.instance)
            differ = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
            assert len(differ) == p.edits
            assert [c.split(" → ")[1] for c in p.changed] == [f"“{b}”" for _, b in differ]
            assert {a for a, _ in differ} <= {"cast", "great", "plot"}

    def test_bolder_attempts_change_more(self):
        calm, bold = ([p.edits for p in perturbations(reviews(), TEXT, 60, attempt=a)] for a in (0, 8))
        assert np.mean(bold) > np.mean(calm)

    def test_closer_words_than_the_method_that_explains(self):
        """The same chance leads to a word at least as similar."""
        from explainers.boundary.texts import TextChanges
        from explainers.perturbations import TEMPERATURE

        def places(temperature):
            changes = TextChanges(reviews(), "cast", 0, temperature)
            near, _ = changes.words.similar("cast")
            drawn = (changes.draw(1, np.random.default_rng(i), 0) for i in range(300))
            return [near.index(edits[0][0][1]) for edits in drawn if edits]

        pairs = list(zip(places(TEMPERATURE), places(0.8), strict=True))
        assert all(close <= far for close, far in pairs), "0 is the most similar"
        assert any(close < far for close, far in pairs)

    def test_many_changes_are_cut_down(self):
        """Bold draws of a long text change dozens of words: some are taken back rather than all refused."""
        text = " ".join(["great cast plot dull film story"] * 20)
        some = perturbations(reviews(), text, 30, most_edits=3, attempt=9)
        assert len(some) == 30
        assert max(p.edits for p in some) == 3

    def test_no_word_that_may_change(self):
        assert perturbations(reviews(), "it was and is", 10) == []


class TestTables:
    def test_one_to_three_values_all_seen_in_training(self):
        frame = people()
        some = perturbations(table_task(), PERSON, 300)
        assert {p.edits for p in some} == {1, 2, 3}
        for p in some:
            differ = [name for name in PERSON if p.instance[name] != PERSON[name]]
            assert [c.split(":")[0] for c in p.changed] == differ
            assert all(p.instance[name] in set(frame[name]) for name in differ)
            assert all(type(p.instance[name]) is type(PERSON[name]) for name in PERSON)

    def test_in_words(self):
        told = {c for p in perturbations(table_task(), PERSON, 200) for c in p.changed}
        assert "job: nurse → smith" in told
        assert "member: True → False" in told

    def test_columns_that_nobody_can_change_stay(self):
        task = table_task()
        task.immutable = ("age", "member")
        some = perturbations(task, PERSON, 200)
        assert all(p.instance["age"] == 60 and p.instance["member"] is True for p in some)

    def test_all_there_are_and_no_more(self):
        """One column with two other values, one with one: 2 + 1 alone, 2 x 1 together."""
        frame = pd.DataFrame({"job": ["clerk", "nurse", "smith", "smith"], "member": [True, False, True, True]})
        task = table_task(lambda f: np.full((len(f), 2), 0.5), frame)
        some = perturbations(task, {"job": "smith", "member": True}, 100)
        assert sorted(str(p.instance) for p in some) == sorted(
            str({"job": j, "member": m}) for j in ("clerk", "nurse", "smith") for m in (True, False) if (j, m) != ("smith", True)
        )

    def test_everything_locked(self):
        task = table_task()
        task.immutable = tuple(PERSON)
        assert perturbations(task, PERSON, 10) == []


class TestPictures:
    def test_backgrounds_first_where_the_object_is_known(self):
        task = animals()
        own = task.instances("test")[0]
        some = perturbations(task, own, 3)
        assert {tuple(p.changed) for p in some[:2]} == {(f"background replaced by that of test picture {i}",) for i in (1, 2)}
        for p in some[:2]:
            pixels, ground = np.asarray(p.instance), {"1": (0, 0, 200), "2": (0, 200, 0)}[p.changed[0][-1]]
            assert (pixels[block(20)] == (220, 20, 20)).all()
            assert (np.abs(pixels[~block(20)].astype(int) - ground) <= 1).all(), "nothing of the other object is left"
        assert "background" not in "".join(c for p in some[2:] for c in p.changed), "a second black is no other background"

    def test_areas_in_words(self):
        told = {c.rsplit(") ", 1)[1] for p in perturbations(picture_task(data=[photograph()]), photograph(), 30) for c in p.changed}
        assert told == {"blurred", "painted over"}

    def test_what_would_not_be_seen_is_no_change(self):
        plain = Image.new("RGB", (48, 48), (90, 90, 90))
        assert perturbations(picture_task(data=[plain]), plain, 5) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": 0}, "n must"),
        ({"seed": -1}, "seed must"),
        ({"most_edits": 0}, "most_edits must"),
        ({"attempt": 1.5}, "attempt must"),
        ({"n": True}, "n must"),
    ],
)
def test_bad_numbers(change, words):
    with pytest.raises(ValueError, match=words) as problem:
        perturbations(reviews(), TEXT, **({"n": 1} | change))
    sentence(problem.value)


def test_other_bad_input():
    series = make_task("waves", "series", lambda a: np.full((len(a), 2), 0.5), np.zeros((3, 5, 1)), class_names=["a", "b"])
    for task, x in ((series, np.zeros((5, 1))), (reviews(), " "), (table_task(), {"age": 1})):
        with pytest.raises(ValueError, match=r":|age") as problem:
            explainers.perturbations(task, x, 1)
        sentence(problem.value)

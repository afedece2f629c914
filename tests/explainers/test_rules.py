"""What a rule says of other inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from explainers import explain, make_task, rule_holds, rule_samples
from explainers.payloads import Condition
from tests.explainers.test_anchors import busy, decision_list, great_and_not_dull, patched, picture_task
from tests.fixtures.masked_lm import save_tiny_lm
from tests.fixtures.toys import PERSON, SENTENCE, people, sentence, table_task, text_task

TABLE, TEXT = table_task(decision_list), text_task(great_and_not_dull)
RULE = explain("anchors", TABLE, {**PERSON, "age": 60})
WORDS = explain("anchors", TEXT, SENTENCE)


def with_conditions(e, *conditions: Condition):
    names = [c.feature for c in conditions]
    return replace(e, payload=replace(e.payload, conditions=list(conditions), names=names, positions=None, spans=None, trail=None))


class TestTables:
    @pytest.mark.parametrize(
        ("condition", "wanted"),
        [
            (Condition("job", "==", "nurse"), lambda f: f["job"] == "nurse"),
            (Condition("member", "==", True), lambda f: f["member"]),
            (Condition("age", "<=", 40.0), lambda f: f["age"] <= 40),
            (Condition("age", ">", 40.0), lambda f: f["age"] > 40),
            (Condition("job", "in", ["nurse", "smith"]), lambda f: f["job"] != "clerk"),
            (Condition("size", "==", "M"), lambda f: f["size"] == "M"),
        ],
    )
    def test_each_kind_of_condition(self, condition, wanted):
        rule = with_conditions(RULE, condition)
        for given in (people(), people().to_dict("records"), TABLE.instances("train")):
            np.testing.assert_array_equal(rule_holds(rule, TABLE, given), wanted(people()).to_numpy(dtype=bool))

    def test_all_conditions_at_once_and_none(self):
        rule = with_conditions(RULE, Condition("job", "==", "nurse"), Condition("age", ">", 40.0))
        frame = people()
        np.testing.assert_array_equal(rule_holds(rule, TABLE, frame), (frame["job"] == "nurse") & (frame["age"] > 40))
        assert rule_holds(with_conditions(RULE), TABLE, frame).all()

    def test_a_missing_value_meets_only_the_condition_that_it_is_missing(self):
        data = pd.DataFrame({"x": range(4), "y": ["a", None, "a", None]})
        task = table_task(lambda f: decision_list(people(len(f))), data=data)
        rule = with_conditions(RULE, Condition("y", "==", None))
        np.testing.assert_array_equal(rule_holds(rule, task, data), [False, True, False, True])
        np.testing.assert_array_equal(rule_holds(with_conditions(RULE, Condition("y", "==", "a")), task, data), [True, False, True, False])

    def test_fresh_rows_meet_the_rule(self):
        rows = rule_samples(RULE, TABLE, 200, seed=3)
        assert len(rows) == 200
        assert rule_holds(RULE, TABLE, rows).all()
        assert all(TABLE.check(row) == row for row in rows)
        assert len({str(row) for row in rows}) > 20

    def test_seeds(self):
        one, same, other = (list(rule_samples(RULE, TABLE, 20, seed=s)) for s in (1, 1, 2))
        assert one == same != other


class TestTexts:
    def test_words_as_the_parts_are_split(self):
        rule = with_conditions(WORDS, Condition("great", "present"), Condition("plot", "present"))
        given = ["a great plot", "great, plot!", "greatness of the plot", "Great plot", "plot"]
        np.testing.assert_array_equal(rule_holds(rule, TEXT, given), [True, True, False, False, False])

    def test_fresh_texts_meet_the_rule(self):
        texts = rule_samples(WORDS, TEXT, 50, seed=0)
        assert len(texts) == 50
        assert all(isinstance(text, str) for text in texts)
        assert rule_holds(WORDS, TEXT, texts).all()
        assert rule_holds(WORDS, TEXT, [SENTENCE]).all()

    def test_they_are_drawn_as_the_rule_was_searched(self):
        e = explain("anchors", TEXT, SENTENCE, mask_word="blah")
        assert any("blah" in text for text in rule_samples(e, TEXT, 20, seed=0))


class TestPictures:
    def test_pixels_of_the_parts(self):
        task = picture_task(busy)
        e = explain("anchors", task, patched(), segments=9)
        fresh = rule_samples(e, task, 10, seed=0)
        assert all(isinstance(picture, Image.Image) for picture in fresh)
        assert rule_holds(e, task, fresh).all()
        assert rule_holds(e, task, [patched()]).all()
        grey = Image.new("RGB", (60, 60), (120, 120, 120))
        assert list(rule_holds(e, task, [grey, patched().resize((30, 30))])) == [False, False]


class TestRefused:
    @pytest.mark.parametrize(
        "condition",
        [
            Condition("age", "<=", "40"),
            Condition("age", ">", None),
            Condition("age", ">", float("nan")),
            Condition("age", "<=", [1]),
            Condition("age", "<=", 10**400),
            Condition("job", "<=", 3.0),
            Condition("job", "in", 3),
            Condition("job", "in", [["nurse"]]),
            Condition("job", "==", ["nurse"]),
            Condition("job", "present"),
            Condition("no such column", "==", 1),
        ],
    )
    def test_a_condition_that_is_none(self, condition: Condition):
        rule = with_conditions(RULE, condition)
        for verb in (lambda: rule_holds(rule, TABLE, people()), lambda: rule_samples(rule, TABLE, 5)):
            with pytest.raises(ValueError, match=r"\w") as caught:
                verb()
            sentence(caught.value)

    @pytest.mark.parametrize(
        "condition", [Condition("job", "in", ["nurse"]), Condition("job", "==", "pope"), Condition("age", "==", "old")]
    )
    def test_what_no_row_can_be_drawn_under(self, condition: Condition):
        rule = with_conditions(RULE, condition)
        assert len(rule_holds(rule, TABLE, people())) == len(people())
        with pytest.raises(ValueError, match=condition.feature) as caught:
            rule_samples(rule, TABLE, 5)
        sentence(caught.value)

    def test_words_and_parts_can_only_be_present(self):
        with pytest.raises(ValueError, match="present") as caught:
            rule_holds(with_conditions(WORDS, Condition("great", "==", 3)), TEXT, [SENTENCE])
        sentence(caught.value)
        task = picture_task(busy)
        e = with_conditions(explain("anchors", task, patched(), segments=9), Condition("the sky", "present"))
        for broken in (e, replace(e, payload=replace(e.payload, segments=None))):
            with pytest.raises(ValueError, match=r"part") as caught:
                rule_holds(broken, task, [patched()])
            sentence(caught.value)

    def test_a_language_model_that_a_file_names_is_not_read(self, tmp_path):
        e = replace(WORDS, params={**WORDS.params, "perturb": "masked language model", "language_model": "/no/such/folder"})
        with pytest.raises(ValueError, match="language_model=") as caught:
            rule_samples(e, TEXT, 5)
        sentence(caught.value)
        assert len(rule_samples(e, TEXT, 5, language_model=str(save_tiny_lm(tmp_path)))) == 5

    def test_what_is_no_rule(self):
        lime = explain("lime", TEXT, SENTENCE, num_samples=50)
        for verb in (lambda: rule_holds(lime, TEXT, ["x"]), lambda: rule_samples(lime, TEXT, 5, seed=0)):
            with pytest.raises(ValueError, match="no rule") as caught:
                verb()
            sentence(caught.value)

    def test_another_task(self):
        with pytest.raises(ValueError, match="modality") as caught:
            rule_holds(RULE, TEXT, ["x"])
        sentence(caught.value)
        other = make_task("o", "tabular", lambda f: decision_list(f), people()[["age"]], class_names=["a", "b"])
        with pytest.raises(ValueError, match="no column of this table") as caught:
            rule_holds(with_conditions(RULE, Condition("job", "==", "nurse")), other, [{"age": 3}])
        sentence(caught.value)

    @pytest.mark.parametrize("n", [-1, 2.5, True])
    def test_a_number_that_is_none(self, n):
        with pytest.raises(ValueError, match="whole number") as caught:
            rule_samples(RULE, TABLE, n, seed=0)
        sentence(caught.value)

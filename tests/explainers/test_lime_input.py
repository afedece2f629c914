"""LIME: texts longer than the model reads, and one sentence for everything that cannot be explained."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explainers import make_task
from explainers.explanation import Explanation
from explainers.methods import explain
from explainers.models.base import fingerprint_of
from tests.fixtures.toys import (
    PERSON,
    SENTENCE,
    Recorder,
    WindowModel,
    sentence,
    table_task,
    text_task,
    two_classes,
    words_model,
)


class TestLongTexts:
    def window_task(self, window: int = 60):
        task = text_task(lambda texts: two_classes([0.9 if "good" in t[:window] else 0.1 for t in texts]), ["x"])
        model = WindowModel("model", task.model._function, ["bad", "good"], fingerprint_of(config={"w": window}), 64)
        model.window = window
        task.__dict__["model"] = model
        return task

    TEXT = "This one is good. This one is not so. This is the rest. And here is more, which nobody reads."

    def test_parts_become_sentences_and_what_is_cut_is_said(self):
        e = explain("lime", self.window_task(), self.TEXT, target=1)
        assert e.payload.features[0] == "This one is good."
        assert e.payload.total <= 4
        assert any("longer than the model reads" in caveat for caveat in e.caveats)
        assert e.instance == self.TEXT, "the whole text is shown"
        for feature, spans in zip(e.payload.features, e.payload.spans, strict=True):
            assert [self.TEXT[start:end] for start, end in spans] == [feature]

    def test_the_forecast_counts_the_whole_text_too(self):
        from explainers.methods import forecast

        task = self.window_task()
        assert forecast("lime", task, self.TEXT).calls == explain("lime", task, self.TEXT).cost.calls_asked

    def test_a_short_text_has_words(self):
        assert "good" in explain("lime", self.window_task(), "This is good").payload.features

    def test_no_word_within_the_window(self):
        with pytest.raises(ValueError, match="no words") as caught:
            explain("lime", self.window_task(5), "!!!!!!! ??? good")
        sentence(caught.value)


LONG = " ".join(["word"] * 20_000)
TEXT_PARAMS = "num_samples, num_features, kernel_width, feature_selection, settle, parts, mask_word"
CHOICES = "auto, forward_selection, highest_weights, lasso_path, none"


class TestBadInput:
    @pytest.mark.parametrize(
        ("instance", "given", "said"),
        [
            ("", {}, "The text is empty: type at least one word."),
            (" \n\t", {}, "The text is empty: type at least one word."),
            ("... !?", {}, "The text has no words, only punctuation or spaces: type at least one word."),
            (LONG, {}, "The text is too long (20,000 words): shorten it to at most 5,000 words."),
            (None, {}, "This task reads text, not NoneType: give one text as a string."),
            (3, {}, "This task reads text, not int: give one text as a string."),
            (["a"], {}, "This task reads text, not list: give one text as a string."),
            ("great", {"target": 2}, "The class index 2 is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": -1}, "The class index -1 is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": "good"}, "The class index 'good' is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": True}, "The class index True is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": 1.0}, "The class index 1.0 is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"seed": -1}, "seed must be a whole number from 0 up, not -1."),
            ("great", {"seed": 1.5}, "seed must be a whole number from 0 up, not 1.5."),
            ("great", {"seed": "a"}, "seed must be a whole number from 0 up, not 'a'."),
            ("great", {"samples": 5}, f"There is no parameter 'samples' here: choose among {TEXT_PARAMS}."),
            ("great", {"discretizer": "quartile"}, f"There is no parameter 'discretizer' here: choose among {TEXT_PARAMS}."),
            ("great", {"num_samples": 49}, "num samples must be between 50 and 100000, not 49."),
            ("great", {"num_samples": 1e9}, "num samples must be between 50 and 100000, not 1e+09."),
            ("great", {"num_samples": 500.5}, "num samples must be a whole number, not 500.5."),
            ("great", {"num_samples": "many"}, "num samples must be a number, not 'many'."),
            ("great", {"num_samples": None}, "num samples must be a number, not 'None'."),
            ("great", {"num_samples": True}, "num samples must be a number, not 'True'."),
            ("great", {"num_samples": float("nan")}, "num samples must be a number, not 'nan'."),
            ("great", {"num_features": 0}, "num features must be between 1 and 50, not 0."),
            ("great", {"num_features": 51}, "num features must be between 1 and 50, not 51."),
            ("great", {"kernel_width": 0}, "kernel width must be between 0.001 and 1e+06, not 0."),
            ("great", {"kernel_width": float("inf")}, "kernel width must be a number, not 'inf'."),
            ("great", {"feature_selection": "best"}, f"feature selection must be one of {CHOICES}, not 'best'."),
            ("great", {"feature_selection": ["auto"]}, f"feature selection must be one of {CHOICES}, not \"['auto']\"."),
            ("great", {"parts": "sentences"}, "parts must be one of words, positions, not 'sentences'."),
            ("great", {"mask_word": 3}, "mask word must be text, not 3."),
            ("great", {"max_calls": 0}, "max_calls must be at least 1: the model has to be asked about the instance itself."),
            ("great", {"max_calls": "5"}, "max_calls must be a whole number, not '5'."),
            ("great", {"max_seconds": 0}, "max_seconds must be more than 0."),
        ],
        ids=lambda v: str(v)[:30],
    )
    def test_text(self, instance, given, said):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared in full)
            explain("lime", text_task(), instance, **given)
        assert sentence(caught.value) == said

    @pytest.mark.parametrize(
        ("change", "given", "said"),
        [
            ({"job": "king"}, {}, "'king' is not a known value of job: choose one of clerk, nurse, smith."),
            ({"job": None}, {}, "The value of job is missing: choose one of its known values (clerk, nurse, smith)."),
            ({"age": float("nan")}, {}, "The value of age is missing: give a number."),
            ({"age": True}, {}, "The value of age must be a number, not 'True'."),
            ({"age": 36.6}, {}, "The value of age must be a whole number, not 36.6."),
            ({"shoes": 43}, {}, "The row has columns the model does not know (shoes): remove them."),
            ({}, {"discretizer": "octile"}, "discretizer must be one of quartile, decile, entropy, none, not 'octile'."),
            ({}, {"sample_around_instance": "yes"}, "sample around instance must be true or false, not 'yes'."),
            (
                {},
                {"discretizer": "entropy"},
                "The entropy discretizer needs labels for the training rows, and this task has none: choose quartile or decile.",
            ),
        ],
        ids=lambda v: str(v)[:30],
    )
    def test_table(self, change, given, said):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared in full)
            explain("lime", table_task(), PERSON | change, **given)
        assert sentence(caught.value) == said

    def test_a_text_is_no_row_and_a_row_is_no_text(self):
        with pytest.raises(ValueError, match="This task reads rows of a table, not str: give a dict of column to value"):
            explain("lime", table_task(), "text")
        with pytest.raises(ValueError, match="This task reads text, not dict: give one text as a string"):
            explain("lime", text_task(), PERSON)

    def test_words_without_spaces_between_them_count_too(self):
        """Else one pasted list fills the memory of the server."""
        with pytest.raises(ValueError, match=r"too long \(9,000 words\): shorten it to at most 5,000 words") as caught:
            explain("lime", text_task(), ",".join(f"w{i}" for i in range(9_000)))
        sentence(caught.value)
        with pytest.raises(ValueError, match="too long"):
            explain("lime_reference", text_task(), "a," * 9_000, parts="positions")

    def test_a_column_missing(self):
        with pytest.raises(ValueError, match="The row has no value for age: give one for"):
            explain("lime", table_task(), {k: v for k, v in PERSON.items() if k != "age"})

    def test_the_model_is_not_asked_about_bad_input(self):
        recorder = Recorder(words_model({}))
        for given in ({"num_samples": 1}, {"seed": -1}, {"nothing": 1}, {"max_calls": 0}):
            with pytest.raises(ValueError, match=" "):
                explain("lime", text_task(recorder), "great", **given)
        assert recorder.rows == 0

    @pytest.mark.parametrize("answer", [np.full((1, 2), np.nan), np.full((1, 3), 1 / 3), np.full((1, 2), 0.9), None])
    def test_a_bad_model(self, answer):
        with pytest.raises(ValueError, match="model") as caught:
            explain("lime", text_task(lambda texts: answer), "great")
        sentence(caught.value)

    def test_a_model_that_turns_bad_in_the_middle(self):
        with pytest.raises(ValueError, match="NaN"):
            explain("lime", text_task(lambda texts: two_classes([0.5 if t == SENTENCE else math.nan for t in texts])), SENTENCE)

    def test_hostile_texts_are_explained(self):
        for text in (
            "<script>alert('x')</script>",
            "\u202eright to left שלום",
            "a\x00b",
            "\ud800 half",
            "é" * 10_000,
            "日本語 の 文",
            "🙂 ok",
        ):
            e = explain("lime", text_task(), text, num_samples=100)
            assert Explanation.from_json(e.to_json()) == e
            for feature, spans in zip(e.payload.features, e.payload.spans, strict=True):
                assert all(text[start:end] == feature for start, end in spans)

    def test_series_do_not_fit_yet(self):
        task = make_task(
            "s", modality="series", predict_proba=lambda a: two_classes([0.5] * len(a)), data=np.zeros((2, 3, 1)), class_names=["a", "b"]
        )
        with pytest.raises(ValueError, match="text, tables and pictures, not series") as caught:
            explain("lime", task, np.zeros((3, 1)))
        sentence(caught.value)

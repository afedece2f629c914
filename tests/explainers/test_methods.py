"""The one verb, its parameters, its forecast, and what is offered for a task."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest

import explainers
from explainers import explain, forecast, make_task, methods
from explainers.engine import CACHE, SPEED
from explainers.methods import checked_params, option, predict, spec
from tests.fixtures.toys import PERSON, SENTENCE, Recorder, people, people_model, sentence, table_task, text_task, two_classes, words_model


class TestOffered:
    def test_for_text_and_tables(self):
        for task in (text_task(), table_task()):
            offered = {m.name: m for m in methods(task)}
            assert set(offered) >= {"lime", "lime_reference"}
            assert offered["lime"].fits is True
            assert offered["lime"].reason == ""
            assert offered["lime"].kind == "attribution"

    def test_what_does_not_fit_says_why(self):
        task = make_task("s", modality="series", predict_proba=lambda a: a, data=np.zeros((1, 3, 1)), class_names=["a", "b"])
        (lime,) = [m for m in methods(task) if m.name == "lime"]
        assert lime.fits is False
        sentence(ValueError(lime.reason))

    def test_params_are_dataclasses_from_which_forms_can_be_made(self):
        for task in (text_task(), table_task()):
            for method in methods(task):
                assert dataclasses.is_dataclass(method.Params)
                method.Params()
                for field in dataclasses.fields(method.Params):
                    assert field.metadata["label"]
                    assert field.metadata["help"].endswith(".")
                    limits = field.metadata
                    if limits.get("many"):
                        assert field.default is None
                        assert set(limits["preset"]) <= set(limits["choices"])
                    elif "choices" in limits:
                        assert field.default in limits["choices"]
                    if "low" in limits and field.default is not None:
                        assert limits["low"] <= field.default <= limits["high"]

    def test_every_default_passes_its_own_check(self):
        for task in (text_task(), table_task()):
            for method in methods(task):
                assert checked_params(method.Params, dataclasses.asdict(method.Params())) == method.Params()

    def test_unknown_method(self):
        for call in (lambda: explain("lemon", text_task(), "x"), lambda: spec("os"), lambda: forecast("lemon", text_task(), "x")):
            with pytest.raises(ValueError, match=r"no method '.*': choose one of lime, ") as caught:
                call()
            sentence(caught.value)


class TestCheckedParams:
    @dataclasses.dataclass(frozen=True)
    class Params:
        whole: int = option(5, "Whole", "Help.", low=1, high=9)
        number: float | None = option(None, "Number", "Help.", low=0.5, high=2)
        yes: bool = option(False, "Yes", "Help.")
        word: str = option("a", "Word", "Help.", choices=("a", "b"))

    @pytest.mark.parametrize(
        ("given", "held"),
        [
            ({}, (5, None, False, "a")),
            ({"whole": 3.0}, (3, None, False, "a")),
            ({"whole": np.int64(3)}, (3, None, False, "a")),
            ({"number": 1}, (5, 1.0, False, "a")),
            ({"yes": np.bool_(True)}, (5, None, True, "a")),
            ({"word": "b"}, (5, None, False, "b")),
        ],
    )
    def test_good(self, given, held):
        values = dataclasses.astuple(checked_params(self.Params, given))
        assert values == held
        assert [type(v) for v in values] == [type(v) for v in held]

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"nothing": 1}, "There is no parameter 'nothing' here: choose among whole, number, yes, word."),
            ({"whole": None}, "whole must be a number, not 'None'."),
            ({"whole": 0}, "whole must be between 1 and 9, not 0."),
            ({"whole": 10}, "whole must be between 1 and 9, not 10."),
            ({"whole": [3]}, "whole must be a number, not '[3]'."),
            ({"number": "x" * 500}, f"number must be a number, not {'x' * 60!r}."),
            ({"number": 0.4}, "number must be between 0.5 and 2, not 0.4."),
            ({"yes": 1}, "yes must be true or false, not 1."),
            ({"yes": None}, "yes must be true or false, not None."),
            ({"word": "c"}, "word must be one of a, b, not 'c'."),
            ({"word": 1}, "word must be one of a, b, not '1'."),
            ({"word": None}, "word must be one of a, b, not 'None'."),
        ],
    )
    def test_bad(self, given, said):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared in full)
            checked_params(self.Params, given)
        assert sentence(caught.value) == said


class TestListOfNames:
    @dataclasses.dataclass(frozen=True)
    class Params:
        kept: list[str] | None = option(None, "Kept", "Help.", choices=("age", "hours, weekly", "sex"), many=True, preset=("sex",))  # noqa: RUF009

    @pytest.mark.parametrize(
        ("given", "held"),
        [
            (None, None),
            ([], []),
            (["sex", "age", "sex"], ["age", "sex"]),
            (("hours, weekly",), ["hours, weekly"]),
            ("age, sex", ["age", "sex"]),
            ("hours, weekly", ["hours, weekly"]),
            ("", []),
            (",", []),
        ],
    )
    def test_good(self, given, held):
        assert checked_params(self.Params, {"kept": given}).kept == held

    @pytest.mark.parametrize("given", [["agee"], "age,agee", [1], 3, {"age": 1}, {"age"}])
    def test_bad(self, given):
        with pytest.raises(ValueError, match="kept must") as caught:
            checked_params(self.Params, {"kept": given})
        sentence(caught.value)


class TestExplain:
    def test_signature_of_the_contract(self):
        parameters = inspect.signature(explainers.explain).parameters
        assert list(parameters)[:3] == ["method", "task", "instance"]
        defaults = {name: parameters[name].default for name in ("target", "seed", "max_calls", "max_seconds", "on_progress", "cancel")}
        assert defaults == {"target": None, "seed": 0, "max_calls": None, "max_seconds": None, "on_progress": None, "cancel": None}
        assert any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    def test_fields(self):
        task = text_task()
        e = explain("lime", task, SENTENCE, seed=np.int64(4), num_samples=60)
        assert (e.method, e.seed, e.task, e.modality, e.class_names) == ("lime", 4, "toy", "text", ["bad", "good"])
        assert type(e.seed) is int
        assert (e.model_name, e.model_fingerprint) == ("model", task.model.fingerprint)
        assert e.target == e.predicted == 1
        np.testing.assert_allclose(e.prediction, [0.35, 0.65])
        assert e.instance == SENTENCE
        assert e.schema_version == 1
        assert e.cost.seconds > 0

    def test_the_instance_is_asked_once(self):
        recorder = Recorder(words_model({}))
        explain("lime", text_task(recorder), SENTENCE, num_samples=60)
        assert [text for batch in recorder.batches for text in batch].count(SENTENCE) == 1
        recorder = Recorder(people_model)
        explain("lime", table_task(recorder), PERSON, num_samples=60, discretizer="none")
        assert sum((batch[list(PERSON)] == list(PERSON.values())).all(axis=1).sum() for batch in recorder.batches) == 1

    def test_two_models_on_the_same_input_are_never_mixed_up(self):
        """A peer showed model A's explanation for model B."""
        a, b = text_task(words_model({"great": 0.3})), text_task(words_model({"great": -0.3}))
        first = explain("lime", a, SENTENCE, target=1)
        second = explain("lime", b, SENTENCE, target=1)
        assert first.payload.values[0] > 0.25
        assert second.payload.values[0] < -0.25
        assert second.cost.calls_made == second.cost.calls_asked

    def test_what_was_computed_is_shared(self):
        task = text_task()
        explain("lime", task, "great dull", num_samples=100)
        assert explain("lime", task, "great dull", seed=1, num_samples=100).cost.calls_made == 0


class TestForecast:
    @pytest.mark.parametrize("given", [{}, {"num_samples": 300}, {"seed": 7, "num_samples": 300}, {"max_calls": 50}])
    @pytest.mark.parametrize(
        ("task", "instance"), [(text_task, SENTENCE), (text_task, "great"), (table_task, PERSON)], ids=["text", "word", "table"]
    )
    def test_calls_are_exact(self, task, instance, given):
        task = task()
        said = forecast("lime", task, instance, **given)
        assert said.calls == explain("lime", task, instance, **given).cost.calls_asked

    def test_of_a_table_whose_rows_repeat(self):
        task = table_task(data=people()[["job", "member"]], predict=lambda f: two_classes(np.full(len(f), 0.5)))
        row = {"job": "nurse", "member": True}
        assert forecast("lime", task, row).calls == explain("lime", task, row).cost.calls_asked == 6

    def test_is_cheap(self):
        """A handful of instances are asked, to time the model."""
        recorder = Recorder(words_model({}))
        forecast("lime", text_task(recorder), SENTENCE)
        assert recorder.rows <= 32
        recorder = Recorder(people_model)
        forecast("lime", table_task(recorder), PERSON)
        assert recorder.rows <= 256

    def test_seconds(self, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr("explainers.engine.time.perf_counter", lambda: clock[0])

        def slow(frame):
            clock[0] += 0.01 * len(frame)
            return people_model(frame)

        task = table_task(slow)
        said = forecast("lime", task, PERSON, num_samples=1000)
        assert said.seconds == pytest.approx(0.01 * said.calls, rel=0.01)
        CACHE.clear()
        assert explain("lime", task, PERSON, num_samples=1000).cost.seconds == pytest.approx(said.seconds, rel=0.05)

    def test_a_model_too_seldom_timed_has_none(self):
        task = text_task()
        assert forecast("lime", task, "great").seconds is None
        assert SPEED.seconds(task.model.fingerprint, 1) is None

    def test_bad_input_is_refused_as_in_explain(self):
        with pytest.raises(ValueError, match="The text is empty"):
            forecast("lime", text_task(), "")
        with pytest.raises(ValueError, match="num samples must be between"):
            forecast("lime", text_task(), "great", num_samples=1)
        with pytest.raises(ValueError, match="max_calls must be"):
            forecast("lime", text_task(), "great", max_calls=0)


class TestPredict:
    def test_checked_and_cached(self):
        recorder = Recorder(people_model)
        task = table_task(recorder)
        np.testing.assert_allclose(predict(task, [PERSON, PERSON]), [[0.2, 0.8]] * 2)
        predict(task, [PERSON])
        assert recorder.rows == 1
        with pytest.raises(ValueError, match="not a known value of job"):
            predict(task, [PERSON | {"job": "king"}])

    def test_all_test_instances(self):
        task = table_task()
        np.testing.assert_allclose(predict(task, task.instances()), people_model(people()))

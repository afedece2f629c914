"""LIME: where limits and a cancel end it, what is shown before its end, and what it warns of."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

from explainers import lime
from explainers.explanation import Explanation
from explainers.methods import explain
from tests.fixtures.lime_cases import CROOKED, ROUGH, crooked_task, rough_task
from tests.fixtures.toys import (
    PERSON,
    SENTENCE,
    Recorder,
    people_model,
    sentence,
    table_task,
    text_task,
    two_classes,
)


class TestLimits:
    @pytest.mark.parametrize(("task", "instance"), [(crooked_task, CROOKED), (table_task, PERSON)], ids=["text", "table"])
    @pytest.mark.parametrize("max_calls", [2, 30, 100])
    def test_max_calls_is_used_up_and_never_passed(self, task, instance, max_calls):
        e = explain("lime", task(), instance, max_calls=max_calls)
        assert (e.status, e.reason) == ("partial", "max_calls")
        assert e.cost.calls_asked == e.cost.calls_made == max_calls
        assert e.payload.samples >= max_calls
        if max_calls == 100:
            assert e.payload.features
        assert any("limit of model calls" in caveat or "Too few samples" in caveat for caveat in e.caveats)

    def test_max_calls_warm_or_cold(self):
        task = crooked_task()
        cold = explain("lime", task, CROOKED, max_calls=100)
        explain("lime", task, CROOKED, seed=9)
        warm = explain("lime", task, CROOKED, max_calls=100)
        assert warm.payload == cold.payload
        assert warm.cost.calls_asked == 100

    def test_one_call(self):
        e = explain("lime", table_task(), PERSON, max_calls=1)
        assert (e.status, e.reason, e.cost.calls_asked) == ("partial", "max_calls", 1)
        assert len(e.payload.features) == 0
        assert e.prediction.tolist() == pytest.approx([0.2, 0.8])
        assert e.caveats == ["Too few samples were drawn to say anything about the parts."]
        assert Explanation.from_json(e.to_json()) == e

    @pytest.mark.parametrize(("task", "instance"), [(crooked_task, CROOKED), (table_task, PERSON)], ids=["text", "table"])
    def test_cancelled_before_the_start(self, task, instance):
        cancel = threading.Event()
        cancel.set()
        e = explain("lime", task(), instance, cancel=cancel)
        assert (e.status, e.reason) == ("partial", "cancelled")
        # A table's instance is asked with the first rows, all of them in the one batch that is always asked.
        assert e.cost.calls_made == (1 if e.modality == "text" else lime.FIRST_CHUNK)
        assert Explanation.from_json(e.to_json()) == e

    def test_cancelled_in_the_middle(self, monkeypatch):
        monkeypatch.setattr(lime, "FAST_CHUNK", -1)
        cancel = threading.Event()
        recorder = Recorder(people_model, before=lambda: cancel.set() if len(recorder.batches) == 4 else None)
        e = explain("lime", table_task(recorder), PERSON, cancel=cancel)
        assert len(recorder.batches) == 4
        assert (e.status, e.reason) == ("partial", "cancelled")
        assert e.payload.samples == 4 * lime.FIRST_CHUNK
        assert e.payload.features
        assert "It was cancelled after 128 samples" in e.caveats[0]

    def test_out_of_time(self, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr("explainers.engine.time.perf_counter", lambda: clock[0])

        def slow(frame: pd.DataFrame) -> np.ndarray:
            clock[0] += 1.0
            return people_model(frame)

        e = explain("lime", table_task(slow), PERSON, max_seconds=2.5)
        assert (e.status, e.reason) == ("partial", "max_seconds")
        assert e.payload.features
        assert e.cost.seconds == 3.0

    def test_enough_calls_are_no_limit(self):
        need = explain("lime", crooked_task(), CROOKED).cost.calls_asked
        e = explain("lime", crooked_task(), CROOKED, max_calls=need)
        assert (e.status, e.reason) == ("complete", "")
        assert explain("lime", crooked_task(), CROOKED, max_calls=need - 1).status == "partial"


class TestProvisional:
    def updates(self, task, instance, monkeypatch, **params) -> tuple[list[Explanation], Explanation]:
        monkeypatch.setattr(lime, "FAST_CHUNK", -1)
        seen: list[Explanation] = []
        return seen, explain("lime", task, instance, on_update=seen.append, **params)

    def test_are_partial_and_say_so(self, monkeypatch):
        seen, final = self.updates(crooked_task(), CROOKED, monkeypatch, num_samples=2000, settle=False)
        assert len(seen) >= 5
        for e in seen:
            assert e.status == "partial"
            assert e.reason == f"still sampling: {e.payload.samples:,} of 2,000 samples"
            top = slice(0, 3)
            assert ((e.payload.low[top] > 0) | (e.payload.high[top] < 0)).all()
            assert Explanation.from_json(e.to_json()) == e
            assert (e.target, e.instance, e.seed, e.model_fingerprint) == (
                final.target,
                final.instance,
                final.seed,
                final.model_fingerprint,
            )
        samples = [e.payload.samples for e in seen]
        assert samples == sorted(set(samples))
        assert samples[-1] < 2000 == final.payload.samples
        assert final.status == "complete"

    def test_nothing_is_shown_before_it_stands_clear_of_zero(self, monkeypatch):
        rng = np.random.default_rng(0)
        noise = text_task(lambda texts: two_classes(0.4 + 0.2 * rng.random(len(texts))))
        seen, final = self.updates(noise, " ".join(f"w{i}" for i in range(40)), monkeypatch, num_samples=600)
        assert final.payload.features
        assert seen == [], "though the largest of 40 words always looks like something"
        constant, _ = self.updates(text_task(lambda texts: two_classes([0.5] * len(texts))), SENTENCE, monkeypatch)
        assert constant == []

    def test_progress_rises_to_one(self):
        seen: list[tuple[float, float | None]] = []
        explain("lime", crooked_task(), CROOKED, on_progress=lambda f, s: seen.append((f, s)))
        fractions = [f for f, _ in seen]
        assert fractions == sorted(fractions)
        assert fractions[0] < 1
        assert fractions[-1] == 1
        assert all(s is None or s >= 0 for _, s in seen)


class TestCaveats:
    def test_a_poor_fit_is_said(self):
        parity = text_task(lambda texts: two_classes([len(t.split()) % 2 for t in texts]))
        e = explain("lime", parity, SENTENCE)
        assert e.quality[0].value < 0.5
        assert any("does more than add its parts up" in caveat for caveat in e.caveats)

    def test_parts_that_may_be_zero_are_counted(self):
        e = explain("lime", rough_task(), " ".join(ROUGH), num_features=20, num_samples=300)
        unsure = int(((e.payload.low <= 0) & (e.payload.high >= 0)).sum())
        assert unsure > 0
        assert any(("One of" if unsure == 1 else f"{unsure} of") in caveat and "could be zero" in caveat for caveat in e.caveats)

    def test_each_is_a_sentence(self):
        parity = text_task(lambda texts: two_classes([len(t.split()) % 2 for t in texts]))
        for caveat in explain("lime", parity, SENTENCE, max_calls=50).caveats:
            sentence(ValueError(caveat))

    def test_nothing_to_warn_of(self):
        assert explain("lime", text_task(), "great dull", target=1).caveats == []

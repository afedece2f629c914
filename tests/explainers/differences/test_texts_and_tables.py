"""Measures of texts, meaning, conditions on columns, groups that a task makes, embeddings that outlive a stopped run."""

import threading

import numpy as np
import pandas as pd
import pytest

import explainers
from explainers.differences.conditions import ConditionProposer, ConditionRanker, Holds
from explainers.differences.groups import groups
from explainers.differences.items import checked, halves
from explainers.differences.stages import Proposal, Session
from explainers.differences.textual import MEASURES, measured
from explainers.engine import CACHE, Limits
from explainers.models.sentences import sentence_encoder
from tests.explainers.test_difference import A, B


def number(text: str, name: str) -> float:
    return measured([text])[0, [m.name for m in MEASURES].index(name)]


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("length", "one two three four", "one two"),
        ("tone", "a moving and funny delight", "a dull and lifeless mess"),
        ("questions", "why ? who ?", "because ."),
        ("exclamations", "buy now!", "buy now."),
        ("digits", "in 1994 and 1995", "in those years"),
        ("capitals", "BUY NOW", "buy now"),
        ("first person", "i think we know", "they think so"),
        ("second person", "you win your prize", "he wins his prize"),
        ("negations", "it isn't and never was", "it is and always was"),
        ("links", "see http://a.b or me@b.org", "see below"),
    ],
)
def test_a_measure_tells_the_ends_apart(name, more, less):
    assert number(more, name) > number(less, name)


def rows(n: int, seed: int, age: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"age": rng.normal(age, 8, n).round(), "sex": rng.choice(["m", "f"], n), "x": rng.normal(size=n)})


class TestTables:
    def test_a_planted_condition_is_found_and_exact(self):
        a, b = rows(80, 0, 55), rows(80, 1, 35)
        d = explainers.explain_difference(a, b, "tabular", descriptions=["age > 45", "sex is m and age <= 30"])
        assert d.payload.candidates[0].description.startswith("age >")
        own = next(c for c in d.payload.candidates if c.description == "age > 45")
        assert own.ranker == "conditions"
        assert 0.5 * (1 + own.share_a - own.share_b) == pytest.approx(own.score)

    @pytest.mark.parametrize(
        ("typed", "score"),
        [
            ("age is 30", 1.0),
            ("age = 30.0", 1.0),
            ("age < 35", 1.0),
            ("age >= 35", 0.0),
            ("member is True", 1.0),
            ("spice is salt and pepper", 1.0),
            ("spice is salt and pepper and age > 40", 0.5),
            ("born > 1990-05-01", 1.0),
        ],
    )
    def test_a_typed_condition_means_what_it_says(self, typed, score):
        a = [{"age": 30, "member": True, "spice": "salt and pepper", "born": pd.Timestamp("1996-02-03")}] * 6
        b = [{"age": 40, "member": False, "spice": "none", "born": pd.Timestamp("1986-02-03")}] * 6
        d = explainers.explain_difference(a, b, "tabular", descriptions=[typed], propose=False)
        assert (d.payload.candidates[0].description, d.payload.candidates[0].score) == (typed, score)

    def test_dates_are_compared_as_dates(self):
        a, b = (pd.DataFrame({"day": pd.date_range(f"{year}-01-01", periods=30)}) for year in (2021, 2020))
        best = explainers.explain_difference(a, b, "tabular").payload.found[0]
        assert (best.description, best.score) == ("day > 2020-01-30", 1.0)

    def test_two_cuts_of_one_column_are_one_description_that_names_the_other(self):
        """Whichever separates better where it was proposed, whatever the other half says."""
        rng = np.random.default_rng(2)
        a, b = (pd.DataFrame({"hours": rng.normal(mean, 8, 120).round(), "x": rng.normal(size=120)}) for mean in (48, 40))
        session = Session(0, Limits(), None)
        halves_ = halves(checked("A", a, "tabular"), checked("B", b, "tabular"), 0, False)[0]
        proposed = ConditionProposer()(*halves_, session)
        of_hours = [p for p in proposed if p.description.startswith("hours >")]
        assert len(of_hours) == 1
        gaps = {
            text: np.subtract(*(ConditionRanker()(Proposal(text, ""), half, session).mean() for half in halves_))
            for text in (of_hours[0].description, *of_hours[0].also)
        }
        assert len(gaps) == 2
        assert max(gaps, key=gaps.get) == of_hours[0].description
        d = explainers.explain_difference(a, b, "tabular")
        found = [c for c in d.payload.candidates if c.description.startswith("hours >") and " and " not in c.description]
        assert [c.also for c in found] == [list(of_hours[0].also)]
        other = of_hours[0].also[0].replace(">", "more than")
        assert f"Stands for “{other}” too: one description, another cut, not tested by itself." in explainers.render.figure(d)
        assert explainers.Explanation.from_json(d.to_json()) == d

    def test_the_two_ends_of_a_column_stay_two(self):
        a = pd.DataFrame({"age": [18.0, 19, 20, 21, 80, 81, 82, 83, 84, 22]})
        b = pd.DataFrame({"age": np.arange(40.0, 50)})
        proposed = ConditionProposer()(checked("A", a, "tabular"), checked("B", b, "tabular"), Session(0, Limits(), None))
        assert {p.test[0].op for p in proposed} == {">", "<="}
        assert not any(p.also for p in proposed)

    def test_pairs_of_columns(self):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame({"p": rng.integers(0, 2, 400).astype(str), "r": rng.integers(0, 2, 400).astype(str)})
        both = (frame["p"] == "1") & (frame["r"] == "1")
        d = explainers.explain_difference(frame[both].to_dict("records"), frame[~both].to_dict("records"), "tabular")
        assert set(d.payload.candidates[0].description.split(" and ")) == {"p is 1", "r is 1"}
        assert d.payload.candidates[0].score == 1

    def test_a_missing_value_meets_only_missing(self):
        frame = pd.DataFrame({"age": [30.0, None]})
        assert Holds("age", ">", 20)(frame).tolist() == [True, False]
        assert Holds("age", "missing")(frame).tolist() == [False, True]

    def test_a_column_that_is_not_there_has_a_sentence(self):
        with pytest.raises(ValueError, match="no column 'height'"):
            explainers.explain_difference(rows(20, 0, 50), rows(20, 1, 30), "tabular", descriptions=["height > 3"])


class TestGroups:
    @pytest.fixture(scope="class")
    @classmethod
    def task(cls):
        return explainers.load_task("income", model="trees")

    def test_right_and_wrong_are_by_the_models_answer(self, task):
        made = groups(task, "right")
        test, labels = task.instances("test"), task.labels("test")
        said = explainers.predict(task, [test[i] for i in made.a[:20]]).argmax(1)
        assert all(s != labels[i] for s, i in zip(said, made.a[:20], strict=True))
        assert not set(made.a) & set(made.b)

    def test_two_models(self, task):
        made = groups(task, "models", other="mlp")
        assert made.names == ("right by Boosted trees alone", "right by Neural network alone")
        with pytest.raises(ValueError, match="Choose a second model"):
            groups(task, "models", other="trees")

    def test_labels_of_another_kind_are_refused(self):
        with pytest.raises(ValueError, match="not the classes of this model"):
            groups(explainers.load_task("animals", model="imagenet"), "right")


class TestStopping:
    def test_what_was_embedded_before_a_stop_is_not_embedded_again(self, tmp_path, monkeypatch):
        encoder, asked = sentence_encoder(), []
        real = encoder.embed
        monkeypatch.setattr(encoder, "embed", lambda batch: (asked.append(len(batch)), real(batch))[1])
        texts_a, texts_b = [f"alpha {t}" for t in A * 6], [f"beta {t}" for t in B * 6]
        texts_a, texts_b = [f"{t} {i}" for i, t in enumerate(texts_a)], [f"{t} {i}" for i, t in enumerate(texts_b)]
        cancel = threading.Event()

        def stop(fraction, left):
            if sum(asked) > 300:
                cancel.set()

        wanted = {"descriptions": ["about fruit"], "propose": False, "cache": str(tmp_path)}
        d = explainers.explain_difference(texts_a, texts_b, "text", cancel=cancel, on_progress=stop, **wanted)
        assert d.status == "partial"
        before = sum(asked)
        asked.clear()
        CACHE.clear()  # as another process would find it: only the folder is left
        d = explainers.explain_difference(texts_a, texts_b, "text", **wanted)
        assert d.status in ("complete", "not_found")
        assert sum(asked) <= len(texts_a) + len(texts_b) + 2 - (before - 300)
        assert b"alpha" not in (tmp_path / "embeddings.sqlite").read_bytes()

    def test_another_description_of_the_same_texts_asks_nothing_again_and_writes_nothing(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        CACHE.clear()
        first = explainers.explain_difference(A, B, "text", descriptions=["about fruit"], propose=False)
        second = explainers.explain_difference(A, B, "text", descriptions=["about fruit", "about cars"], propose=False)
        assert first.cost.calls_made == len(A) + len(B) + 1
        assert second.cost.calls_made == 2
        assert first.payload.candidates[0].score == next(c.score for c in second.payload.candidates if c.description == "about fruit")
        assert not list(tmp_path.iterdir())

    def test_progress_rises_to_one(self):
        told = []
        explainers.explain_difference(A, B, "text", on_progress=lambda fraction, left: told.append(fraction))
        assert told == sorted(told)
        assert told[-1] == pytest.approx(1)


def test_a_typed_phrase_is_seen_wherever_its_very_words_stand():
    words = ["some", "long", "review", "about", "actors", "and", "a", "plot", "that", "goes", "nowhere", "for", "hours", "on", "end"]
    plain = [" ".join(words[i % 7 :]) + f" {i}" for i in range(40)]
    planted = [f"{text[: i % 9]} by the way {text}" for i, text in enumerate(plain)]
    ask = {"descriptions": ["by the way"], "propose": False}
    assert explainers.explain_difference(planted[:20], plain[20:], "text", **ask).payload.candidates[0].score > 0.99
    half = explainers.explain_difference([*planted[:10], *plain[10:20]], [*planted[20:30], *plain[30:]], "text", **ask)
    assert half.payload.candidates[0].score == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("phrase", ["by the way", "not at all", "as a matter of fact", "opinion"])
def test_a_planted_phrase_is_proposed_as_a_whole(phrase):
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    rng = np.random.default_rng(0)
    plain = [" ".join([*rng.permutation(words), f"t{i}"]) for i in range(80)]
    planted = [f"{text[: 1 + text.index(' ')]}{phrase}{text[text.index(' ') :]}" for text in plain[:40]]
    assert explainers.explain_difference(planted, plain[40:], "text").payload.candidates[0].description == phrase

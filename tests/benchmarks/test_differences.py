"""The benchmark of set differences: its judge on cases made by hand, its sets differ only in what is planted, a killed run goes on."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.differences import cases, judge, pictures, run, table, texts
from benchmarks.differences.judge import Cuts, Judge
from explainers import explain_difference

TRUTHS = cases.truths()


def nothing_near(some) -> np.ndarray:
    """Every text in a direction of its own."""
    return np.eye(len(some))


WORDS = Judge(nothing_near, Cuts(0.7, 0.5))


def case(truth: str, level: str | None = None) -> cases.Case:
    return next(c for c in cases.all_cases() if c.truth_a == truth and level in (None, c.level))


@pytest.mark.parametrize(
    ("description", "a", "b", "score"),
    [
        ("birds", "bird", "mammal", 1),
        ("A picture of a bird.", "bird", "mammal", 1),
        ("blurred, out of focus", "blur", "usual", 1),
        ("a water bird", "bird", "mammal", 0.5),
        ("an animal", "bird", "tool", 0.5),
        ("a cow or ox", "cattle", "big_cat", 1),
        ("a cow, sheep or goat", "cattle", "big_cat", 0.5),
        ("an animal", "bird", "mammal", 0),  # as true of B
        ("a mammal", "bird", "mammal", 0),
        ("the object is at the right", "left", "right", 0),
        ("the object is off centre", "left", "right", 0),
        ("something else", "left", "right", 0),
    ],
)
def test_the_judge_on_the_papers_scale(description, a, b, score):
    assert WORDS(description, TRUTHS[a], TRUTHS[b]).score == score


def test_embeddings_decide_where_words_do_not():
    def embed(some):
        return np.array([[1.0, 0.0] if "feather" in text or text == "a bird" else [0.0, 1.0] for text in some])

    verdict = Judge(embed, Cuts(0.7, 0.5, 0.05))("feathers everywhere", TRUTHS["bird"], TRUTHS["fish"])
    assert (verdict.score, verdict.how) == (1, "near")
    assert Judge(embed, Cuts(0.7, 0.5, 0.05))("no feathers", TRUTHS["bird"], TRUTHS["fish"]).score == 0


def test_words_that_all_descriptions_share_do_not_count():
    def embed(some):
        """One direction for every word, "sea" and "ocean" in the same one."""
        words = ["the", "background", "is", "sand", "sea", "usual"]
        rows = np.array([[float(w in text.replace("ocean", "sea").split()) for w in words] for text in some]) + 1e-9
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    sea, usual = cases.Truth("the background is sea", (), ()), cases.Truth("usual", (), ())
    say = Judge(embed, Cuts(0.7, 0.5))
    assert say("the background is sand", sea, usual).score == 0
    assert say("the background is ocean", sea, usual).score == 1


def test_cuts_are_fitted_to_what_was_labelled():
    cuts = judge.fitted([(0.9, 0.1), (0.85, 0.1), (0.6, 0.1), (0.55, 0.2), (0.3, 0.1), (0.8, 0.9)], [1, 1, 0.5, 0.5, 0, 0])
    assert [judge.graded(near, 0.1, cuts) for near in (0.9, 0.57, 0.3)] == [1, 0.5, 0]
    assert judge.graded(0.8, 0.9, cuts) == 0


def test_labelled_pairs_are_many_and_about_known_truths():
    rows = judge.labelled()
    assert len(rows) >= 150
    assert {row.score for row in rows} == set(judge.SCORES)
    assert {row.truth_a for row in rows} | {row.truth_b for row in rows} <= set(TRUTHS)


def test_there_are_enough_pairs_of_each_sort():
    every = cases.all_cases()
    assert len({c.name for c in every}) == len(every)
    assert sum(c.modality == "image" for c in every) >= 60
    assert sum(c.modality == "text" for c in every) >= 30
    assert {c.truth_a for c in every} | {c.truth_b for c in every} <= set(TRUTHS)
    assert all(pictures.pool(s.things) for c in every if c.modality == "image" for s in (c.a, c.b))


def test_both_sets_show_the_same_cut_outs(monkeypatch):
    shown = []
    monkeypatch.setattr(pictures, "composed", lambda side, path, rng: shown.append(path))
    case("blur").sets(0, quick=True)
    assert sorted(shown[:30]) == sorted(shown[30:])
    assert len(set(shown)) > 20


def test_only_the_planted_thing_differs():
    side = pictures.Side("bird", scenes="sea")
    cut_out = pictures.pool("bird")[0]
    plain = pictures.composed(side, cut_out, np.random.default_rng(3))
    grey = pictures.composed(pictures.Side("bird", scenes="sea", style="grey"), cut_out, np.random.default_rng(3))
    assert grey.tobytes() == plain.convert("L").convert("RGB").tobytes()


def test_a_seed_gives_the_same_sets_and_another_seed_others():
    one = case("several")
    first, again, other = ([p.tobytes() for p in one.sets(seed, quick=True)[0]] for seed in (0, 0, 1))
    assert first == again
    assert not set(first) & set(other)


def test_planted_texts_hold_what_is_planted_and_no_text_is_in_both_sets():
    for one in (c for c in cases.all_cases() if c.modality == "text"):
        a, b = one.sets(0, quick=True)
        assert min(len(a), len(b)) >= 25, one.name
        assert not set(a) & set(b)
    a, b = case("phrase_umbrella").sets(0, quick=True)
    assert all("blue umbrella" in text for text in a)
    assert not any("blue umbrella" in text for text in b)
    assert texts._letters("A b-C.") == "abc"


def test_swapping_items_takes_the_difference_away():
    a, b = case("phrase_umbrella").sets(0, quick=True)
    auroc = {}
    for purity in (0.0, 1.0):
        mixed_a, mixed_b = run.mixed(a, b, purity, np.random.default_rng(0))
        assert (len(mixed_a), len(mixed_b)) == (len(a), len(b))
        assert sorted(mixed_a + mixed_b) == sorted(a + b)
        auroc[purity] = run.truth_auroc(case("phrase_umbrella"), mixed_a, mixed_b)
    assert auroc[0.0] == pytest.approx(0.5, abs=0.05)
    assert auroc[1.0] > 0.9


def test_swapping_the_sets_turns_the_planted_phrase_round():
    a, b = case("questions").sets(0, quick=True)
    forth, back = (
        explain_difference(x, y, "text", descriptions=["asks questions"], propose=False).payload.candidates[0].score
        for x, y in ((a, b), (b, a))
    )
    assert back == pytest.approx(1 - forth)


def test_one_pair_and_its_parts_alone(monkeypatch):
    some = {p.name: p for p in run.all_proposers()}
    monkeypatch.setattr(run, "all_proposers", lambda: [some["words"], some["text measures"]])
    monkeypatch.setattr(run, "all_rankers", lambda: [r for r in all_rankers if r.name == "words"])
    all_rankers = run.difference.all_rankers()
    with run.only():
        record = run.run_pair(case("phrase_tuesday"), 0, WORDS, quick=True, ablations=True, purity=False)
    assert record["acc5"] >= record["acc1"]
    assert record["acc1"] == 1
    assert record["ablations"]["words alone proposes"]["acc1"] == 1
    assert record["ablations"]["text measures alone proposes"] == {"acc1": 0.0, "acc5": 0.0, "candidates": 0}


def test_a_killed_run_goes_on(tmp_path, monkeypatch):
    work = run.Work(tmp_path / "work.jsonl")
    work.put("pair 1", {"acc1": 1.0})
    with work.path.open("a") as file:
        file.write('\n{"version": "' + work.version + '", "key": "pair 2", "rec')  # killed while writing
    again = run.Work(work.path)
    assert again.get("pair 1") == {"acc1": 1.0}
    assert again.get("pair 2") is None
    again.put("pair 2", {"acc1": 0.5})
    assert run.Work(work.path).get("pair 2") == {"acc1": 0.5}
    monkeypatch.setattr(run, "version", lambda: "other code")
    assert run.Work(work.path).get("pair 1") is None


def test_the_table_says_what_was_measured():
    records = [{"level": "easy", "kind": "kind", "acc1": x, "acc5": 1.0} for x in (1.0, 0.5, 1.0, 0.5)]
    line = table.summary(records)[0]
    assert line["pairs"] == 4
    assert line["acc1"][0] == 0.75
    assert 0.5 <= line["acc1"][1] < 0.75 < line["acc1"][2] <= 1
    assert "0.75 [" in table.text([line])
    json.dumps(table.summary(records))
    assert table.calibration([{"calibration": "text", "run": i, "found": ["x"] if i == 0 else []} for i in range(40)])[0]["reported"] == 1


def test_what_came_first_is_listed_where_it_was_wrong():
    first = [{"description": "grey", "score": 0.0, "how": "none", "auroc": 0.7, "proposer": "p", "ranker": "r"}]
    record = {"case": "c", "seed": 0, "planted": "a bird", "truth": None, "right at": None, "acc1": 0.0, "acc5": 0.0, "first": first}
    said = table.failures([record, record | {"acc1": 1}])
    assert said.count("planted “a bird”") == 1
    assert "grey" in said

"""What a difference brings with it goes with it, and what stands by itself is left alone."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

import explainers
from explainers import render
from explainers.differences import beside
from explainers.differences.beside import Found, _each, _ends, _middle, _of_phrase, _undenied, _within, strata, stratified
from explainers.differences.items import checked
from explainers.differences.statistics import paired_separation, separation

REVIEWS = explainers.load_task("reviews").instances("test")


def reviews(n: int, seed: int = 3) -> tuple[list[str], list[str]]:
    order = np.random.default_rng(seed).permutation(len(REVIEWS))
    some = [REVIEWS[int(i)] for i in order if 8 <= len(REVIEWS[int(i)].split()) <= 60]
    return some[:n], some[n : 2 * n]


def planted(text: str, phrase: str, rng: np.random.Generator) -> str:
    words = text.split()
    place = int(rng.integers(0, len(words) + 1))
    return " ".join([*words[:place], phrase, *words[place:]])


def told(d: explainers.Explanation) -> dict[str, tuple[str, float | None]]:
    """Of each description found, the one it goes with, and what is left of it."""
    p = d.payload
    return {
        c.description: (p.candidates[p.goes_with[i]].description, c.left)
        for i, c in enumerate(p.candidates)
        if c.q < p.alpha and c.score > 0.5
    }


class TestAPlantedPhrase:
    PHRASE = "at the end of the day"
    TYPED = ("longer texts", "shorter texts", "day", "end", "short words")

    @pytest.fixture
    def pair(self):
        a, b = reviews(80)
        rng = np.random.default_rng(0)
        return [planted(t, self.PHRASE, rng) for t in a], b

    def test_its_words_and_the_length_it_adds_go_with_it(self, pair):
        said = told(explainers.explain_difference(*pair, "text"))
        assert said[self.PHRASE] == (self.PHRASE, None)
        others = {d: to for d, to in said.items() if d != self.PHRASE}
        assert others
        assert {to for to, _ in others.values()} == {self.PHRASE}
        assert all(abs(left - 0.5) < 0.13 for _, left in others.values())

    def test_planted_in_b_it_is_what_a_lacks_that_explains_the_rest(self, pair):
        said = told(explainers.explain_difference(*reversed(pair), "text"))
        lacks = f"without the words ‘{self.PHRASE}’"
        assert {to for d, (to, _) in said.items()} == {lacks}

    def test_a_limit_met_while_that_is_measured_leaves_a_partial_result_that_counts_no_differences(self, pair):
        whole = explainers.explain_difference(*pair, "text")
        stop = threading.Event()
        d = explainers.explain_difference(*pair, "text", on_progress=lambda fraction, left: fraction >= 0.9 and stop.set(), cancel=stop)
        assert (d.status, d.reason, d.payload.goes_with) == ("partial", "cancelled", [])
        assert len(d.payload.found) == len(whole.payload.found) > 1
        said = render.sentence(d)
        assert "how many different things they say was not measured." in said
        assert "difference," not in said

    def test_progress_is_not_at_its_end_before_that_is_measured(self, pair, monkeypatch):
        told_at, cut_at = [], []
        cut = beside._without
        monkeypatch.setattr(beside, "_without", lambda *given: cut_at.append(told_at[-1]) or cut(*given))
        explainers.explain_difference(*pair, "text", on_progress=lambda fraction, left: told_at.append(fraction))
        assert told_at == sorted(told_at)
        assert max(cut_at) < told_at[-1] == 1.0

    def test_a_second_difference_stands_by_itself(self, pair):
        a, b = pair
        a = [f"{t} !" if i % 10 else t for i, t in enumerate(a)]
        said = told(explainers.explain_difference(a, b, "text"))
        assert said["exclaims, with exclamation marks"] == ("exclaims, with exclamation marks", None)


def test_more_of_everything_goes_with_longer_texts():
    a, b = reviews(80)
    a = [" ".join([*a[i].split(), *a[(i + 1) % 80].split(), *a[(i + 2) % 80].split()]) for i in range(80)]
    said = told(explainers.explain_difference(a, b, "text", descriptions=["contains quotations"]))
    longer = next(d for d in ("longer texts", "repeats words") if d in said)
    assert sum(to == longer for to, _ in said.values()) > 0.5 * len(said)


@pytest.mark.parametrize("place", ["start", "middle", "end", "either end"])
def test_what_is_independent_of_length_stands_by_itself_wherever_in_a_text_it_stands(place):
    """A is longer than B by 12 words on average; the phrase is in half of A's texts and a twelfth of B's, long or short."""
    rng = np.random.default_rng(1)
    one, other = reviews(320)
    some = [[*x.split(), *y.split(), *z.split()] for x, y, z in zip(one[:160], other, one[160:], strict=False)]
    a, b = ([t[: int(rng.integers(*ends))] for t in some[k * 80 : k * 80 + 80]] for k, ends in enumerate(((28, 40), (18, 28))))

    def with_phrase(words: list[str], share: float) -> str:
        at = {"start": 0, "middle": len(words) // 2, "end": len(words)}.get(place, len(words) * int(rng.integers(2)))
        return " ".join([*words[:at], *(["zebra", "crossing"] if rng.random() < share else []), *words[at:]])

    sets = [with_phrase(words, 0.5) for words in a], [with_phrase(words, 0.08) for words in b]
    said = told(explainers.explain_difference(*sets, "text", descriptions=["zebra crossing"]))
    assert said["longer texts"] == ("longer texts", None)
    assert said["zebra crossing"] == ("zebra crossing", None)


def test_surplus_words_are_cut_out_of_the_middle_or_off_both_ends():
    text = "One, two three; four five."
    assert [_ends(text, k) for k in (0, 1, 2, 3, 5, 9)] == ["", "One", "One five.", "One, two five.", text, text]
    assert [_middle(text, k) for k in (0, 1, 2, 3, 5, 9)] == ["", "three", "two three", "two three; four", text, text]


def test_no_phrase_is_cut_out_of_a_longer_word():
    assert _of_phrase(("art",))("Art is not party, an art-form, art’s end") == " is not party, an -form, art’s end"
    assert re.sub(r"\s+", " ", _of_phrase(("it's", "fun"))("so It’s  fun here")) == "so here"


class TestTables:
    def test_a_column_that_follows_from_another_goes_with_it_and_one_that_does_not_stands(self):
        rng = np.random.default_rng(1)

        def rows(share: float, cat: float, n: int = 400) -> list[dict[str, object]]:
            old = rng.random(n) < share
            return [{"old": bool(o), "retired": bool(rng.random() < (0.7 if o else 0.1)), "cat": bool(rng.random() < cat)} for o in old]

        a, b = rows(0.7, 0.7), rows(0.2, 0.4)
        said = told(
            explainers.explain_difference(a, b, "tabular", descriptions=["old is True", "retired is True", "cat is True"], propose=False)
        )
        assert said["retired is True"][0] == "old is True"
        assert said["retired is True"][1] == pytest.approx(0.5, abs=0.06)
        assert said["cat is True"] == ("cat is True", None)

    def test_two_cuts_of_one_column_are_one_difference(self):
        rng = np.random.default_rng(3)
        a, b = ([{"price": float(x), "size": float(y)} for x, y in rng.normal((shift, 0), 1, (60, 2))] for shift in (1.2, 0.0))
        d = explainers.explain_difference(a, b, "tabular", descriptions=["price > 0.4", "price > 0.9", "price > 1.4"], propose=False)
        assert len({to for to, _ in told(d).values()}) == 1


def test_within_equals_nothing_is_left_of_what_only_follows():
    rng = np.random.default_rng(2)
    head_a, head_b = rng.normal(1, 1, 300), rng.normal(0, 1, 300)
    follows = head_a + rng.normal(0, 1, 300), head_b + rng.normal(0, 1, 300)
    own = rng.normal(1, 1, 300), rng.normal(0, 1, 300)
    inside = strata(head_a, head_b, None)
    assert stratified(*follows, *inside)[0] == pytest.approx(0.53, abs=0.06)
    score, error, p = stratified(*own, *inside)
    assert score > 0.7
    assert p < 0.001
    assert 0 < error < 0.05


def test_within_equals_hardly_any_difference_of_its_own_is_grouped_and_most_that_only_follow_are():
    """60 items a set, 100 draws: a head in 80 and 30 % of the items; what is there independently in 70 and 30 %; what follows the head in 85 %."""
    rng = np.random.default_rng(0)
    grouped: dict[str, list[bool]] = {"own": [], "follows": []}
    for _ in range(100):
        heads = [(rng.random(60) < share).astype(float) for share in (0.8, 0.3)]
        own = [(rng.random(60) < share).astype(float) for share in (0.7, 0.3)]
        follows = [np.where(rng.random(60) < 0.85, h, 1 - h) for h in heads]
        for name, fits in (("own", own), ("follows", follows)):
            one = Found(None, 0.5, *fits, separation(*fits), len)
            if one.found.p < 0.01:
                grouped[name].append(_within(one, Found(None, 0.5, *heads, separation(*heads), len)) is not None)
    assert np.mean(grouped["own"]) <= 0.02
    assert np.mean(grouped["follows"]) >= 0.8


def test_sets_that_share_no_stratum_say_nothing():
    assert stratified(np.ones(3), np.zeros(3), np.ones(3), np.zeros(3)) == (0.5, float("inf"), 1.0)


def test_of_equal_sets_the_stratified_test_is_the_plain_one():
    """One stratum: Mann-Whitney in the normal approximation, without correction for continuity."""
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 5, 30).astype(float), rng.integers(0, 4, 25).astype(float)
    score, _, p = stratified(a, b, np.zeros(30), np.zeros(25))
    plain = mannwhitneyu(a, b, method="asymptotic", use_continuity=False)
    assert p == pytest.approx(plain.pvalue)
    assert score == pytest.approx(plain.statistic / (30 * 25))


def test_texts_that_were_cut_keep_no_key_of_the_whole():
    items = checked("A", ["one two", "two three", "three four", "four"], "text")
    cut = _each(items, lambda text: text.replace("two", ""))
    assert cut.keys[0] != items.keys[0]
    assert cut.keys[2] == items.keys[2]


def test_a_stricter_level_calls_no_more_of_what_is_left_chance():
    """z follows x, and a little of it is there besides: p about 0.01 within x."""
    rng = np.random.default_rng(5)

    def rows(share: float, more: float, n: int = 150) -> list[dict[str, bool]]:
        x = rng.random(n) < share
        return [{"x": bool(i), "z": bool(k)} for i, k in zip(x, rng.random(n) < np.where(x, 0.75, 0.2) + more, strict=True)]

    a, b = rows(0.9, 0.12), rows(0.2, -0.05)
    for alpha in (0.05, 0.01, 0.001):
        d = explainers.explain_difference(a, b, "tabular", descriptions=["x is True", "z is True"], propose=False, alpha=alpha)
        assert told(d)["z is True"] == ("z is True", None)


@pytest.mark.parametrize("text", ["Not only good but great.", "Is it bad? No. Good film.", "No! A good film", "not bad, good"])
def test_where_nothing_is_denied_nothing_is_cut(text):
    assert _undenied(text, "good", True) == _undenied(text, "good", False) == text


def test_a_denial_is_cut_whole_or_without_the_word():
    text = "It isn’t good, and not a GOOD one; good"
    assert _undenied(text, "good", False) == "It  good, and  a GOOD one; good"
    assert _undenied(text, "good", True) == "It  , and  a  one; good"


class TestPairs:
    def test_of_rows_what_follows_goes_with_it_and_what_does_not_stands(self):
        """Before and after, of the same 200 people: whoever moved to a town rents; that more of them have a cat is another matter."""
        rng = np.random.default_rng(1)
        usual = rng.random((3, 200))

        def rows(town: float, cat: float) -> list[dict[str, object]]:
            here, cats = usual[0] < town, usual[1] < cat
            rents = np.where(here, rng.random(200) < 0.85, rng.random(200) < 0.1)
            return [{"town": bool(t), "rents": bool(r), "cat": bool(c)} for t, r, c in zip(here, rents, cats, strict=True)]

        sets = rows(0.7, 0.7), rows(0.2, 0.3)
        typed = ["town is True", "rents is True", "cat is True"]
        said = told(explainers.explain_difference(*sets, "tabular", descriptions=typed, propose=False, paired=True))
        assert said["rents is True"][0] == "town is True"
        assert said["rents is True"][1] == pytest.approx(0.5, abs=0.08)
        assert (said["town is True"], said["cat is True"]) == (("town is True", None), ("cat is True", None))

    def test_of_pictures_what_less_light_brings_goes_with_it(self):
        """Photographs and the same ones with half the light."""
        b = [p.resize((96, 96)) for p in list(explainers.load_task("animals").instances("test"))[:40]]
        a = [p.point(lambda level: int(level * 0.5)) for p in b]
        typed = ["dark", "dark background", "the object is black"]
        d = explainers.explain_difference(a, b, "image", descriptions=typed, propose=False, paired=True)
        heads = {to for to, _ in told(d).values()}
        assert len(told(d)) == 3
        assert heads == {d.payload.candidates[0].description}

    def test_hardly_any_difference_of_its_own_is_grouped_and_most_that_only_follow_are(self):
        """60 pairs that are alike by 0.6 (correlation), 100 draws: a head that A has more of by 1.2 standard deviations, what is there
        independently by 1, what is the head and noise."""
        rng = np.random.default_rng(0)
        grouped: dict[str, list[bool]] = {"own": [], "follows": []}

        def pair(shift: float) -> tuple[np.ndarray, np.ndarray]:
            usual = np.sqrt(0.6) * rng.normal(size=60)
            return usual + np.sqrt(0.4) * rng.normal(size=60) + shift, usual + np.sqrt(0.4) * rng.normal(size=60)

        for _ in range(100):
            heads, noise = pair(1.2), pair(0.0)
            for name, fits in (("own", pair(1.0)), ("follows", (heads[0] + noise[0], heads[1] + noise[1]))):
                one = Found(None, None, *fits, paired_separation(*fits), len)
                if one.found.p < 0.01:
                    grouped[name].append(_within(one, Found(None, None, *heads, paired_separation(*heads), len), True) is not None)
        assert np.mean(grouped["own"]) <= 0.02
        assert np.mean(grouped["follows"]) >= 0.8

    def test_a_steady_change_within_pairs_is_seen_that_is_small_beside_what_they_differ_in_among_themselves(self):
        rng = np.random.default_rng(3)
        usual = rng.normal(0, 1, 60)
        a, b = usual + 0.2 + rng.normal(0, 0.1, 60), usual + rng.normal(0, 0.1, 60)
        one_stratum = np.zeros(60), np.zeros(60)
        assert stratified(a, b, *one_stratum)[2] > 0.1
        score, error, p = stratified(a, b, *one_stratum, paired=True)
        assert (p < 1e-6, score) == (True, stratified(a, b, *one_stratum)[0])
        assert error < 0.3 * stratified(a, b, *one_stratum)[1]

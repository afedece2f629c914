"""Ranking: one test that tells a true order from luck on a single instance, and luck from luck seldom."""

import dataclasses
import threading

import numpy as np
import pytest

import explainers
from explainers.quality import evaluate, evaluation_forecast
from explainers.render.scores import beats
from explainers.scores.faithful import RANDOM_ORDER
from explainers.scores.ranking import RANKING, moved
from tests.explainers.scores.test_faithful import TEXT, WEIGHTS, asked, ranked, text_task
from tests.fixtures import toys


def ranking(e, task, seed=0):
    return evaluate(e, task, [RANKING], seed=seed)[0]


def test_the_true_order_is_told_from_luck_and_its_reverse_is_as_far_below():
    good, bad = (ranking(*ranked({word: sign * v for word, v in WEIGHTS.items()})) for sign in (1, -1))
    assert beats(good, RANDOM_ORDER) == 1
    assert beats(bad, RANDOM_ORDER) == -1
    assert good.value > 0.1 > -0.1 > bad.value
    assert good.beside[RANDOM_ORDER] == 0
    assert good.high - good.value == pytest.approx(bad.value - bad.low), "both are held against the same random orders"


def test_it_is_insertion_less_deletion():
    """On the fills it uses; with one word that decides, the areas can be worked out: it is there from the first step, or gone from it."""
    task = toys.text_task(toys.words_model({"great": 0.4}, base=0.5), data=["great it was there"], version="1")
    e = explainers.explain("occlusion", task, "great it was there", target=1)
    score = evaluate(e, task, [RANKING], baseline="nothing")[0]
    # Insertion 0.5, 0.9, 0.9, 0.9, 0.9 and deletion 0.9, 0.5, 0.5, 0.5, 0.5, by trapezoids.
    assert score.value == pytest.approx((0.25 * (0.7 + 0.9 * 3)) - (0.25 * (0.7 + 0.5 * 3)), abs=1e-6)


def test_random_maps_are_told_from_luck_about_as_often_as_the_level_says():
    task = text_task()
    e = explainers.explain("occlusion", task, TEXT, target=1)
    signs = []
    for seed in range(150):
        drawn = np.random.default_rng(seed).normal(size=len(e.payload.values))
        made = dataclasses.replace(e, payload=dataclasses.replace(e.payload, values=drawn, low=None, high=None))
        signs.append(beats(ranking(made, task, seed), RANDOM_ORDER))
    assert np.mean([sign != 0 for sign in signs]) < 0.10  # 5 % wanted; binomial, 150 draws
    assert np.mean([sign == 1 for sign in signs]) < 0.06


def test_it_costs_no_more_than_is_said_and_shares_what_deletion_asked():
    e, task = ranked(WEIGHTS)
    alone, both = (evaluation_forecast(e, task, names).calls for names in ([RANKING], ["deletion", "insertion", RANKING]))
    deletion = evaluation_forecast(e, task, ["deletion", "insertion"]).calls
    assert both < alone + deletion
    assert 0.8 * alone <= asked(e, task, [RANKING]) <= alone
    assert 0.8 * both <= asked(e, task, ["deletion", "insertion", RANKING]) <= both


def of_words(many):
    """A text of so many words that all count, and a hundred others that may stand in their place."""
    given, others = ([f"{start}{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(100)] for start in "wz")
    text = " ".join(given[:many])
    predict = toys.words_model(dict.fromkeys(given[:many], 0.5 / many), base=0.2)
    task = toys.text_task(predict, data=[text], train=[" ".join(others)], version=f"{many} words")
    return explainers.explain("occlusion", task, text, target=1), task


@pytest.mark.parametrize("words", [2, 4, 7, 25])
def test_what_is_said_holds_for_few_words_and_is_not_many_times_too_much(words):
    e, task = of_words(words)
    for names, most in (([RANKING], 2), (["deletion", "insertion", RANKING], 2.5)):
        made = asked(e, task, names)
        assert made <= evaluation_forecast(e, task, names).calls <= most * made


def test_copies_of_insertion_are_counted_once_where_the_steps_are_uneven():
    """25 words in ten steps: 3, 5, 8 and so on, from either end."""
    e, task = of_words(25)
    of_both = evaluation_forecast(e, task, ["deletion", "insertion", RANKING]).calls
    alone = evaluation_forecast(e, task, [RANKING]).calls
    # Deletion and insertion bring two fills more: the map's and the random order's nine steps each way, and the fill itself.
    assert of_both - alone == 2 * (2 * 9 + 9 + 1)


def test_a_map_whose_numbers_are_all_the_same_is_never_told_from_luck():
    e, task = ranked(dict.fromkeys(WEIGHTS, 1.0))
    assert [beats(ranking(e, task, seed), RANDOM_ORDER) for seed in range(20)] == [0] * 20


def test_a_cancel_in_the_midst_of_it_says_so():
    e, task = ranked(WEIGHTS)
    stop = threading.Event()
    with pytest.raises(ValueError, match="stopped before they were done"):
        evaluate(e, task, [RANKING], cancel=stop, on_progress=lambda share, left: stop.set() if share > 0.3 else None)


class TestOfPictures:
    def test_the_rivals_are_the_map_itself_elsewhere(self):
        cells = np.arange(12.0).reshape(3, 4)
        for seed in range(20):
            made = moved(cells, np.random.default_rng(seed))
            assert sorted(made.ravel()) == sorted(cells.ravel())
            rows = [set(row) for row in made.tolist()]
            assert all(set(row) in rows for row in cells.tolist()), "what lay in one row still does"

    def test_a_map_of_the_object_is_told_from_the_same_map_elsewhere(self):
        task = toys.picture_task(data=[toys.red_square(56)], train=[toys.red_square(56).rotate(90 * i) for i in (1, 2, 3)], version="1")
        e = explainers.explain("occlusion", task, task.instances()[0], target=1)
        good = ranking(e, task)
        away = dataclasses.replace(e, payload=dataclasses.replace(e.payload, map=np.roll(e.payload.map, (28, 28), (0, 1))))
        assert good.value > good.beside[RANDOM_ORDER]
        assert ranking(away, task).value < good.value
        assert "moved to other places" in good.meaning
        assert asked(e, task, [RANKING]) <= evaluation_forecast(e, task, [RANKING]).calls

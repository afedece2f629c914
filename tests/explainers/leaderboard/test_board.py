"""What a board says of scores whose answer is known: who is first, what can be told, what cannot."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.leaderboard import Board, Column, Leaderboard, Setup, Unit, as_csv, as_text, board, joined, result
from explainers.leaderboard.aggregate import difference, mean_interval
from explainers.leaderboard.artifact import RANDOM
from explainers.leaderboard.chart import chart
from explainers.leaderboard.telling import record
from tests.fixtures.boards import built
from tests.fixtures.toys import sentence

DELETION = Column("deletion", False, "How much is left.", 0.0, 1.0)


def setup(methods: dict[str, str], n: int = 60) -> Setup:
    titles = {name: (title, {}) for name, title in methods.items()}
    return Setup("toy/m", "toy", "m", "Toys", "Sums", "text", "f" * 64, [f"{i:064d}" for i in range(n)], 8, f"{n} toys", titles)


def units(method: str, values: np.ndarray, edges: float | None = None, column: Column = DELETION) -> list[Unit]:
    beside = {} if edges is None else {column.name: {"edges": edges}}
    return [Unit(method, i, {column.name: float(v)}, beside, {column.name: column}, 10, 0.1) for i, v in enumerate(values)]


def toy(n: int = 60, apart: float = 0.3) -> Board:
    """ "best" is `apart` under random on every instance, "even" is random with other noise, "worst" lies over it; edges stand at 0.45."""
    rng = np.random.default_rng(0)
    level, noise = rng.uniform(0.4, 0.6, n), lambda: rng.normal(0, 0.02, n)
    made = [
        *units(RANDOM, level, 0.45), *units("best", level - apart + noise()), *units("even", level + noise()), *units("worst", level + 0.3),
    ]  # fmt: skip
    return board(setup({"even": "Even", "worst": "Worst", "best": "Best", RANDOM: "Random map"}, n), made)


class TestWhoIsFirst:
    def test_the_method_known_to_be_best_is_first_and_surely(self):
        assert toy().sorted_rows("deletion")[0].name == "best"
        assert toy().row("best").cells["deletion"].place == (1, 1)  # type: ignore[union-attr]
        assert toy().row("worst").cells["deletion"].place == (4, 4)  # type: ignore[union-attr]

    def test_what_cannot_be_told_apart_shares_its_places(self):
        for name in ("even", RANDOM):
            assert toy().row(name).cells["deletion"].place == (2, 3)  # type: ignore[union-attr]

    def test_direction_turns_the_order_round(self):
        rng = np.random.default_rng(1)
        column = replace(DELETION, higher_is_better=True)
        low, high = rng.uniform(0, 0.1, 20), rng.uniform(0.8, 0.9, 20)
        found = board(setup({"a": "A", RANDOM: "R"}, 20), [*units("a", high, column=column), *units(RANDOM, low, column=column)])
        assert found.sorted_rows("deletion")[0].name == "a"
        assert found.row("a").cells["deletion"].against[RANDOM].better(True)  # type: ignore[union-attr]

    def test_end_to_end_the_exact_method_of_a_linear_model_beats_random(self, tmp_path: Path):
        found = built(tmp_path / "w.jsonl").boards[0]
        rows = [row.name for row in found.sorted_rows("deletion") if not row.rival]
        assert rows[-1] == RANDOM
        apart = found.row("occlusion").cells["deletion"].against[RANDOM]  # type: ignore[union-attr]
        assert apart.better(False)


class TestSentences:
    def test_says_who_beats_random_who_is_first_and_what_edges_reach(self):
        said = result(toy(), "deletion")
        assert said[0] == "On Toys with Sums, 1 of 3 methods surely beats random numbers on deletion; worse than random: Worst."
        assert said[1].startswith("Best has the best mean, 0.2")
        assert said[1].endswith("and is surely ahead of every other method.")
        assert (
            said[2]
            == "An edge detector, which knows nothing of the model, reaches 0.450: 1 of 3 methods surely beats it, and 2 are surely worse."
        )

    def test_random_numbers_before_all_others_make_nobody_the_surely_first(self):
        numbers = {RANDOM: np.zeros(8), "a": np.linspace(0.3, 0.6, 8), "b": np.linspace(0.6, 0.3, 8)}
        found = board(
            setup({"a": "A", "b": "B", RANDOM: "R"}, 8), [u for name, x in numbers.items() for u in units(name, x + 0.01 * (name == "b"))]
        )
        assert found.row("b").cells["deletion"].place == (2, 3)  # type: ignore[union-attr]
        assert result(found, "deletion")[1].endswith("but B may be as good.")

    def test_the_record_of_a_method_is_told_in_a_sentence(self):
        found = board(setup({"a": "A", RANDOM: "R"}, 8), [*units("a", np.full(8, 0.1)), *units(RANDOM, np.linspace(0.4, 0.6, 8))])
        assert record(found, "a") == "over 8 instances A surely beats random numbers on deletion."
        assert record(found, RANDOM) == ""
        assert record(found, "none such") == ""

    def test_those_level_at_the_best_mean_share_it(self):
        found = board(setup({"a": "A", "b": "B", RANDOM: "R"}, 8), [u for n in ("a", "b") for u in units(n, np.full(8, 0.1))])
        assert result(found, "deletion")[1] == "A and B share the best mean, 0.100."

    def test_does_not_rank_what_overlaps(self):
        said = " ".join(result(toy(n=3, apart=0.01), "deletion"))
        assert "none of 3 methods surely beats random" in said
        assert "surely ahead" not in said

    def test_random_numbers_are_no_rival_where_they_cannot_but_win(self):
        column = Column("sensitivity to noise", False, "", 0.0, None)
        made = [*units(RANDOM, np.zeros(8), column=column), *units("a", np.full(8, 0.4), column=column)]
        found = board(setup({"a": "A", RANDOM: "R"}, 8), made)
        assert not found.row("a").cells[column.name].against  # type: ignore[union-attr]
        assert found.row("a").cells[column.name].place == (1, 1)  # type: ignore[union-attr]
        assert "no line to beat" in result(found, column.name)[0]

    def test_a_map_that_does_not_change_with_the_weights_is_flagged(self):
        column = Column("change under random weights", True, "", 0.0, 1.0)
        found = board(
            setup({"a": "A", "b": "B"}, 8), [*units("a", np.full(8, 0.1), column=column), *units("b", np.full(8, 0.9), column=column)]
        )
        assert [row.name for row in found.rows if row.flagged] == ["a"]

    def test_text_and_csv_name_every_method_score_and_direction(self):
        text = as_text(Leaderboard("2026-01-01", "", 0, 300, {}, "", [toy()]))
        assert "deletion ↓ (lower is better)" in text
        assert all(name in text for name in ("Best", "Even", "Worst", "Random map", "[Edge detector]", "1 of 3"))
        assert as_csv(toy()).count("\n") == 6
        assert "toy/m,best,0,deletion,lower is better," in as_csv(toy())

    def test_the_chart_marks_the_line_to_beat_and_has_no_name_as_code(self):
        drawn = json.dumps(chart(toy(), "deletion").to_dict())
        assert "knows nothing of the model" in drawn
        assert "lower is better" in drawn


class TestIntervals:
    def test_a_mean_by_hand(self):
        mean, low, high = mean_interval(np.array([0.1, 0.2, 0.3]), 0.0, 1.0)
        assert mean == pytest.approx(0.2)
        assert low == 0.0  # 0.2 - 4.303 * 0.1 / sqrt 3 = -0.048, cut to what the score can be
        assert high == pytest.approx(0.2 + 4.3027 * 0.1 / math.sqrt(3), abs=1e-4)

    def test_all_hits_are_not_certainty(self):
        mean, low, high = mean_interval(np.ones(60), 0.0, 1.0, hits=True)
        assert (mean, high) == (1.0, 1.0)
        assert low is not None
        assert 0.9 < low < 1.0

    def test_one_instance_has_no_interval(self):
        assert mean_interval(np.array([0.3]), 0.0, 1.0) == (0.3, None, None)

    def test_differences_are_paired_by_instance(self):
        found = difference({0: 0.9, 1: 0.2, 2: 0.6, 7: 5.0}, {1: 0.1, 0: 0.8, 2: 0.5, 9: 1.0})
        assert found is not None
        assert found.n == 3
        assert found.mean == pytest.approx(0.1)
        assert found.high == pytest.approx(0.1)  # levels differ, differences do not

    @given(st.lists(st.floats(0, 1), min_size=2, max_size=30), st.integers(0, 5))
    def test_the_order_of_units_does_not_matter(self, values: list[float], seed: int):
        made = [*units(RANDOM, np.array(values), 0.3), *units("a", np.array(values[::-1]))]
        shuffled = [made[i] for i in np.random.default_rng(seed).permutation(len(made))]
        of = setup({"a": "A", RANDOM: "R"}, len(values))
        assert board(of, made) == board(of, shuffled)

    @given(st.lists(st.lists(st.integers(0, 1000).map(lambda i: i / 1000), min_size=3, max_size=3), min_size=2, max_size=12))
    def test_places_lie_within_the_number_of_methods_and_the_best_mean_can_be_first(self, table: list[list[float]]):
        columns = np.array(table).T
        found = board(
            setup({"a": "A", "b": "B", "c": "C"}, len(table)), [u for n, c in zip("abc", columns, strict=True) for u in units(n, c)]
        )
        rows = found.sorted_rows("deletion")
        assert all(1 <= row.cells["deletion"].place[0] <= row.cells["deletion"].place[1] <= 3 for row in rows)  # type: ignore[index]
        assert rows[0].cells["deletion"].place[0] == 1  # type: ignore[index]


class TestArtifact:
    @pytest.fixture
    def kept(self) -> Leaderboard:
        return Leaderboard("2026-01-01", "a command", 0, 300, {"numpy": "2"}, "abc", [toy()])

    def test_comes_back_as_it_was(self, kept: Leaderboard):
        again = Leaderboard.from_json(kept.to_json())
        assert again.to_json() == kept.to_json()
        assert again.digest == kept.digest
        assert again.boards[0].sorted_rows("deletion")[0].name == "best"

    def test_seconds_and_date_are_not_what_it_says(self, kept: Leaderboard):
        rows = [replace(row, seconds=99.0) for row in kept.boards[0].rows]
        other = replace(kept, made="2027-02-02", boards=[replace(kept.boards[0], rows=rows)])
        assert other.digest == kept.digest

    def test_boards_built_apart_are_joined_in_the_order_wanted_and_the_later_wins(self, kept: Leaderboard):
        other = replace(kept, made="2026-01-03", command="another", boards=[replace(kept.boards[0], name="a/b")])
        newer = replace(kept, boards=[replace(kept.boards[0], what="newer")])
        found = joined([kept, other, newer], ["a/b", "toy/m"])
        assert [(board.name, board.what) for board in found.boards] == [("a/b", "60 toys"), ("toy/m", "newer")]
        assert (found.made, found.command) == ("2026-01-03", "a command; another")
        assert Leaderboard.from_json(found.to_json()).digest == found.digest

    def test_what_was_built_differently_is_not_joined(self, kept: Leaderboard):
        with pytest.raises(ValueError, match="their code is not the same") as problem:
            joined([kept, replace(kept, code="def")])
        sentence(problem.value)

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (lambda text: text[:200], "not JSON"),
            (lambda text: text.replace('"schema_version": 1', '"schema_version": 2'), "not valid"),
            (lambda text: text.replace('"mean":0.2', '"mean":0.1'), "changed after it was built"),
            (lambda text: text.replace('"most_calls":10', '"most_calls":301'), "more than the 300 allowed"),
            (lambda text: text.replace('"mean":0.45', '"mean":NaN'), "not JSON"),
            (lambda text: "[]", "not valid"),
        ],
    )
    def test_a_spoilt_file_is_refused_with_a_sentence(self, kept: Leaderboard, spoil, said: str):
        spoilt = spoil(kept.to_json())
        assert spoilt != kept.to_json()
        with pytest.raises(ValueError, match=said) as problem:
            Leaderboard.from_json(spoilt)
        sentence(problem.value)

    def test_a_missing_file_is_a_sentence(self, tmp_path: Path):
        with pytest.raises(ValueError, match="There is no leaderboard yet") as problem:
            Leaderboard.load(tmp_path / "none.json")
        sentence(problem.value)

"""The leaderboard's page, from a small artifact of known numbers, and without one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explainers.leaderboard import Leaderboard, as_csv, table
from tests.fixtures.boards import built
from tests.pages.visit import app, words
from ui import leaderboard_page
from ui.words import plain

PAGE = "pages/leaderboard.py"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leaderboard")
    made = built(folder / "work.jsonl")
    (folder / "leaderboard.json").write_text(made.to_json(), encoding="utf8")
    return folder / "leaderboard.json"


def visit(monkeypatch: pytest.MonkeyPatch, path: Path, **query: str):
    monkeypatch.setattr(leaderboard_page, "BUNDLED", path)
    return app(PAGE, **query)


def tables(at: AppTest) -> list[str]:
    """The tables of the page, as HTML."""
    return [one.proto.body for one in at.get("html") if "ft-board" in one.proto.body]


class TestLeaderboard:
    def test_says_who_beats_random_and_what_it_does_not_say(self, artifact: Path, monkeypatch: pytest.MonkeyPatch):
        at = visit(monkeypatch, artifact)
        said = words(at)
        assert "beat random numbers on deletion" in said
        assert "the best mean" in said
        assert "Not which map is right" in said
        assert "python -m benchmarks.leaderboard" in [code.value for code in at.code]
        assert "6 toy sentences" in said

    def test_every_score_is_in_the_table_under_a_short_heading_that_is_said_in_full(self, artifact: Path, monkeypatch: pytest.MonkeyPatch):
        at = visit(monkeypatch, artifact)
        board = Leaderboard.load(artifact).boards[0]
        one, every, cost = tables(at)
        assert "deletion ↓" in every
        assert "<td>6</td>" in one, "over how many instances"
        for column in board.columns:
            assert f">{table.short(column)}</th>" in every, column.name
            assert plain(column.meaning) in words(at), column.name
        assert all(f">{row.title}</th>" in every for row in board.rows)
        assert "300" not in cost

    def test_the_mark_is_said_to_leave_out_random_numbers_and_rivals(self, artifact: Path, monkeypatch: pytest.MonkeyPatch):
        said = words(visit(monkeypatch, artifact))
        assert f"{table.FIRST}: no other method is surely ahead of this one" in said
        assert "Names in italics are no methods" in said

    def test_boards_of_every_task_open_by_their_address(self, artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """As many as there may come: the list of boards is no list of ours."""
        found = Leaderboard.load(artifact)
        many = [dataclasses.replace(found.boards[0], name=f"toy/m{i}", model=f"m{i}", model_title=f"Sums {i}") for i in range(7)]
        path = tmp_path / "leaderboard.json"
        path.write_text(dataclasses.replace(found, boards=many).to_json())
        at = visit(monkeypatch, path, board="toy/m6")
        assert len(at.selectbox[0].options) == 7
        assert "with Sums 6" in words(at)
        assert as_csv(*many).count("toy/m6,lime,") == as_csv(found.boards[0]).count("toy/m,lime,") > 0

    def test_an_address_opens_a_score_and_a_wrong_one_the_page(self, artifact: Path, monkeypatch: pytest.MonkeyPatch):
        assert "on insertion" in words(visit(monkeypatch, artifact, board="toy/m", score="insertion"))
        assert "on deletion" in words(visit(monkeypatch, artifact, board="<b>", score="none such"))

    def test_each_score_can_be_chosen(self, artifact: Path, monkeypatch: pytest.MonkeyPatch):
        at = visit(monkeypatch, artifact)
        for column in Leaderboard.load(artifact).boards[0].columns:
            at.selectbox[1].set_value(column.name).run()
            assert not at.exception, at.exception
            assert f"on {column.name}" in words(at)

    def test_without_an_artifact_a_sentence_says_how_to_build_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        said = words(visit(monkeypatch, tmp_path / "none.json"))
        assert "There is no leaderboard yet: build it with python" in said.replace("\\", "")

    @pytest.mark.parametrize(("text", "said"), [("{", "not JSON"), ("{}", "not valid")])
    def test_a_broken_or_empty_one_is_said(self, text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = tmp_path / "leaderboard.json"
        path.write_text(text)
        assert said in words(visit(monkeypatch, path))

    def test_one_without_boards_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = tmp_path / "leaderboard.json"
        path.write_text(Leaderboard("2026-01-01", "", 0, 300, {}, "", []).to_json())
        assert "The leaderboard is empty" in words(visit(monkeypatch, path))

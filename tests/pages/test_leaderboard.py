"""The leaderboard's page, from a small artifact of known numbers, and without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from explainers.leaderboard import Leaderboard
from tests.fixtures.boards import built
from tests.pages.visit import app, words
from ui import leaderboard_page

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


class TestLeaderboard:
    def test_says_who_beats_random_and_what_it_does_not_say(self, artifact: Path, monkeypatch: pytest.MonkeyPatch):
        at = visit(monkeypatch, artifact)
        said = words(at)
        assert "beat random numbers on deletion" in said
        assert "the best mean" in said
        assert "Not which map is right" in said
        assert "python -m benchmarks.leaderboard" in [code.value for code in at.code]
        assert "6 toy sentences" in said

    def test_every_header_has_its_direction_and_every_cell_its_n(self, artifact: Path, monkeypatch: pytest.MonkeyPatch):
        at = visit(monkeypatch, artifact)
        one, every = at.dataframe[0].value, at.dataframe[1].value
        assert "deletion ↓ (lower is better)" in one.columns
        assert (one["instances"] == 6).all()
        scores = [column.name for column in Leaderboard.load(artifact).boards[0].columns]
        for score in scores:
            assert any(header.startswith(score) and "is better" in header for header in every.columns), score
        assert {"calls a map", "most calls", "instances"} <= set(every.columns)
        assert every["most calls"].max() <= 300

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

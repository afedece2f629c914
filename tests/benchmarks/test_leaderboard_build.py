"""The build: a kill loses nothing that matters, stale work is not used, no map costs more than it may."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import _board_build as build
from benchmarks import leaderboard as command
from benchmarks._board_settings import BOARDS, MAX_CALLS, SETTINGS
from explainers.leaderboard import Leaderboard
from explainers.methods import checked_params, method_names, spec
from tests.fixtures.boards import METHODS, TEXTS, built, plan

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Leaderboard, Path]:
    work = tmp_path_factory.mktemp("board") / "work.jsonl"
    return built(work), work


class TestKilled:
    def test_killed_in_the_middle_and_resumed_gives_the_same_board(self, undisturbed: tuple[Leaderboard, Path], tmp_path: Path):
        work, out = tmp_path / "work.jsonl", tmp_path / "out.json"
        run = [sys.executable, "-m", "tests.fixtures.boards", str(work), str(out), "0.3"]
        process = subprocess.Popen(run, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        for _ in range(600):
            if work.exists() and work.read_bytes().count(b"\n") >= 4:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        made = work.read_bytes().count(b"\n")
        assert 4 <= made < len(build.todo([plan()])), "the kill came too late to test anything"
        assert not out.exists()
        with work.open("ab") as file:
            file.write(b'{"key": "half a li')  # as a kill in the middle of a write would leave it
        assert built(work).digest == undisturbed[0].digest
        lines = [json.loads(line) for line in work.read_text().splitlines()]
        assert len(lines) == len({line["key"] for line in lines}) == len(build.todo([plan()]))

    def test_what_is_done_is_not_made_again(self, undisturbed: tuple[Leaderboard, Path], monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(build, "make", lambda one: pytest.fail(f"{one.method} was made again"))
        assert built(undisturbed[1]).digest == undisturbed[0].digest


class TestReproducible:
    def test_twice_the_same(self, undisturbed: tuple[Leaderboard, Path], tmp_path: Path):
        again = built(tmp_path / "other.jsonl")
        assert again.digest == undisturbed[0].digest

    def test_another_seed_is_another_board(self, undisturbed: tuple[Leaderboard, Path], tmp_path: Path):
        assert built(tmp_path / "other.jsonl", replace(plan(), seed=1)).digest != undisturbed[0].digest


class TestStale:
    @pytest.mark.parametrize("what", ["params", "scores", "method", "seed", "limit"])
    def test_what_numbers_depend_on_is_in_the_key(self, what: str, monkeypatch: pytest.MonkeyPatch):
        before = {one.key for one in build.todo([plan()]) if one.method == "lime"}
        given = plan()
        if what == "params":
            given = replace(given, settings={"lime": {"num_samples": 101, "num_features": None, "parts": "positions"}})
        elif what in ("scores", "method"):
            monkeypatch.setattr(build, f"{what}_code", lambda *a: "changed")
        else:
            given = replace(given, **({"seed": 1} if what == "seed" else {"max_calls": 299}))
        assert not before & {one.key for one in build.todo([given]) if one.method == "lime"}

    def test_comments_and_layout_are_not(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(build, "_ROOT", tmp_path)
        found = []
        for text in ('"""One."""\nx = 1\n', '"""Two."""\n# why\nx  =  1\n', "x = 2\n"):
            (tmp_path / "a.py").write_text(text)
            build.code_of.cache_clear()
            found.append(build.code_of("a.py"))
        build.code_of.cache_clear()
        assert found[0] == found[1] != found[2]


class TestCost:
    def test_every_map_keeps_to_its_calls(self, undisturbed: tuple[Leaderboard, Path]):
        rows = [row for row in undisturbed[0].boards[0].rows if not row.rival]
        assert [row.name for row in rows] == list(METHODS)
        assert all(row.most_calls is not None and 1 <= row.most_calls <= MAX_CALLS for row in rows)

    def test_a_low_limit_is_kept_and_said(self, tmp_path: Path):
        board = built(tmp_path / "w.jsonl", plan(max_calls=60, methods=["lime"], steady=0)).boards[0]
        lime = board.row("lime")
        assert lime is not None
        assert lime.most_calls == 60
        assert lime.partial == len(TEXTS)

    @pytest.mark.parametrize("name", ["planted/function", "income/mlp", "reviews/bilstm", "animals/biased"])
    def test_settings_are_ones_that_the_methods_take(self, name: str):
        given = BOARDS[name](1, 0)
        for method, (_, params) in given.chosen.items():
            checked_params(spec(method).params_for(given.task), params)

    def test_settings_name_methods_that_exist(self):
        assert set(SETTINGS) <= set(method_names())


class TestBugs:
    def test_a_method_that_breaks_does_not_stop_the_others_and_is_tried_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        plainly = build.make

        def breaks(one: build.Todo) -> dict:
            if one.method == "occlusion":
                raise ZeroDivisionError("a bug")
            return plainly(one)

        monkeypatch.setattr(build, "make", breaks)
        board = built(tmp_path / "w.jsonl").boards[0]
        row = board.row("occlusion")
        assert row is not None
        assert row.failed == len(TEXTS)
        assert not row.cells
        monkeypatch.setattr(build, "make", plainly)
        row = built(tmp_path / "w.jsonl").boards[0].row("occlusion")
        assert row is not None
        assert row.failed == 0
        assert row.cells


class TestCommand:
    def test_prints_forecast_board_and_the_artifact_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        monkeypatch.setitem(BOARDS, "toy/m", lambda instances, seed: replace(plan(), rows=list(range(instances)), seed=seed))  # type: ignore[arg-type]
        monkeypatch.setattr(os, "nice", lambda by: None)
        out = tmp_path / "board.json"
        arguments = ["--tasks", "toy/m", "--instances", "3", "--steady", "1", "--out", str(out), "--work", str(tmp_path / "w.jsonl")]
        assert command.main([*arguments, "--forecast"]) == 0
        assert "Forecast: about" in capsys.readouterr().err
        assert not out.exists()
        assert command.main(arguments) == 0
        printed = capsys.readouterr().out
        assert "deletion ↓ (lower is better)" in printed
        assert Leaderboard.load(out).boards[0].instances == 3
        assert command.main(["--print", "--out", str(out)]) == 0
        assert capsys.readouterr().out == printed

    def test_printing_what_is_not_there_is_a_sentence(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        assert command.main(["--print", "--out", str(tmp_path / "none.json")]) == 1
        assert "There is no leaderboard yet" in capsys.readouterr().err

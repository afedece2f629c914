"""Short forms of the bars in benchmarks/studies: crowds, repeated sendings, killed writers. No time is asserted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import studies
from benchmarks.studies import __main__ as command
from benchmarks.studies import arrivals, exactly_once, kill, whole
from benchmarks.studies.bars import Bar, small, table
from benchmarks.studies.people import together
from studies.placeholders import placeholder_materials

TIMES = "seconds"  # bars of wall time are the programs', not the tests'


def missed(bars: list[Bar]) -> list[Bar]:
    return [bar for bar in bars if not bar.met and bar.name != TIMES]


def test_a_crowd_in_two_tabs_each_gets_one_place_each_in_order_and_the_naive_way_does_not(tmp_path):
    bars = arrivals.run(tmp_path, people=40, seconds=0.5)
    assert not missed(bars)
    naive = bars[-1]
    assert naive.name.startswith("count, then insert")
    assert "people twice" in str(naive.found)


def test_every_sending_but_the_first_is_repeated_or_stale(tmp_path):
    assert not missed(exactly_once.run(tmp_path, people=2, design=small(2, learn=1, forward=2, attention=1)))


def test_what_was_acknowledged_outlives_killed_writers(tmp_path):
    bars = kill.run(tmp_path, kills=12, planned=60, latest=0.6)
    assert not [bar for bar in missed(bars) if bar.name != "people and answers acknowledged"], "a busy disk acknowledges few"


def test_a_whole_study_by_api_is_complete(tmp_path):
    assert not missed(whole.run(tmp_path, people=3, design=small(3)))


def test_processes_that_open_a_new_store_at_once_share_one_key(tmp_path):
    prints = together([lambda: studies.Store(f"sqlite:///{tmp_path / 's.db'}").keys.fingerprint] * 4)
    assert len(set(prints)) == 1


def test_processes_that_freeze_the_same_at_once_make_one_version(tmp_path):
    placeholder_materials(small(4), tmp_path / "m")

    def freeze() -> int:
        return studies.Store(f"sqlite:///{tmp_path / 's.db'}").freeze(studies.Materials.load(tmp_path / "m"))

    assert together([freeze] * 4) == [1, 1, 1, 1]


def test_the_checks_see_a_store_that_is_wrong(tmp_path: Path):
    bars = arrivals.control(tmp_path, people=20, seconds=0.1, seed=0)
    assert bars[0].met, "a store without a lock is found out"
    assert "MISSED" in table([Bar("x", "0", 1, False)])


def test_a_missed_bar_is_the_programs_exit_code(tmp_path, monkeypatch, capsys):
    for met, code in ((True, 0), (False, 1)):
        monkeypatch.setitem(command.PROGRAMS, "whole", (lambda folder, seed, met=met: [Bar("x", "1", 2, met)], {}))
        assert command.main(["whole", "--folder", str(tmp_path)]) == code
    assert "1 missed" in capsys.readouterr().out


def test_a_process_that_fails_is_said_to_have_failed():
    def fail() -> int:
        raise ValueError("for a reason")

    with pytest.raises(RuntimeError, match="for a reason"):
        together([fail])


def test_threads_share_a_store_in_memory_and_lose_nothing(tmp_path):
    store = studies.Store("sqlite://")
    version = store.freeze(placeholder_materials(small(4, forward=4), tmp_path / "m"))

    def take_part(name: str) -> int:
        token = store.enroll(version, external_id=name)
        for seq in range(6):
            assert store.submit(token, seq, store.current_step(token).choices[0].value, str(seq)).status == "saved"
        return store.current_step(token).seq

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(take_part, "abcd")) == [6] * 4

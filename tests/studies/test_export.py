"""What a researcher can rely on in an export: all the data, nothing that identifies, and no cell that a spreadsheet would run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import stat

import pandas as pd
import pytest
import sqlalchemy as sa

from studies import schema
from studies.export import TABLES, codes_for, rows, rules
from studies.materials import Materials
from tests.fixtures.study_exports import (
    CANARY,
    KEY,
    SMALL,
    Session,
    code_of,
    design,
    files_of,
    people,
    psychds_problems,
    table,
)


def test_the_folder_keeps_the_rules_of_psych_ds(study):
    assert psychds_problems(study.out) == []
    assert {path.name for path in (study.out / "data").iterdir()} == {f"study-astudytried_part-{name}_data.csv" for name in TABLES}
    about = json.loads((study.out / "dataset_description.json").read_text())
    assert about["name"] == "A study, tried"
    assert about["temporalCoverage"] == "2026-10"  # the month of the fixture's clock, no finer


def test_trials_come_back_from_csv_and_parquet_as_the_store_has_them(study):
    stored = study.store.trials(study.version)
    names = {f"p{number}": code for number, code in codes_for(sorted({int(p[1:]) for p in people(study)}), 3).items()}
    stored["participant"] = stored["participant"].map(names).astype("string")
    stored = stored.sort_values("participant", kind="stable").reset_index(drop=True)
    told = table(study.out, "trials")
    pd.testing.assert_frame_equal(told[list(stored.columns)], stored, check_dtype=False)
    pd.testing.assert_frame_equal(pd.read_parquet(*study.out.glob("parquet/*trials*")), told, check_dtype=False)
    assert (told["correct"] == (told["answer"] == told["model_output"])).all()
    assert set(told["choices_shown"]) == {"0|1", "1|0"}
    assert (told["rt_ms"] == 10 * told["seq"]).all()
    assert set(told["hidden_ms"]) == {1}
    assert set(told["rt_source"]) == {"browser"}
    assert told.groupby(["participant", "block"])["position"].apply(lambda places: list(places) == [*range(1, len(places) + 1)]).all()


def test_times_count_from_when_a_participant_agreed(study):
    """A second an answer by the fixture's clock: step 0 is answered after one second, step 5 after six."""
    quiz = table(study.out, "quiz")
    own = quiz[(quiz["participant"] == code_of(study, "whole3")) & (quiz["step_kind"] == "quiz")]
    assert len(own)
    assert (own["submitted_ms"] == 1_000 * (own["seq"] + 1)).all()
    rest = table(study.out, "participants").set_index("participant")
    person = rest.loc[code_of(study, "whole3")]
    examples = 4  # two, each shown twice, for the two seconds that the page asks for
    assert person["steps"] == person["steps_done"]
    assert person["completed_ms"] == 1_000 * (person["steps"] + examples)


def test_who_goes_on_sooner_than_the_page_allows_is_kept_and_marked(study):
    steps = table(study.out, "steps")
    hasty = steps[steps["participant"] == code_of(study, "careless")]
    assert set(hasty.loc[hasty["early"] == 1, "step_kind"]) == {"learn"}
    assert hasty["early"].sum() == 4
    assert hasty["elapsed_ms"].eq(1_000).all()
    others = steps[steps["participant"] != code_of(study, "careless")]
    assert others["early"].sum() == 0
    assert others["early"].isna().equals(others["submitted_ms"].isna())
    assert (hasty["least_ms"] == others["least_ms"].max()).sum() == 4


def test_early_is_by_either_clock_and_a_clock_put_back_accuses_nobody():
    def step(n, at, rt_ms=None, agreed=0):
        return {
            "number": n,
            "consent_at": agreed,
            "submitted_at": at,
            "rt_ms": rt_ms,
            "answer": None if at is None else "next",
            "asked_sha256": "a",
        }

    steps = [step(1, 2_000), step(1, 3_999), step(1, 9_000, 1_999), step(1, 8_000), step(2, 12_000, agreed=10_000), step(2, None)]
    rows._mark_early(steps, {"a": 2_000})
    assert [one["early"] for one in steps] == [0, 1, 1, 0, 0, None]
    assert [one["elapsed_ms"] for one in steps] == [2_000, 1_999, 5_001, None, 2_000, None]


def test_nothing_in_the_folder_tells_who_somebody_is(study):
    secret = [CANARY.encode(), KEY.encode(), *(token.encode() for token in study.people.values())]
    with schema.reading(study.store.engine) as c:
        for row in c.execute(sa.select(schema.participant)):
            secret += [value.encode() for value in (row.participant_id, row.ext_hash, row.resume_hash) if value]
            secret += [str(row.consent_at).encode(), str(row.consent_at // 1000).encode()]
        secret += [row.ext_id_encrypted.encode() for row in c.execute(sa.select(schema.payment_link))]
    assert len(secret) > 60
    for path, content in files_of(study.out).items():
        if path.endswith(".parquet"):  # packed: look at what it unpacks to
            content = pd.read_parquet(study.out / path).to_csv().encode() + content
        assert not [one for one in secret if one in content], path


def test_codes_are_new_at_each_export_and_keep_no_order(study, tmp_path):
    one, two = (table(study.store.export(study.version, tmp_path / name), "participants") for name in "ab")
    assert not set(one["participant"]) & set(two["participant"])
    assert list(one["participant"]) == sorted(one["participant"])
    by_number = list(codes_for(range(50), 1).values())
    assert by_number != sorted(by_number)
    assert len(set(codes_for(range(5_000)).values())) == 5_000


def test_the_same_seed_gives_the_same_bytes(study, tmp_path):
    again = study.store.export(study.version, tmp_path / "again", seed=3)
    assert files_of(again) == files_of(study.out)


def test_attrition_adds_up_from_restto_the_end(study):
    flow = table(study.out, "attrition").fillna({"arm": ""})
    left = flow[list(rules.LEFT)].sum(axis=1)
    first = flow.iloc[0]
    assert (first["stage"], first["reached"], first["screened_out"]) == ("consented", 14, 1)
    assert first["reached"] - left.iloc[0] == flow.loc[flow["stage"] == "allocated", "reached"].sum() == 13
    for arm in ("control", "lime"):
        own = flow[flow["arm"] == arm]
        assert list(own["stage"]) == ["allocated", "L0", "PRE", "L1", "POST", "CI", "CPRE", "CPOST", "END", "complete"]
        assert list(own["reached"] - left[own.index])[:-1] == list(own["reached"])[1:]
    assert {name: int(flow[name].sum()) for name in rules.LEFT} == {
        "in_progress": 1, "screened_out": 1, "full": 0, "timed_out": 1, "returned": 1, "technical_failure": 0, "withdrawn": 2,
    }  # fmt: skip
    done = flow[flow["stage"] == "complete"]
    assert (done["reached"].sum(), done["withdrawn"].sum()) == (9, 1)


def test_exclusions_flag_and_leave_nobody_out(study):
    flags = table(study.out, "exclusions")
    flagged = flags[flags["flagged"] == 1].groupby("participant")["rule"].apply(set).to_dict()
    assert flagged == {code_of(study, "careless"): {"attention", "early", "own_wish"}, code_of(study, "late"): {"late"}}
    assert code_of(study, "careless") in set(table(study.out, "trials")["participant"])


def test_exclusions_do_not_look_at_arm_or_correctness(study):
    with schema.reading(study.store.engine) as c:
        found = rows.read(c, study.store.frozen(study.version))
    codes = codes_for([one["number"] for one in found.people], 1)
    other = {"control": "lime", "lime": "control", None: None}
    swapped = dataclasses.replace(
        found,
        people=[{**one, "arm_id": other[one["arm_id"]]} for one in found.people],
        trials=[{**one, "correct": 1 - one["correct"], "model_output": 1 - one["model_output"]} for one in found.trials],
    )
    assert rules.exclusions(swapped, codes) == rules.exclusions(found, codes)


def test_closing_answers_hide_small_cells_and_free_texts_stand_apart(study):
    answers = table(study.out, "answers")
    age = answers[answers["question"] == "age"]
    assert len(age) == 8
    assert age["suppressed"].all(), "six are 18-30, and the other two would be known to be older"
    assert age["label"].isna().all()
    ease = answers[answers["question"] == "ease"]
    assert len(ease) == 8
    assert ease["suppressed"].sum() == 0, "all said the same"
    assert ease["choice"].notna().all()
    assert set(table(study.out, "texts")["text"]) == {"fine"}
    holding = [path for path, content in files_of(study.out).items() if b"fine" in content and not path.startswith("materials/")]
    assert [path for path in holding if path.endswith((".csv", ".parquet"))] == ["data/study-astudytried_part-texts_data.csv"]
    assert "read them, and delete that file" in (study.out / "README.md").read_text()


def test_what_a_participant_saw_is_answered_byte_for_byte(study):
    steps = table(study.out, "steps")
    for name, seq in (("whole2", 23), ("careless", 5), ("whole4", 30), ("out", 3)):
        row = steps[(steps["participant"] == code_of(study, name)) & (steps["seq"] == seq)].iloc[0]
        shown = study.out / "materials" / "shown"
        told = ((shown / f"{row['screen_sha256']}.html").read_bytes(), (shown / f"{row['asked_sha256']}.json").read_bytes())
        assert told == study.store.seen(study.version, study.number(name), seq)


def test_materials_are_what_was_frozen_and_can_be_frozen_again(study):
    record = study.store.frozen(study.version).record
    frozen = Materials.load(study.out / "materials" / "frozen")
    assert frozen.digest == record.materials_sha256
    built = files_of(study.materials.folder)
    assert files_of(frozen.folder) == {path: built[path] for path in [*frozen.digests, "manifest.json"]}
    assert study.store.freeze(frozen) == study.version
    slots = (study.out / "materials" / "slots.txt").read_bytes()
    assert hashlib.sha256(slots).hexdigest() == record.slots_sha256
    assert record.slots_sha256 in (study.out / "materials" / "preregistration.txt").read_text()
    assert len((study.out / "materials" / "replacements.txt").read_text().splitlines()) == 3
    sums = dict(line.split("  ", 1)[::-1] for line in (study.out / "SHA256SUMS").read_text().splitlines())
    assert sums == {path: hashlib.sha256(content).hexdigest() for path, content in files_of(study.out).items() if path != "SHA256SUMS"}


def test_the_folder_for_paying_is_apart_and_its_owners_only(study):
    place = study.out.with_name("out-payment")
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert "Never share it" in (place / "README.md").read_text()
    approve, back, bonus = (pd.read_csv(place / f"{name}.csv") for name in ("approve", "return", "bonus"))
    short = f"{CANARY}-"
    assert set(approve["external_id"]) == {short + name for name in ("late", "careless", *(f"whole{i}" for i in range(1, 6)))}
    assert dict(zip(approve["external_id"], approve["attention_failed"], strict=True))[short + "careless"] == 2
    assert dict(zip(back["external_id"], back["state"], strict=True)) == {short + "out": "screened_out", short + "back": "returned"}
    assert approve["SESSION_ID"].str.startswith(f"{CANARY}-session-").all()
    correct = table(study.out, "trials").groupby("participant")["correct"].sum()
    owed = {short + f"whole{i}": 0.5 * (correct[code_of(study, f"whole{i}")] - 8) for i in range(1, 6)}  # 16 predictions of two classes
    paid = dict(zip(bonus["external_id"], bonus["bonus"], strict=True))
    assert {name: paid.get(name, 0.0) for name in owed} == {name: max(0.0, amount) for name, amount in owed.items()}


def test_a_folder_with_other_things_is_refused_and_left_alone(study, tmp_path, monkeypatch):
    other = Session(tmp_path / "other", monkeypatch, design(name="Another", **SMALL))
    there = tmp_path / "there"
    there.mkdir()
    assert other.store.export(other.version, there) == there  # an empty one will do
    before = files_of(there)
    with pytest.raises(ValueError, match=r"holds other things than an export of this study"):
        study.store.export(study.version, there)
    (there / "mine.txt").write_text("notes")
    with pytest.raises(ValueError, match=r"'mine.txt', which was added or changed"):
        other.store.export(other.version, there)
    (there / "mine.txt").unlink()
    assert files_of(there) == before
    (there / "README.md").write_text("mine")
    with pytest.raises(ValueError, match=r"'README.md', which was added or changed"):
        other.store.export(other.version, there)
    with pytest.raises(ValueError, match="There is no folder"):
        study.store.export(study.version, tmp_path / "no" / "such")
    assert {path.name for path in tmp_path.iterdir()} == {"other", "there"}

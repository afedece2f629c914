"""What a researcher can rely on in an export: all the data, nothing that identifies, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import re
import stat
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

import studies
from studies import schema
from studies.export import COLUMNS, TABLES, codes_for, documents, files, payment, read_csv, rows, rules
from studies.export.files import Folder
from studies.items import Item
from studies.materials import Materials
from studies.placeholders import placeholder_materials
from studies.words import Question

KEY = "5a" * 32
CANARY = "canary5f2e"
FORMULA = "=+-@\t\r\n＝＋－＠"
HOSTILE = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\r\nx",
    "'=1",
    "''-1",
    "'",
    "<script>alert(1)</script>",
    'a"b,c;d\ne',
    "| a | `b` |",
    "-3",
]
QUESTIONS = (
    Question("age", "How old are you?", "choice", ("18-30", "31-60", "older")),
    Question("ease", "How easy was it?", "likert", points=5, low="hard", high="easy"),
    Question("say", "Anything to say?", "text"),
)


def design(**more):
    given_ = {"name": "A study, tried", "task": "t", "arms": ("control", "lime"), "learn": 2, "forward": 4, "counterfactual": 4, "planned": 16,
              "bonus": 0.5, "questions": QUESTIONS}  # fmt: skip
    return studies.Design(**{**given_, **more})


SMALL = {"learn": 1, "forward": 2, "tests": ("forward",), "attention": 1}


class Session:
    """A store with a clock of its own, in which people take part."""

    def __init__(self, tmp: Path, monkeypatch, of=None, materials=None):
        self.now = 1_793_000_000_000
        monkeypatch.setattr("studies.store._now", lambda: self.now)
        self.store = studies.Store("sqlite://", key=KEY)
        self.materials = materials or placeholder_materials(of or design(), tmp / "materials")
        self.version = self.store.freeze(self.materials)
        self.people: dict[str, str] = {}

    def come(
        self,
        name: str,
        until: int = 10_000,
        quiz: str = "0",
        age: str = "0",
        external: bool = True,
        said: str = "fine",
        wrong: bool = False,
    ):
        token = self.people.get(name) or self.store.consent(
            self.version, f"{CANARY}-{name}" if external else None, {"SESSION_ID": f"{CANARY}-session-{name}"} if external else {}
        )
        self.people[name] = token
        step = self.store.current_step(token)
        while step.kind != "complete" and step.seq < until:
            values = [choice.value for choice in step.choices]
            answer = values[step.seq % len(values)] if values else said
            if step.kind == "quiz":
                answer = quiz
            if step.kind == "predict":
                answer = str(step.seq % 2)
            if step.kind == "demographic" and "18-30" in {choice.label for choice in step.choices}:
                answer = age
            if step.kind == "attention":
                wanted = re.search("“(.)”", step.stimulus)[1]
                answer = next(value for value in values if value != wanted) if wrong else wanted
            if values == ["yes", "no"]:
                answer = "no" if wrong else "yes"
            self.now += 1_000
            step = self.store.submit(
                token, step.seq, answer, f"{CANARY}-nonce-{step.seq}", rt_ms=10 * step.seq, focus={"hidden_ms": 1}
            ).step
        return token

    def number(self, name: str) -> int:
        participant = schema.participant
        wanted = sa.select(participant.c.number).where(
            participant.c.ext_hash == self.store.keys.external_hash(self.version, f"{CANARY}-{name}")
        )
        with schema.reading(self.store.engine) as c:
            return c.execute(wanted).scalar_one()


def everybody(session: Session) -> Session:
    """Eight complete, one of them late and one careless; one each screened out, timed out, returned, withdrawn in POST and at the end, under way."""
    session.come("out", quiz="1")
    session.come("late", until=8)
    session.come("gone", until=8)
    session.store.time_out(session.version, 5, now=session.now + 3_600_000)
    session.come("back", until=12)
    session.store.returned(session.version, [f"{CANARY}-back"])
    session.come("late")
    session.come("careless", wrong=True, age="1")
    for i in range(6):
        session.come(f"whole{i}", external=i > 0, age="0" if i < 5 else "2")
    session.store.withdraw(session.come("left", until=22))
    session.store.withdraw(session.come("left at the end"))
    session.store.note(session.come("here", until=10), 10, "blur", f"{CANARY} payload")
    return session


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        session = everybody(Session(tmp_path_factory.mktemp("study"), monkeypatch))
        session.out = session.store.export(session.version, tmp_path_factory.mktemp("exports") / "out", seed=3)
        yield session


def table(out: Path, name: str) -> pd.DataFrame:
    return read_csv(*out.glob(f"data/*_part-{name}_data.csv"), name)


def code_of(study: Session, name: str, seed: int = 3) -> str:
    with schema.reading(study.store.engine) as c:
        numbers = c.execute(sa.select(schema.participant.c.number)).scalars().all()
    return codes_for(numbers, seed)[study.number(name)]


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def psychds_problems(folder: Path) -> list[str]:
    """The rules of studies.md R20."""
    about = json.loads((folder / "dataset_description.json").read_text())
    found = [f"no {key}" for key in ("name", "description", "variableMeasured", "@context", "@type") if not about.get(key)]
    declared = [one["name"] for one in about["variableMeasured"]]
    found += [f"{name} declared twice" for name in set(declared) if declared.count(name) > 1]
    found += [f"{one['name']} has no meaning" for one in about["variableMeasured"] if not one.get("description")]
    tables = list((folder / "data").rglob("*"))
    found += [] if tables else ["no data"]
    for path in tables:
        if not re.fullmatch(r"([a-z]+-[A-Za-z0-9]+)(_[a-z]+-[A-Za-z0-9]+)*_data\.csv", path.name):
            found.append(f"{path.name} is no name of a table")
        with path.open(encoding="utf8", newline="") as file:
            head, *body = csv.reader(file)
        found += [f"{path.name}: {name} is not declared" for name in head if name not in declared]
        found += [f"{path.name}: a row has other columns" for row in body if len(row) != len(head)]
    return found


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


def people(study) -> list[str]:
    with schema.reading(study.store.engine) as c:
        return [f"p{number}" for number in c.execute(sa.select(schema.participant.c.number)).scalars()]


def test_times_count_from_when_a_participant_agreed(study):
    """A second an answer by the fixture's clock: step 0 is answered after one second, step 5 after six."""
    quiz = table(study.out, "quiz")
    own = quiz[quiz["participant"] == code_of(study, "whole3")]
    assert (own["submitted_ms"] == 1_000 * (own["seq"] + 1)).all()
    rest = table(study.out, "participants").set_index("participant")
    person = rest.loc[code_of(study, "whole3")]
    assert person["completed_ms"] == 1_000 * person["steps"] == 1_000 * person["steps_done"]


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
        "in_progress": 1, "screened_out": 1, "full": 0, "timed_out": 1, "returned": 1, "withdrawn": 2,
    }  # fmt: skip
    done = flow[flow["stage"] == "complete"]
    assert (done["reached"].sum(), done["withdrawn"].sum()) == (9, 1)


def test_exclusions_flag_and_leave_nobody_out(study):
    flags = table(study.out, "exclusions")
    flagged = flags[flags["flagged"] == 1].groupby("participant")["rule"].apply(set).to_dict()
    assert flagged == {code_of(study, "careless"): {"attention", "own_wish"}, code_of(study, "late"): {"late"}}
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


def test_who_is_far_too_fast_or_presses_one_key_is_flagged():
    """Twenty take about 1,000 seconds, one takes one; one answers the same to 20 of 20 predictions, one to 19, one to 9 of 9."""

    def person(n, seconds):
        return {"number": n, "arm_id": "lime", "consent_at": 0, "completed_at": 1_000 * seconds, "late": 0, "is_bot": n >= 30}

    def answers(n, ones, of=20):
        return [{"number": n, "kind": "predict", "question": "", "correct": "", "answer": "1" if i < ones else "0"} for i in range(of)]

    found = SimpleNamespace(
        people=[*(person(n, 950 + 5 * n) for n in range(20)), person(20, 1), *(person(n, 1) for n in range(30, 40))],  # the last ten are programs
        steps=[*answers(0, 20), *answers(1, 19), *answers(2, 9, 9)], design=SimpleNamespace(attention=0),
    )  # fmt: skip
    flagged = [(row["participant"], row["rule"]) for row in rules.exclusions(found, {n: f"c{n:02d}" for n in range(40)}) if row["flagged"]]
    assert [one for one in flagged if one[0] < "c30"] == [("c00", "same_key"), ("c20", "too_fast")], "programs do not move the bound"


def test_a_withdrawal_leaves_no_row_and_one_count(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    for name in ("one", "two", "three"):
        session.come(name)
    before = session.store.export(session.version, tmp_path / "before", seed=1)
    gone = code_of(session, "two", 1)
    session.store.withdraw(session.people["two"])
    after = session.store.export(session.version, tmp_path / "after", seed=2)
    for name in TABLES:
        old, new = table(before, name), table(after, name)
        if "participant" in old:
            old = old[old["participant"] != gone].drop(columns="participant")
            order = list(old.columns)
            rest = new.drop(columns="participant")
            if name == "exclusions":  # the mean of who is left is another one
                old, rest = (frame[frame["rule"] != "too_fast"] for frame in (old, rest))
            if name == "answers":  # all cells are small here
                assert set(new["suppressed"][new["question_kind"] == "choice"]) == {1}
            pd.testing.assert_frame_equal(*(f.sort_values(order).reset_index(drop=True) for f in (old, rest)), check_dtype=False)
    assert table(after, "attrition")["withdrawn"].sum() == 1
    assert table(after, "attrition")["reached"].iloc[0] == 3
    assert (tmp_path / "after-payment" / "approve.csv").read_text().count(CANARY + "-two") == 0


def test_choices_that_few_people_made_are_withheld():
    assert rows.small_cells(["a"] * 9 + ["b"] * 7, ["a", "b"]) == set()
    assert rows.small_cells(["a"] * 9 + ["b"] * 4, ["a", "b"]) == {"a", "b"}  # b alone could be told from the rest
    assert rows.small_cells(["a"] * 9 + ["b"] * 7 + ["c"] * 2, ["a", "b", "c"]) == {"b", "c"}
    assert rows.small_cells(["a"] * 9 + ["b"] * 4 + ["c"] * 2 + [""], ["a", "b", "c"]) == {"b", "c"}


def test_closing_answers_hide_small_cells_and_free_texts_stand_apart(study):
    answers = table(study.out, "answers")
    age = answers[answers["question"] == "age"]
    assert len(age) == 8
    assert set(age["label"].dropna()) == {"18-30"}
    assert age["suppressed"].sum() == 2  # the one of each other age
    ease = answers[answers["question"] == "ease"]
    assert ease["suppressed"].sum() == 0
    assert ease["choice"].notna().all()
    assert set(table(study.out, "texts")["text"]) == {"fine"}
    holding = [path for path, content in files_of(study.out).items() if b"fine" in content and not path.startswith("materials/")]
    assert [path for path in holding if path.endswith((".csv", ".parquet"))] == ["data/study-astudytried_part-texts_data.csv"]
    assert "read them, and delete that file" in (study.out / "README.md").read_text()


def test_programs_do_not_fill_up_small_cells(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    session.people = {f"bot{i}": session.store.enroll(session.version, bot=True) for i in range(6)}
    for name in [*session.people, "person"]:
        session.come(name)
    age = table(session.store.export(session.version, tmp_path / "out", seed=1), "answers").query("question == 'age'")
    assert len(age) == 7
    assert age["suppressed"].all()


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
    assert files_of(frozen.folder) == files_of(study.materials.folder)
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


def test_a_bonus_counts_what_is_above_guessing():
    assert payment.bonus_of(correct=20, asked=32, classes=2, each=0.1) == 0.4
    assert payment.bonus_of(correct=10, asked=32, classes=2, each=0.1) == 0.0
    assert payment.bonus_of(correct=20, asked=32, classes=2, each=0.0) == 0.0
    assert studies.Design(name="a", task="t").bonus == 0.0
    assert studies.Design.from_dict(design().to_dict()).bonus == 0.5
    with pytest.raises(ValueError, match="bonus has to be a number from 0 to 100"):
        studies.Design(name="a", task="t", bonus=-1.0)


def test_without_external_ids_there_is_no_folder_for_paying(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    session.come("nobody", external=False)
    token = session.come("somebody")
    out = session.store.export(session.version, tmp_path / "out")
    assert (tmp_path / "out-payment").exists()
    session.store.withdraw(token)
    assert session.store.export(session.version, str(out)) == out  # again into the same folder
    assert not (tmp_path / "out-payment").exists()


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


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch)
    session.come("one", until=9)
    out = session.store.export(session.version, tmp_path / "out")
    before = files_of(out)

    def full(found):
        raise OSError("disk full")

    monkeypatch.setattr(documents, "codebook", full)
    with pytest.raises(OSError, match="disk full"):
        session.store.export(session.version, out)
    assert files_of(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"materials", "out", "out-payment"}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'" + FORMULA), min_size=1), min_size=1))
@example(HOSTILE)
def test_no_text_is_a_formula_and_every_text_comes_back(tmp_path_factory, texts):
    path = tmp_path_factory.getbasetemp() / "guard.csv"
    frame = files.typed([{"participant": "p1", "question": "q", "text": text} for text in texts], "texts")
    files.write_csv(frame, path)
    with path.open(encoding="utf8", newline="") as file:
        assert not [cell for row in csv.reader(file) for cell in row if cell.startswith(tuple(FORMULA))]
    pd.testing.assert_frame_equal(read_csv(path, "texts"), frame)


def test_a_negative_number_stays_a_number(tmp_path):
    frame = files.typed([{"participant": "p1", "rule": "-x", "value": -3.5, "threshold": None, "flagged": -1}], "exclusions")
    files.write_csv(frame, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines()[1] == "p1,'-x,-3.5,,-1"
    pd.testing.assert_frame_equal(read_csv(tmp_path / "x.csv", "exclusions"), frame)


def test_names_and_texts_of_a_study_run_nowhere(tmp_path, monkeypatch):
    """Items, classes, questions, choices and free texts that a spreadsheet or a browser would run."""
    asked = tuple(Question(name, name, "choice", ("=1+1", "<b>", "@c")) for name in ("=q", "-q"))
    of = design(
        **SMALL, name="=<script>alert(1)</script> | `x` [a](b)", questions=(*asked, Question("+say", "<i>", "text")),
    )  # fmt: skip
    plain = placeholder_materials(of, tmp_path / "plain")
    about = dataclasses.replace(plain.about, class_names=["=no", "@yes"])
    names = {item.id: f"{mark}{item.id}" for item, mark in zip(plain.items, "=+-@" * 20, strict=False)}
    items = [Item(**{**dataclasses.asdict(item), "id": names[item.id]}) for item in plain.items]
    screens = {path.replace(old, new): plain.read(path) for path in plain.digests for old, new in names.items() if f"/{old}.html" in path}
    session = Session(tmp_path, monkeypatch, materials=Materials.write(tmp_path / "m", of, about, items, screens))
    for i in range(3):
        session.come(f"p{i}", said=HOSTILE[0], age="1")
    out = session.store.export(session.version, tmp_path / "out", seed=1)
    assert psychds_problems(out) == []
    for path in (*out.glob("data/*.csv"), *(tmp_path / "out-payment").glob("*.csv")):
        with path.open(encoding="utf8", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell.startswith(tuple(FORMULA))], path
    assert set(table(out, "items")["item"]) == set(names.values())
    told = table(out, "items")
    assert set(told["gold_label"]) | set(told["model_output_label"]) == {"=no", "@yes"}
    assert set(table(out, "texts")["text"]) == {"=1+1"}
    for path in out.glob("*.md"):
        assert "<script" not in path.read_text()
        assert "<b>" not in path.read_text()
    assert "\\[a\\]\\(b\\)" in (out / "README.md").read_text()


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a\\..\\x", "a\nb"])
def test_a_store_cannot_name_a_file_outside_the_export(tmp_path, path):
    folder = Folder(tmp_path / "out", "m", "i")
    with pytest.raises(ValueError, match="would not lie in the export"):
        folder.write(path, b"")


def test_every_column_has_a_meaning_and_a_table():
    assert {name for names in TABLES.values() for name in names} == set(COLUMNS)
    assert all(column.meaning and column.kind in ("text", "whole number", "number") for column in COLUMNS.values())

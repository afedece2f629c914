"""What an hour of participants' time was paid with: medians by arm and in all, nothing of few people, nothing of who was right."""

import pandas as pd
import pytest

from studies.export.pay import pay_rows, pay_sentence
from tests.fixtures.study_exports import SMALL, Session, design, table
from tests.fixtures.study_toys import fill, frozen, run

PAID = {"pay": 12.0, "currency": "GBP"}


def took(arm, minutes, **more):
    plain = {"arm_id": arm, "state": "complete", "late": 0, "is_bot": 0, "consent_at": 1_000, "completed_at": 1_000 + int(60_000 * minutes)}
    return {**plain, "waited_ms": 0, **more}


def told(people, **given):
    return {
        row["arm"]: (row["timed"], row["median_minutes"], row["pay_per_hour"]) for row in pay_rows(design(**PAID, **given), 10.0, people)
    }


def test_medians_are_of_minutes_and_of_each_ones_pay_an_hour():
    """A session is worth 2.00 (ten minutes at 12 an hour): in 10 minutes that is 12 an hour, in 20 it is 6, in 5 it is 24."""
    people = [took("control", m) for m in (5, 10, 10, 20, 20, 20)] + [took("lime", m) for m in (5, 5, 5, 10, 10)]
    assert told(people) == {None: (11, 10.0, 12.0), "control": (6, 15.0, 9.0), "lime": (5, 5.0, 24.0)}
    assert told(people, bonus=5.0) == told(people), "a bonus is for correct answers, and would tell how the arms did"


@pytest.mark.parametrize(
    "other",
    [{"state": "active", "completed_at": None}, {"state": "technical_failure"}, {"late": 1}, {"is_bot": 1}, {"completed_at": 500}],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_who_is_under_way_had_a_break_or_is_a_program_does_not_count(other):
    people = [took(arm, 10) for arm in ("control", "lime") for _ in range(5)]
    assert told([*people, *(took("lime", 600, **other) for _ in range(9))]) == told(people)


def test_nothing_is_told_of_few_people_nor_could_be_worked_out():
    control = [took("control", 10) for _ in range(9)]
    assert told([*control, *(took("lime", 20) for _ in range(4))]) == {
        None: (13, 10.0, 12.0),
        "control": (9, None, None),
        "lime": (4, None, None),
    }
    assert told(control[:4]) == {None: (4, None, None), "control": (4, None, None), "lime": (0, None, None)}
    assert told([]) == {None: (0, None, None), "control": (0, None, None), "lime": (0, None, None)}


def test_the_sentence_says_what_was_promised_and_what_came_of_it():
    people = [took(arm, 20) for arm in ("control", "lime") for _ in range(5)]
    assert pay_sentence(design(**PAID), 10.0, people) == (
        "10 people completed the study without a break, in 20.0 minutes (median): the pay of a session, 2.00 GBP for 10.0 minutes, made 6.00 GBP an "
        "hour, without the bonus; the design promises 12.00."
    )
    assert pay_sentence(design(pay=0.0), 10.0, people).endswith("(median); the design names no pay.")
    assert pay_sentence(design(), 10.0, people[:4]).startswith("Fewer than 5 people have completed")


def test_a_running_study_and_its_export_tell_the_same(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL, **PAID))
    for i in range(12):
        session.come(str(i))
    now = session.store.pay(session.version)
    out = session.store.export(session.version, tmp_path / "out", seed=1)
    pd.testing.assert_frame_equal(table(out, "pay"), now)
    assert now["arm"].fillna("").tolist() == ["", "control", "lime"]
    assert now["timed"].tolist()[0] == 12 == sum(now["timed"][1:])
    assert now["median_minutes"].notna().all()
    assert "12 people completed the study without a break" in (out / "README.md").read_text()


def test_who_found_all_places_taken_did_not_work_until_one_was_free(tmp_path, monkeypatch):
    """Six pass the quiz when all is taken, and are given a place three days later; one of them fails then."""
    store, version = frozen(tmp_path, reserve=0.0, **PAID)
    now = [10**12]
    monkeypatch.setattr("studies.store._now", lambda: now[0])
    tokens = [store.consent(version, external_id=f"waits{i}") for i in range(6)]
    fill(store, version)
    now[0] += 120_000
    for token in tokens:
        run(store, token)
    assert store.status(version)["state"].tolist().count("full") == 1
    now[0] += 3 * 86_400_000
    store.time_out(version, 1)
    for i, token in enumerate(tokens):
        assert store.consent(version, external_id=f"waits{i}") == token
    assert store.time_out(version, 30) == 0, "they have just come"
    now[0] += 480_000
    store.fail(tokens.pop())
    for token in tokens:
        run(store, token)
    pay = store.pay(version)
    assert (pay["timed"][0], pay["median_minutes"][0]) == (5, 10.0)
    out = store.export(version, tmp_path / "out")
    pd.testing.assert_frame_equal(table(out, "pay"), pay)
    failed = pd.read_csv(tmp_path / "out-payment" / "return.csv").query("state == 'technical_failure'")
    assert failed["minutes"].tolist() == [2], "until she was last seen, when she was given the place"

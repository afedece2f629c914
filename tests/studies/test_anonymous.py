"""An anonymous study: no number is taken, and nothing in an export tells when somebody came, or before whom."""

from __future__ import annotations

import dataclasses
import itertools
import json

import pandas as pd
import pytest
import sqlalchemy as sa

import studies
from studies import schema
from studies.assignment import slots
from studies.export import TABLES, read_csv
from studies.materials import Materials
from studies.plan import Planner
from tests.fixtures.study_exports import psychds_problems
from tests.fixtures.study_toys import answer_to, frozen

PEOPLE = 24
TRACE = 1_000  # ms: the first prediction of the nth who came took n + 1 of these, by which a test knows who she is
FORWARD = {"tests": ["forward"], "planned": PEOPLE, "questions": [{"name": "say", "text": "Say?", "kind": "text"}]}


def took_part(folder, anonymous):
    """A study in which people took part one after the other, over three years, and the last ones with another Foretell; closed."""
    clock = itertools.count(10**12, 60_000)
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studies.store._now", lambda: next(clock))
        store, version = frozen(folder, anonymous=anonymous, **FORWARD)
        for i in range(PEOPLE):
            patch.setattr("studies.recruiting.program", lambda: "2.0" if i > PEOPLE // 2 else "1.0")  # noqa: B023
            for _ in range(60_000):
                next(clock)
            token = store.enroll(version)
            step = store.current_step(token)
            while step.kind != "complete":
                step = store.submit(
                    token, step.seq, answer_to(step), f"n{step.seq}", rt_ms=TRACE * (i + 1) if step.kind == "predict" else None
                ).step
        store.close(version)
    return store, version


@pytest.fixture(scope="module", params=[True, False], ids=["anonymous", "not anonymous"])
def study(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("anonymous") / "study"
    return request.param, *took_part(folder, request.param)


def table(out, name):
    return read_csv(next((out / "data").glob(f"*_part-{name}_data.csv")), name)


def came(trials: pd.DataFrame) -> pd.Series:
    """Name of a participant -> her place in the order of coming, from 0."""
    return trials.groupby("participant", sort=False)["rt_ms"].first().astype(int) // TRACE - 1


def recomputed(out) -> dict[str, int]:
    """The attack: from an export alone, the place that each participant had, by the order of her items and the list that the design's seed gives."""
    materials = Materials.load(out / "materials" / "frozen")
    listed = slots(dataclasses.replace(materials.design, anonymous=False))
    planner = Planner(materials)
    places = {tuple(one.item for one in planner.after(slot) if one.kind == "predict"): slot.number for slot in listed}
    trials = table(out, "trials").sort_values(["participant", "seq"])
    met = trials.groupby("participant")["item"].apply(tuple)
    return {person: places[items] for person, items in met.items() if items in places}


def test_who_came_before_whom_follows_from_the_orders_unless_the_study_is_anonymous(study, tmp_path):
    anonymous, store, version = study
    out = store.export(version, tmp_path / "out")
    found = recomputed(out)
    if anonymous:
        assert found == {}
    else:
        assert found == came(table(out, "trials")).to_dict(), "the attack works where nothing is done against it"


def test_rows_and_codes_of_no_table_go_with_the_order_of_coming(study, tmp_path):
    """Over 12 exports of 24 people the mean rank correlation has a standard deviation of 0.06 by chance."""
    _, store, version = study
    found: dict[str, list[float]] = {}
    for n in range(12):
        out = store.export(version, tmp_path / f"out{n}")
        place = came(table(out, "trials"))
        for name in TABLES:
            rows = table(out, name)
            if "participant" in rows and len(rows):
                met = list(dict.fromkeys(rows["participant"]))
                assert len(met) == PEOPLE
                assert met == sorted(met), "by code, which is by chance"
                found.setdefault(name, []).append(pd.Series(range(PEOPLE)).corr(place[met].reset_index(drop=True), method="spearman"))
    assert {"trials", "participants", "steps", "texts", "exclusions"} <= set(found)
    assert {name: abs(sum(r) / len(r)) < 0.3 for name, r in found.items()} == dict.fromkeys(found, True)


def test_no_column_but_the_trace_goes_with_the_order_of_coming(study, tmp_path):
    """Each column of the table of people, as it sorts; times that a test leaves its trace in aside."""
    anonymous, store, version = study
    out = store.export(version, tmp_path / "out")
    people, place = table(out, "participants"), came(table(out, "trials"))
    order = place[people["participant"]].reset_index(drop=True)
    told = {name for name in people if people[name].astype("string").nunique() > 1}
    tells = {name for name in told if abs(people[name].astype("string").rank().corr(order, method="spearman")) > 0.8}
    assert tells == (set() if anonymous else {"served_by"})


def test_dates_are_one_that_is_none_and_durations_stay(study, tmp_path):
    anonymous, store, version = study
    out = store.export(version, tmp_path / "out")
    about = json.loads((out / "dataset_description.json").read_text())
    assert about["temporalCoverage"] == ("1980-01-01" if anonymous else "2001-10/2004-06")
    texts = {file.name: file.read_text() for file in out.iterdir() if file.is_file()}
    assert not (anonymous and [name for name, text in texts.items() if "2001-" in text or "2004-" in text])
    assert (out / "materials" / "slots.txt").exists() is (out / "materials" / "replacements.txt").exists() is not anonymous
    assert ("The study is anonymous" in texts["README.md"], "slots.txt" in texts["README.md"]) == (anonymous, not anonymous)
    assert psychds_problems(out) == []
    with schema.reading(store.engine) as c:
        p = schema.participant.c
        took = sorted(c.execute(sa.select(p.completed_at - p.consent_at)).scalars())
        seeds = [str(seed) for seed in c.execute(sa.select(schema.slot.c.seed)).scalars()]
    assert sorted(table(out, "participants")["completed_ms"]) == took
    inside = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())
    assert any(seed.encode() in inside for seed in seeds) is not anonymous


def test_an_export_that_is_not_the_last_would_tell_who_came_after_it(tmp_path):
    store, version = frozen(tmp_path, anonymous=True)
    store.enroll(version)
    for act in (None, store.pause):
        if act:
            act(version)
        with pytest.raises(ValueError, match="exported when it is closed"):
            store.export(version, tmp_path / "out")
    assert not [one for one in tmp_path.iterdir() if "out" in one.name]
    store.close(version)
    with pytest.raises(ValueError, match="without a seed"):
        store.export(version, tmp_path / "out", seed=1)
    assert store.export(version, tmp_path / "out").is_dir()


def test_no_number_of_a_recruiting_service_is_taken(tmp_path):
    store, version = frozen(tmp_path, anonymous=True)
    for given in ({"external_id": "p"}, {"params": {"SESSION_ID": "s"}}):
        with pytest.raises(ValueError, match="anonymous and takes no number of a recruiting service"):
            store.consent(version, **given)
    with pytest.raises(ValueError, match="anonymous"):
        store.enroll(version, external_id="p")
    assert store.status(version).empty, "nothing is stored"
    token = store.consent(version)
    assert store.current_step(token).seq == 0
    store.enroll(version, external_id="a program", bot=True)
    store.withdraw(token)
    store.close(version)
    store.export(version, tmp_path / "out")
    assert not (tmp_path / "out-payment").exists()


def test_people_are_told_what_holds_for_them(tmp_path):
    given = {"name": "n", "task": "t"}
    anonymous = studies.Design.from_dict({**given, "anonymous": True})
    assert "no number of a recruiting service" in anonymous.texts.information
    assert not anonymous.texts.remembers
    assert studies.Design.from_dict(anonymous.to_dict()) == anonymous
    mine = studies.Design.from_dict({**given, "anonymous": True, "texts": {"information": "My own."}})
    assert mine.texts.information == "My own."
    assert "number for you is stored" in studies.Design.from_dict(given).texts.information
    no_more = studies.Design.from_dict({**anonymous.to_dict(), "anonymous": False})  # a built study.toml has every text
    assert no_more == studies.Design.from_dict(given), "nobody is told that a number is not taken, where one is"
    with pytest.raises(ValueError, match="anonymous has to be true or false"):
        studies.Design.from_dict({**given, "anonymous": "yes"})
    store, version = frozen(tmp_path, anonymous=True)
    assert "drawn by chance and told to nobody" in store.preregistration(version)
    assert studies.Store(f"sqlite:///{tmp_path}/study.db").frozen(version).design.anonymous


def test_the_table_of_trials_numbers_people_anew(study):
    anonymous, store, version = study
    found = [came(store.trials(version)) for _ in range(3)]
    assert all(sorted(one.index, key=lambda name: int(name[1:])) == [f"p{i + 1}" for i in range(PEOPLE)] for one in found)
    orders = {tuple(one[f"p{i + 1}"] for i in range(PEOPLE)) for one in found}
    assert len(orders) == (3 if anonymous else 1)

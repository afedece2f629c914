"""How long an answer took, by whose clock, and what happened meanwhile: kept with times, and only what can be."""

import pytest
import sqlalchemy as sa

from studies import schema
from studies.answers import NOTES, Given, timed
from tests.fixtures.study_exports import SMALL, Session, code_of, design, table
from tests.fixtures.study_toys import frozen


def given(rt_ms=None, hidden_ms=None):
    return Given(0, "n", rt_ms, hidden_ms)


@pytest.mark.parametrize(
    ("rt_ms", "passed", "stored"),
    [
        (1_500, 2_000, (1_500, "browser")),
        (2_900, 2_000, (2_900, "browser")),  # two clocks, a little apart
        (3_001, 2_000, (2_000, "server")),
        (None, 2_000, (2_000, "server")),
        (600_000, 0, (0, "server")),
        (1_500, -5_000, (1_500, "browser")),  # the server's clock was put back: nothing can be said
        (None, -5_000, (None, None)),
        (None, 8 * 24 * 3_600_000, (None, None)),
    ],
)
def test_a_time_is_the_browsers_where_it_can_be_and_else_the_servers(rt_ms, passed, stored):
    found = timed(given(rt_ms), passed)
    assert (found.rt_ms, found.source) == stored
    assert bool(found.refused) == (stored[1] == "server" and rt_ms is not None)


def test_a_page_cannot_have_been_hidden_for_longer_than_it_was_there():
    assert timed(given(1_000, 900), 2_000).hidden_ms == 900
    refused = timed(given(1_000, 90_000), 2_000)
    assert (refused.rt_ms, refused.source, refused.hidden_ms) == (1_000, "browser", None)
    assert refused.refused == "hidden_ms 90000 of 2000"


def test_programs_may_make_up_their_times():
    assert timed(given(5_000, 4_000), 3, checks=False) == timed(given(5_000, 4_000), 10_000)


def test_times_are_stored_with_their_source_and_a_refused_one_leaves_an_event(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    token = session.come("p", until=6)
    store, seq = session.store, 6
    for said in (900, 90_000, None):
        session.now += 2_000
        step = store.current_step(token)
        store.submit(token, seq, step.choices[0].value, f"x{seq}", rt_ms=said, focus={"hidden_ms": 500})
        seq += 1
    with schema.reading(store.engine) as c:
        wanted = sa.select(schema.response.c.rt_ms, schema.response.c.rt_source, schema.response.c.hidden_ms)
        rows = [tuple(row) for row in c.execute(wanted.where(schema.response.c.seq >= 6).order_by(schema.response.c.seq))]
        events = [
            tuple(row) for row in c.execute(sa.select(schema.event.c.seq, schema.event.c.type, schema.event.c.at, schema.event.c.payload))
        ]
    assert rows == [(900, "browser", 500), (2_000, "server", 500), (2_000, "server", 500)]
    assert events == [(7, "implausible_time", session.now - 2_000, "rt_ms 90000 of 2000")]
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as c:
        c.execute(schema.event.insert().values(participant_id="p", seq=0, at=0, type="browser history", payload=""))


def test_trials_have_the_browsers_times_alone_and_an_export_says_whose_each_is(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    session.come("measured")
    token = session.come("not", until=4)
    while (step := session.store.current_step(token)).kind != "complete":
        session.now += 3_000
        session.store.submit(token, step.seq, step.choices[0].value if step.choices else "x", f"x{step.seq}")
    trials = session.store.trials(session.version).groupby("participant")["rt_ms"]
    assert trials.apply(lambda told: told.notna().all()).to_dict() == {"p1": True, "p2": False}
    told = table(session.store.export(session.version, tmp_path / "out", seed=3), "trials").set_index("participant")
    assert set(told.loc[code_of(session, "measured"), "rt_source"]) == {"browser"}
    servers = told.loc[code_of(session, "not")]
    assert set(servers["rt_source"]) == {"server"}
    assert set(servers["rt_ms"]) == {3_000}


def test_reloads_and_leaving_the_page_are_told_with_their_times_in_order(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    agreed = session.now
    token = session.come("p", until=3)
    assert session.now == agreed + 3_000
    for kind in ("shown", "blur", "focus", "reload", "shown"):
        session.now += 700
        session.store.note(token, 3, kind, "never told")
    session.now = agreed - 1  # a clock that was put back
    session.store.note(token, 3, "paste")
    out = session.store.export(session.version, tmp_path / "out", seed=3)
    told = table(out, "events")
    assert told["event"].tolist() == ["shown", "blur", "focus", "reload", "shown", "paste"]
    assert told["at_ms"].tolist()[:5] == [3_700, 4_400, 5_100, 5_800, 6_500]
    assert told["at_ms"].isna().tolist()[5]
    assert "its time begins anew" in (out / "codebook.md").read_text()
    assert not [file for file in out.rglob("*") if file.is_file() and b"never told" in file.read_bytes()]
    session.store.withdraw(token)
    with schema.reading(session.store.engine) as c:
        assert c.execute(sa.select(sa.func.count()).select_from(schema.event)).scalar() == 0


def test_what_a_browser_may_note_is_a_short_list(tmp_path):
    store, version = frozen(tmp_path)
    token = store.enroll(version)
    assert set(NOTES) == {"shown", "reload", "blur", "focus", "paste", "disconnect"}
    for kind in ("technical_failure", "implausible_time", "stale_submit", "keys", ""):
        with pytest.raises(ValueError, match="A note is one of"):
            store.note(token, 0, kind)


def test_a_refused_time_leaves_its_event_however_many_notes_a_browser_sent(tmp_path, monkeypatch):
    monkeypatch.setattr("studies.answers._MOST_NOTES", 3)
    store, version = frozen(tmp_path)
    token = store.enroll(version)
    for _ in range(5):
        store.note(token, 0, "blur")
    step = store.current_step(token)
    store.submit(token, step.seq, step.choices[0].value, "n", rt_ms=9_000_000)
    with schema.reading(store.engine) as c:
        assert c.execute(sa.select(schema.event.c.type)).scalars().all() == ["blur"] * 3 + ["implausible_time"]


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_readme_names_everything_that_tells_how_long_somebody_took(tmp_path, anonymous):
    """Of each table what its numbers in milliseconds are called, and the rule whose value is their log."""
    from studies.export import COLUMNS

    store, version = frozen(tmp_path, anonymous=anonymous)
    store.close(version)
    told = (store.export(version, tmp_path / "out") / "README.md").read_text()
    times = {name for name in COLUMNS if name.endswith("_ms")} - {"least_ms"}  # that one is the design's
    assert {name for name in times if f"`{name}`" not in told} == set()
    assert "the rule `too_fast`" in told

"""What strangers send or hand over: notes, answers, addresses, materials, store files."""

import hashlib
import json
import sqlite3
from contextlib import closing

import pytest

import studies
from studies.freezing import slug_of
from studies.materials import ITEMS, MANIFEST
from studies.placeholders import placeholder_materials
from tests.fixtures.study_toys import design, frozen, run


@pytest.mark.parametrize("seq", ["abc", 2**70, -1, None, True])
def test_a_note_of_no_step_is_refused_so_that_nobody_can_spoil_the_export(tmp_path, seq):
    store, version = frozen(tmp_path)
    token = store.enroll(version)
    with pytest.raises(ValueError, match="number of the step"):
        store.note(token, seq, "shown")
    store.export(version, tmp_path / "out")


@pytest.mark.parametrize("text", ["half a character \ud83d", "NUL \0"])
def test_a_text_that_cannot_be_stored_is_said_to_be_so(tmp_path, text):
    store, version = frozen(tmp_path, questions=[{"name": "why", "text": "Why?", "kind": "text"}])
    token = store.enroll(version)
    step = run(store, token, until="demographic")
    with pytest.raises(ValueError, match="cannot be stored"):
        store.submit(token, step.seq, text, "x")
    assert store.submit(token, step.seq, None, "x").status == "saved", "the question is optional"
    for arriving in ({"external_id": text}, {"params": {"SESSION": text}}, {"params": {text: "x"}}):
        with pytest.raises(ValueError, match=r"as .* gave it"):
            store.consent(version, **arriving)


def test_names_of_an_address_run_nothing_in_a_spreadsheet_and_take_no_columns_name(tmp_path):
    store, version = frozen(tmp_path)
    run(store, store.consent(version, external_id="p", params={"=1+1": "x", "external_id": "another"}))
    store.export(version, tmp_path / "out")
    head = (tmp_path / "out-payment" / "approve.csv").read_text(encoding="utf8").splitlines()[0]
    assert head == "external_id,attention_failed,'=1+1,param external_id"


def test_studies_of_other_names_are_other_studies():
    names = ["Étude 1", "tude 1", "Ж 1", "Б 1", "a" * 70, "a" * 71]
    assert len({slug_of(name) for name in names}) == len(names)
    assert slug_of("My study, 2") == "my-study-2"


def rewritten(folder, change):
    """Materials whose items somebody changed, and the manifest too."""
    records = json.loads((folder / ITEMS).read_text())
    change(records)
    (folder / ITEMS).write_text(json.dumps(records))
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["sha256"][ITEMS] = hashlib.sha256((folder / ITEMS).read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def counterfactual(records):
    return next(one for one in records if one["set"] == "counterfactual")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.pop(), "the design asks for 8"),
        (lambda r: r[0].update(gold=7), "a class that is not among no, yes"),
        (lambda r: r[0].update(model_output=-1), "a class that is not among"),
        (lambda r: counterfactual(r).update(original_output=None), "a class that is not among"),
        (lambda r: counterfactual(r).update(cf_kind="flip"), "its answer is flip"),
        (lambda r: r[1].update(id=r[0]["id"]), "an item twice"),
        (lambda r: r[0].update(id=7), "without a name"),
        (lambda r: r[0].update(original_output="=1"), "a number that cannot be one"),
        (lambda r: r[0].update(original_output={"a": 1}), "a number that cannot be one"),
        (lambda r: r[0].update(edits=10**30), "a number that cannot be one"),
    ],
)
def test_items_that_no_design_asks_for_are_refused(tmp_path, change, said):
    placeholder_materials(design(), tmp_path)
    rewritten(tmp_path, change)
    with pytest.raises(ValueError, match=said):
        studies.Materials.load(tmp_path)


def test_nested_beyond_reason_is_refused(tmp_path):
    placeholder_materials(design(), tmp_path)
    (tmp_path / MANIFEST).write_text("[" * 200_000)
    with pytest.raises(ValueError, match="cannot be read"):
        studies.Materials.load(tmp_path)


def test_a_trigger_that_calls_itself_a_statistic_is_seen(tmp_path):
    frozen(tmp_path)[0].engine.dispose()
    with closing(sqlite3.connect(tmp_path / "study.db")) as c:
        c.execute("PRAGMA writable_schema=ON")
        c.execute(
            "INSERT INTO sqlite_master VALUES ('trigger', 'sqlite_stat9', 'event', 0, "
            "'CREATE TRIGGER sqlite_stat9 AFTER INSERT ON event BEGIN UPDATE recruiting SET state = ''closed''; END')"
        )
        c.commit()
    with pytest.raises(ValueError, match="do not use it"):
        studies.Store(f"sqlite:///{tmp_path / 'study.db'}")


def test_what_was_shown_and_was_changed_past_the_triggers_is_not_shown(tmp_path):
    store, version = frozen(tmp_path)
    token = store.consent(version)
    store.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "study.db")) as c:
        guard = c.execute("SELECT sql FROM sqlite_master WHERE name = 'content_stays'").fetchone()[0]
        c.execute("DROP TRIGGER content_stays")
        c.execute("UPDATE content SET body = 'other' WHERE sha256 IN (SELECT screen_sha256 FROM step WHERE seq = 0)")
        c.execute(guard)
        c.commit()
    again = studies.Store(str(store.engine.url))
    with pytest.raises(ValueError, match="as it was frozen"):
        again.current_step(token)
    with pytest.raises(ValueError, match="as it was frozen"):
        again.seen(version, 1, 0)

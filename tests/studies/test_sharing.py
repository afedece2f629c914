"""What a built folder tells a person, and what it keeps to itself: no path of a computer, no completion code."""

from __future__ import annotations

import dataclasses
import shutil
import stat

import pytest

import studies
from studies import Design, Materials
from studies.materials import CODES
from studies.placeholders import placeholder_materials
from tests.fixtures.study_tasks import small, table_study
from tests.fixtures.study_toys import design

DETAILS = {"researcher": "Ada Ling", "contact": "ada@example.org", "ethics": "Approved as 12.", "retention": "Kept for a year."}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A study with explanations of one's own in a folder, and completion codes."""
    import explainers

    task, place = table_study(), tmp_path_factory.mktemp("home")
    made = place / "mine"
    made.mkdir()
    for row in task.instances("test"):
        sha256 = explainers.instance_sha256(row)
        (made / f"{sha256}.png").write_bytes(PICTURE)
    given = small(
        task, arms=("control", "mine"), tests=("forward",), own={"mine": str(made)}, completion={"complete": "CODE9"}, texts=DETAILS
    )
    return place, given, studies.build(given, place / "out")


def _picture() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (20, 10), "white").save(out, "PNG")
    return out.getvalue()


PICTURE = _picture()


def test_nothing_that_is_frozen_names_a_path_or_a_code(own):
    place, _, materials = own
    for path in materials.digests:
        content = materials.read(path)
        assert str(place).encode() not in content, path
        assert b"CODE9" not in content, path
    assert materials.design.own["mine"].startswith("mine sha256:")


def test_the_codes_are_in_a_file_of_their_own_and_in_the_store(own, tmp_path):
    _, given, materials = own
    file = materials.folder / CODES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Materials.load(materials.folder).design.completion == given.completion
    store = studies.Store("sqlite://", key="5a" * 32)
    version = store.freeze(materials)
    assert store.frozen(version).design.completion == given.completion
    out = store.export(version, tmp_path / "shared")
    assert not any(b"CODE9" in file.read_bytes() for file in out.rglob("*") if file.is_file())


def test_materials_that_were_frozen_are_not_replaced(own):
    place, given, materials = own
    studies.Store("sqlite://", key="5a" * 32).freeze(materials)
    assert studies.build(given, place / "out").digest == materials.digest
    other = Design.from_dict({**given.to_dict(), "task": given.task, "seed": 9})
    with pytest.raises(ValueError, match="were frozen: give a new folder"):
        studies.build(other, place / "out")


def test_a_changed_picture_of_ones_own_is_not_overlooked(own):
    place, given, materials = own
    (materials.folder / "frozen.md").unlink(missing_ok=True)
    one = sorted((place / "mine").iterdir())[0]
    one.write_bytes(PICTURE + b" ")
    assert studies.build(given, place / "out").digest != materials.digest
    one.write_bytes(PICTURE)
    assert studies.build(given, place / "out").digest == materials.digest


def test_the_report_says_what_was_found(own):
    told = (own[2].folder / "report.md").read_text()
    assert "| Where the right answer is “no” and the system answers “yes” | 1 | 1 |" in told
    assert "| surface\\_floor | passed |" in told
    assert f"| answers to the test data | {own[2].about.calls['answers to the test data']:,} |" in told
    assert "Look at this: Pictures and heat maps made by other tools" in told


def test_it_is_said_in_a_line_in_a_notebook(own):
    assert len(repr(own[2])) < 200


def test_sentences_that_need_what_only_the_researcher_knows_are_left_out_until_she_says_it(tmp_path):
    made = placeholder_materials(design(), tmp_path / "a")
    unfilled = Materials.write(tmp_path / "b", design(texts={**DETAILS, "ethics": ""}), made.about, made.items, bodies(made))
    store = studies.Store("sqlite://", key="5a" * 32)
    page = store.information(store.freeze(unfilled))[0].decode()
    assert "carried out by" in page
    assert "{" not in page
    full = Materials.write(tmp_path / "c", design(texts=DETAILS), made.about, made.items, bodies(made))
    store = studies.Store("sqlite://", key="5a" * 32)
    assert "Approved as 12." in store.information(store.freeze(full))[0].decode()


def test_other_codes_of_what_is_frozen_are_refused(tmp_path):
    store = studies.Store("sqlite://", key="5a" * 32)
    first = store.freeze(placeholder_materials(design(completion={"complete": "A"}), tmp_path / "a"))
    assert store.freeze(placeholder_materials(design(), tmp_path / "b")) == first
    with pytest.raises(ValueError, match="other completion codes"):
        store.freeze(placeholder_materials(design(completion={"complete": "B"}), tmp_path / "c"))


def bodies(made: Materials) -> dict[str, bytes]:
    return {path: made.read(path) for path in made.digests if path.startswith("screens/")}


def test_a_design_of_one_s_own_is_not_written_over(tmp_path):
    """Natural and wrong: build(Design.load("study/study.toml"), "study/"), where comments, paths and codes stand in that file."""
    place = tmp_path / "study"
    place.mkdir()
    mine = '# my notes\nname = "n"\n'
    (place / "study.toml").write_text(mine)
    plan = small(table_study(), arms=("control", "random"))
    with pytest.raises(ValueError, match=r"study\.toml was not written by a build"):
        studies.build(plan, place)
    assert [path.name for path in place.iterdir()] == ["study.toml"]
    assert (place / "study.toml").read_text() == mine
    apart = tmp_path / "apart"
    studies.build(plan, apart)
    studies.build(dataclasses.replace(plan, planned=9), apart)  # what a build wrote, a build may replace
    (apart / "study.toml").write_text(mine)
    with pytest.raises(ValueError, match="was not written by a build"):
        studies.build(plan, apart)
    assert (apart / "study.toml").read_text() == mine


class TestWhatWasFrozen:
    def test_it_is_given_again_when_the_work_of_the_build_was_deleted(self, tmp_path):
        design = small(table_study(), arms=("control", "random"), completion={"complete": "C1"})
        made = studies.build(design, tmp_path / "out")
        studies.Store("sqlite://").freeze(made)
        shutil.rmtree(tmp_path / "out" / "work")
        again = studies.build(design, tmp_path / "out")
        assert (again.digest, again.design) == (made.digest, made.design)
        assert not (tmp_path / "out" / "work").exists(), "nothing was built"
        with pytest.raises(ValueError, match="were frozen: give a new folder"):
            studies.build(dataclasses.replace(design, seed=9), tmp_path / "out")
        (tmp_path / "out" / "screens" / "plain" / "learn-01.html").write_text("changed")
        with pytest.raises(ValueError, match="were frozen: give a new folder"):
            studies.build(design, tmp_path / "out")

    def test_nor_is_a_copy_of_it_built_over(self, tmp_path):
        design = small(table_study(), arms=("control", "random"))
        studies.build(design, tmp_path / "out")
        shutil.copytree(tmp_path / "out", tmp_path / "copy", ignore=shutil.ignore_patterns("work"))
        studies.Store("sqlite://").freeze(Materials.load(tmp_path / "copy"))
        with pytest.raises(ValueError, match="were frozen: give a new folder"):
            studies.build(dataclasses.replace(design, seed=9), tmp_path / "copy")

    def test_the_materials_in_an_export_stay_as_they_are(self, tmp_path):
        design = small(table_study(), arms=("control", "random"))
        made = studies.build(design, tmp_path / "out")
        place = tmp_path / "export" / "materials" / "frozen"
        shutil.copytree(made.folder, place, ignore=shutil.ignore_patterns("work"))
        (tmp_path / "export" / "SHA256SUMS").touch()
        before = sorted(place.rglob("*"))
        studies.Store("sqlite://").freeze(Materials.load(place))
        for again in (design, dataclasses.replace(design, seed=9)):
            with pytest.raises(ValueError, match="lies in the export of a study"):
                studies.build(again, place)
        assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("name", ["screens", "screens/random", "items.csv", "completion.toml", "report.md"])
def test_nothing_is_written_through_a_link_out_of_the_folder(tmp_path, name):
    place, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    (place / name).parent.mkdir(parents=True)
    elsewhere.mkdir()
    (place / name).symlink_to(elsewhere if "screens" in name else elsewhere / "file")
    (place / "work").mkdir()
    with pytest.raises(ValueError, match="leads elsewhere"):
        studies.build(small(table_study(), arms=("control", "random")), place)
    with pytest.raises(ValueError, match="leads elsewhere"):
        placeholder_materials(design(), place)
    assert not list(elsewhere.iterdir())
    assert not list((place / "work").iterdir()), "told before anything is made"

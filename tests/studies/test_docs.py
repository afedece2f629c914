"""What docs/studies.md shows can be copied, and the example is a design."""

from __future__ import annotations

import json
import re
from pathlib import Path

import explainers.render
import studies
from studies.answers import NOTES
from studies.design import COMPLETION
from studies.own import NEEDED, Own
from studies.pool import pool
from studies.schema import SCHEMA_VERSION
from studies.words import DETAILS
from tests.fixtures.study_tasks import table_study

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "studies.md").read_text(encoding="utf8")


def block(language: str) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[0]


def test_the_json_of_ones_own_explanation_works_as_it_stands(tmp_path):
    task = table_study(40)
    one = pool(task).candidates[0]
    text = block("json").replace("MODEL_FINGERPRINT FROM candidates.csv", task.model.fingerprint)
    text = text.replace("SHA256 FROM candidates.csv", one.sha256).replace("hours per week", "gain")  # the toy's other column
    assert set(json.loads(text)) == set(NEEDED)
    (tmp_path / "any.json").write_text(text)
    e = Own.read("mine", tmp_path).of(task, one, task.instances("test")[one.row])
    assert set(e.payload.features) <= set(e.instance)
    assert "age" in explainers.render.sentence(e)


def test_the_example_is_a_design_with_what_only_the_researcher_knows_left_open():
    design = studies.Design.load(ROOT / "examples" / "study.toml")
    assert design.texts.unfilled == list(DETAILS)
    assert all(f"`{name}`" in PAGE for name in DETAILS)


def test_every_part_of_a_design_that_the_page_names_is_there():
    assert {"own", "explain", "pay", "bonus", "fee", "completion", "anonymous", "questions", "texts"} <= set(
        studies.Design.__dataclass_fields__
    )


def test_the_page_names_the_form_of_the_store_and_every_kind_of_code_and_note():
    assert f"has a number, now {SCHEMA_VERSION}." in PAGE
    assert all(f"`{name}`" in PAGE for name in (*COMPLETION, *NOTES))

"""A set difference as a person reads it: what was found, what may be chance, what was tried, and nothing from data as markup."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from PIL import Image

import explainers
from explainers import render
from explainers.explanation import Explanation
from explainers.payloads import Candidate, Shown
from explainers.render.difference import csv_text

NASTY = '<img src=x onerror="alert(1)"> & </script>'


def candidate(description: str, score: float, q: float, **more) -> Candidate:
    known = {"ranker": "bridge", "proposer": "labels", "share_a": 0.6, "share_b": 0.1, "examples": [0], "against": [1], **more}
    return Candidate(description, score, score - 0.07, min(1.0, score + 0.05), q / 2, q, **known)


@pytest.fixture(scope="module")
def texts() -> Explanation:
    a, b = ([f"{word} {i}" for i in range(8)] for word in ("ham", "egg"))
    return explainers.explain_difference(a, b, "text", descriptions=["ham"], propose=False, names=["lunch", "breakfast"])


def made(texts: Explanation, candidates: list[Candidate], picture: bool = False, **more) -> Explanation:
    items = [Image.new("RGB", (64, 48), c) for c in ("red", "blue")] if picture else ["ham it is", "egg it is"]
    shown = [Shown(items[0], "A", 3), Shown(items[1], "B", 5)]
    payload = replace(texts.payload, candidates=candidates, shown=shown, **more)
    status = "complete" if payload.found else "not_found"
    return replace(texts, payload=payload, modality="image" if picture else "text", status=status)


def test_the_sentence_counts_what_was_found_and_names_the_best(texts):
    said = render.sentence(made(texts, [candidate("a bird", 0.91, 0.001), candidate("a cat", 0.55, 0.4)]))
    assert said.startswith("1 of 2 descriptions separates “lunch” from “breakfast” by more than chance")
    assert "“a bird” fits a random text of “lunch” better than one of “breakfast” in 91 % of cases (95 % interval 84 to 96 %)" in said


def test_nothing_found_is_a_plain_result_and_shows_what_was_tried(texts):
    e = made(texts, [candidate("a bird", 0.6, 0.3), candidate("a cat", 0.55, 0.4)])
    assert render.sentence(e).startswith("Nothing found: none of 2 descriptions separates “lunch” from “breakfast”")
    assert "a cat" in render.figure(e)
    assert "may be chance" in render.figure(e)


def test_what_is_truer_of_the_other_set_is_said_and_not_counted_as_found(texts):
    said = render.sentence(made(texts, [candidate("a bird", 0.1, 0.001, proposer="you")]))
    assert said.startswith("Nothing found")
    assert "“a bird” is truer of “breakfast”." in said


def test_no_description_at_all_is_no_crash(texts):
    e = made(texts, [])
    assert "no description could be tested" in render.sentence(e)
    assert render.chart(e) is None
    assert render.slide(e).size == (1920, 1080)
    assert "<script" not in render.page(e)


def test_own_descriptions_are_marked_and_every_number_has_its_origin_in_words(texts):
    html = render.html(made(texts, [candidate("a bird", 0.91, 0.001, proposer="you", others={"words": 0.7})]))
    for said in (
        "(typed)",
        "Typed by a person",
        "labels, compared by meaning",
        "number tested: 0.001",
        "True of 60",
        "whether the words occur 70",
    ):
        assert said in html.replace("\u00a0", " ")


def test_shares_that_do_not_go_with_the_score_are_a_difference_of_degree(texts):
    """Dark pictures against darker ones: as yes or no, hardly any is dark."""
    html = render.html(made(texts, [candidate("dark", 0.91, 0.001, share_a=0.0, share_b=0.01)])).replace("\u00a0", " ")
    assert "A difference of degree: taken as yes or no, it is true of 1 % of either set at most." in html
    assert "True of" not in html


def test_nothing_from_data_is_markup(texts):
    e = made(texts, [candidate(NASTY, 0.91, 0.001, ranker=NASTY, proposer=NASTY)], names=[NASTY, NASTY])
    e = replace(e, payload=replace(e.payload, shown=[Shown(NASTY, "A", 0), Shown({NASTY: NASTY}, "B", 1)]))
    document = render.page(e)
    assert "<script" not in document
    assert "<img" not in document
    render.slide(e)
    assert "<img" not in (render.svg(e) or "")


def test_a_file_that_points_beyond_what_it_holds_is_drawn_all_the_same(texts):
    assert "a bird" in render.html(made(texts, [candidate("a bird", 0.91, 0.001, examples=[99, -5], against=[7])]))


def test_pictures_are_shown_in_small_and_the_page_stays_light(texts):
    import numpy as np

    noise = np.random.default_rng(0).integers(0, 255, (128, 128, 3), dtype=np.uint8)
    many = [candidate(f"thing {i}", 0.91, 0.001, examples=[0, 1, 0, 1], against=[1, 0, 1, 0]) for i in range(60)]
    e = made(texts, many, picture=True)
    e = replace(e, payload=replace(e.payload, shown=[Shown(Image.fromarray(noise), "A", i) for i in range(2)]))
    assert "<img" in render.figure(e)
    assert len(render.page(e).encode()) < 1_000_000
    sheet = render.image(e)
    assert sheet is not None
    assert sheet.width == 1400


def test_the_chart_tells_found_from_chance_by_shape_and_marks_one_half(texts):
    spec = render.chart(made(texts, [candidate("a bird", 0.91, 0.001), candidate("a cat", 0.55, 0.4)])).to_dict()
    shapes = next(layer["encoding"]["shape"]["scale"] for layer in spec["layer"] if "shape" in layer["encoding"])
    assert dict(zip(shapes["domain"], shapes["range"], strict=True))["separates the sets"] == "circle"
    assert len(set(shapes["range"])) == 3
    assert spec["layer"][0]["data"]["values"] == [{"half": 0.5}]


def test_a_spreadsheet_runs_no_cell_of_the_table(texts):
    e = made(texts, [candidate("=HYPERLINK(1)", 0.91, 0.001), candidate("a cat", 0.55, 0.4, share_a=None)])
    rows = list(csv.DictReader(io.StringIO(csv_text(e))))
    assert [row["description"] for row in rows] == ["'=HYPERLINK(1)", "a cat"]
    assert (rows[0]["verdict"], rows[1]["share_a"]) == ("separates the sets", "")

"""Whatever a prototype or a path holds, its card, page, chart and slide hold only our own markup, and nothing is fetched."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from explainers import render
from explainers.explanation import Explanation, Prototype, Prototypes, Step
from explainers.render import escape
from explainers.render.kinds import kind_of
from explainers.render.slide import slide_svg
from tests.explainers.render.near_examples import PATHS, PROTOTYPES, path, picture_path, picture_prototypes
from tests.explainers.render.render_examples import explanation
from tests.explainers.render.test_card import ATTRIBUTES, TAGS
from tests.explainers.render.test_chart import strings
from tests.explainers.render.test_escape import ANY, read

MORE_TAGS = TAGS | {"h5", "ol", "del", "img"}
MORE_ATTRIBUTES = ATTRIBUTES | {"src", "width", "height", "alt", "open"}
BY_NAME = pytest.mark.parametrize("make", [*PROTOTYPES, *PATHS], ids=lambda make: make.__name__)
STYLE = re.compile(r"(--ft-tint:(transparent|rgba\([\d,.]+\))|left:-?[\d.]+%|width:[\d.]+%)(;width:[\d.]+%)?")


def checked(fragment: str) -> None:
    """Only our tags and attributes, each tag closed, no style and no address from data."""
    seen = read(fragment)
    assert set(seen.tags) <= MORE_TAGS
    assert {name for name, _ in seen.attributes} <= MORE_ATTRIBUTES
    assert all(STYLE.fullmatch(value or "") for name, value in seen.attributes if name == "style")
    assert all((value or "").startswith("data:image/jpeg;base64,") for name, value in seen.attributes if name == "src")
    for tag in MORE_TAGS - {"wbr", "img"}:
        assert len(re.findall(f"<{tag}[ >]", fragment)) == fragment.count(f"</{tag}>"), tag
    # Data that reads "http:" is only words, in the text and in what is read aloud.
    told = [value or "" for name, value in seen.attributes if name not in ("alt", "aria-label", "src", "title")]
    assert not re.search(r"https?:|//|url\(|@import|javascript:", "".join([*told, *re.findall("<style.*?</style>", fragment, re.S)]))


@BY_NAME
class TestEvery:
    def test_card(self, make):
        checked(render.html(make()))

    def test_highlight_stands_alone(self, make):
        made = render.highlight(make())
        checked(made)
        assert "<style>" in made

    def test_page_is_small_and_holds_its_data(self, make):
        made = render.page(make())
        assert len(made.encode()) < 1_000_000
        assert "<script" not in made
        inside = re.search(r"<pre>(.*)</pre>", made, re.S)
        assert inside is not None
        assert Explanation.from_json(html.unescape(inside[1])) == make()

    def test_deterministic(self, make):
        assert render.page(make()) == render.page(make())

    def test_slide(self, make):
        e = make()
        tags = {t.tag.rpartition("}")[2] for t in ET.fromstring(slide_svg(e, kind_of(e)).encode()).iter()}
        assert tags <= {"svg", "rect", "line", "text", "image"}
        slide = render.slide(e)
        assert slide.size == (1920, 1080)
        pixels = np.asarray(slide.convert("L"))
        for edge in (pixels[:, :80], pixels[:, -80:], pixels[:36], pixels[-30:]):
            assert (edge == 255).all(), "the margins stay empty"

    def test_names_are_data_of_the_chart_only(self, make):
        drawn = render.chart(make())
        assert drawn is not None
        outside = [s for s in strings(drawn.to_dict()) if "alert" in s]
        assert all("domain" not in s and s.startswith("</style><script>alert(1)") for s in outside), "but for the legend, which is text"
        assert render.png(make())

    def test_sentence_is_one_line(self, make):
        assert "\n" not in render.sentence(make())
        assert render.sentence(make()).endswith(".")


@pytest.mark.parametrize("make", PATHS, ids=lambda make: make.__name__)
def test_every_step_of_every_path(make):
    e = make()
    for i in range(len(e.payload.steps)):
        made = render.step(e, i)
        checked(made)
        assert "<style>" in made


class TestAnyString:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(a=ANY, b=ANY, c=ANY)
    def test_in_a_path_over_texts(self, a, b, c):
        steps = [
            Step(a, [], 1.0, np.array([0.9, 0.1])),
            Step(b, [c], -1.0, np.array([0.2, 0.8]), [a], [[0, 1], [1, 3], [2, 9]]),
        ]
        e = path(steps, a, "text", {"class_names": [b, c]}, locked=[a])
        for made in (render.html(e), render.step(e, 1), render.highlight(e)):
            checked(made)
        assert escape.flat(c)[:40] in escape.flat(read(render.step(e, 1)).data) or len(escape.flat(c)) > 40

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        row=st.dictionaries(ANY, ANY | st.integers() | st.floats() | st.booleans() | st.none(), min_size=1, max_size=4),
        a=ANY,
    )
    def test_in_rows_beside_one_another(self, row, a):
        other = dict.fromkeys(row, a)
        near = [Prototype(other, 0, 0.5, 1, 0, np.array([0.5, 0.5]), None, [a]), Prototype(row, 1, 0.4, 2)]
        e = explanation(Prototypes(near, space=a), row, "tabular", class_names=[a, "b"])
        checked(render.html(e))
        checked(render.highlight(e))


@pytest.mark.parametrize("make", [picture_path, picture_prototypes], ids=lambda make: make.__name__)
def test_a_page_of_noisy_pictures_of_the_largest_upload_stays_under_one_megabyte(make):
    e = make()
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8))
    object.__setattr__(e, "instance", noise)
    for one in e.payload.steps if e.kind == "boundary_path" else e.payload.prototypes:
        object.__setattr__(one, "instance", noise)
    if e.kind == "boundary_path":
        object.__setattr__(e.payload, "steps", [*e.payload.steps] * 5)
    else:
        object.__setattr__(e.payload, "prototypes", [*e.payload.prototypes] * 10)
    assert len(render.page(e).encode()) < 1_000_000

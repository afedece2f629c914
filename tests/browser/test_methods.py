"""The further methods, the comparison and the atlas, in a real browser on a real server."""

from __future__ import annotations

import re
import struct

import pytest
from playwright.sync_api import Page, expect

from explainers import Explanation
from tests.browser.test_path import download, explain, open_page

pytestmark = pytest.mark.browser

METHODS = ("anchors", "prototypes", "nearest_examples", "decision_boundary", "composite")


@pytest.mark.parametrize("method", METHODS)
def test_explain_take_away_and_reopen_by_address(page: Page, server, method: str):
    open_page(page, server, f"{method}?task=income&model=mlp&id=test-7")
    explain(page)
    expect(page.get_by_text("Does this help people?")).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    artifact = Explanation.from_json(download(page, "Data (JSON)"))
    assert artifact.method == method
    slide = download(page, "Slide, 16:9 (PNG)")
    assert struct.unpack(">II", slide[16:24]) == (1920, 1080)
    document = download(page, "Page (HTML)")
    assert b"<script" not in document
    assert len(document) < 1_000_000
    here = page.url
    page.goto("about:blank")
    page.goto(here)
    expect(page.get_by_text(f"digest {artifact.digest[:12]}")).to_be_visible(timeout=120_000)


def test_the_way_over_the_boundary_is_walked_by_keyboard(page: Page, server):
    open_page(page, server, "decision_boundary?task=reviews&model=bilstm&id=test-7&explained=1")
    expect(page.get_by_text(re.compile(r"Step \d of \d"))).to_be_visible(timeout=120_000)
    slider = page.get_by_role("slider", name=re.compile("Walk the path"))
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text(re.compile(r"Step \d of \d"))).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"Step 1 of \d"))).to_be_visible()


def test_locked_columns_stay_and_the_decision_can_be_printed(page: Page, server):
    open_page(page, server, "decision_boundary?task=income&model=mlp&id=test-7&locked=age%2Csex%2Chours+per+week&explained=1")
    expect(page.get_by_text(re.compile("digest [0-9a-f]{12}"))).to_be_visible(timeout=120_000)
    page.get_by_text("Download", exact=True).click()
    artifact = Explanation.from_json(download(page, "Data (JSON)"))
    assert artifact.payload.locked == ["age", "sex", "hours per week"]
    assert not {"age", "sex", "hours per week"} & set(artifact.payload.steps[-1].features)
    page.get_by_text("A page about this decision, to print").click()
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_role("button", name="Page (HTML), ready to print")).to_be_visible(timeout=120_000)
    document = download(page, "Page (HTML), ready to print")
    assert b"<script" not in document


def test_methods_are_compared_and_the_link_opens_the_comparison(page: Page, server):
    open_page(page, server, "compare?task=income&model=mlp&id=test-7&methods=lime,anchors")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("They asked for")).to_be_visible(timeout=120_000)
    page.get_by_role("button", name=re.compile("more seeds")).click()
    expect(page.get_by_text(re.compile("95 % interval .* are the same|are the same .*95 % interval"))).to_be_visible(timeout=120_000)
    here = page.url
    assert "methods=lime%2Canchors" in here
    page.goto("about:blank")
    page.goto(here)
    expect(page.get_by_text("They asked for")).to_be_visible(timeout=120_000)


def test_a_prototype_of_the_atlas_leads_to_what_it_decides(page: Page, server):
    page.goto(f"{server.url}/atlas?task=income&model=mlp")
    expect(page.get_by_text("All of them")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name=re.compile("age ")).first.click()
    expect(page.get_by_role("heading", name="2. The model's answer")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_wider_than_the_screen(page: Page, server, method: str, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, server, f"{method}?task=income&model=mlp&id=test-7&explained=1")
    expect(page.get_by_role("heading", name="How far to trust it")).to_be_visible(timeout=60_000)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width

"""Set differences in a real browser: choose the animals, wrong against right, run, read the descriptions, swap, type one's own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from explainers import Explanation
from tests.browser.test_path import download

pytestmark = pytest.mark.browser

DIGEST = re.compile("digest [0-9a-f]{12}")


def test_choose_run_swap_and_type_ones_own(page: Page, server):
    page.goto(f"{server.url}/set_differences?task=animals&model=biased&what=right")
    page.get_by_role("button", name="Find differences").click(timeout=120_000)
    expect(page.get_by_text(DIGEST)).to_be_visible(timeout=400_000)
    expect(page.get_by_role("heading", name="Descriptions, best first")).to_be_visible()
    assert page.locator(".ft-ranked > li").count() > 1
    assert page.locator(".ft-ranked img").count() > 1
    page.get_by_role("button", name="Swap A and B").click()
    expect(page.get_by_text("A is “the model is right”")).to_be_visible()
    page.get_by_role("textbox", name="Your own descriptions").fill("the background is sand")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Find differences").click()
    expect(page.get_by_text("(typed)").first).to_be_visible(timeout=400_000)
    assert "sand" not in page.url
    page.get_by_text("Download", exact=True).click()
    artifact = Explanation.from_json(download(page, "Data (JSON)"))
    assert artifact.kind == "set_difference"
    assert "you" in {c.proposer for c in artifact.payload.candidates}
    assert b"the background is sand" in download(page, "Table (CSV)")


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_screen(page: Page, server, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server.url}/set_differences?task=income&model=mlp&what=right&explained=1")
    expect(page.get_by_text(DIGEST)).to_be_visible(timeout=120_000)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width

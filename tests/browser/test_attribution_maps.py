"""The page of attribution maps in a real browser: opened by its address, drawn, changed, scored, taken away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from explainers import Explanation
from tests.browser.test_path import download, explain, open_page

pytestmark = pytest.mark.browser

PICTURE = "attribution_maps?task=animals&model=biased&id=test-3&method=random&explained=1"
WAIT = 120_000


def test_a_link_opens_the_map_with_its_scores_and_the_colour_can_be_changed(page: Page, server):
    open_page(page, server, PICTURE)
    painted = page.locator(".ft-words img").first
    expect(painted).to_have_attribute("alt", re.compile("drawn at random"), timeout=WAIT)
    expect(page.get_by_text("toward “bird”").first).to_be_visible()
    expect(page.get_by_text(re.compile("^This map"))).to_be_visible(timeout=WAIT)
    expect(page.get_by_text(re.compile("^No reason to believe this map: its numbers were drawn at random"))).to_be_visible()
    expect(page.get_by_text("How far to believe this map")).to_be_visible()
    for name in ("Deletion", "Insertion", "Mass on the object"):
        expect(page.locator(".ft-score b", has_text=name).first).to_be_visible()
    before = painted.get_attribute("src")
    slider = page.get_by_role("slider", name="Colour, %")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(f'.ft-words img[src="{before}"]')).to_have_count(0)


def test_the_files_of_a_heat_map(page: Page, server):
    open_page(page, server, PICTURE.removesuffix("&explained=1"))
    explain(page)
    page.get_by_text("Download", exact=True).click()
    artifact = Explanation.from_json(download(page, "Data (JSON)"))
    assert artifact.method == "random"
    assert artifact.payload.per_pixel
    assert artifact.payload.map.shape == artifact.instance.size[::-1]
    document = download(page, "Page (HTML)")
    assert b"<script" not in document
    assert len(document) < 1_000_000


def test_another_baseline_redraws_and_is_in_the_address(page: Page, server):
    open_page(page, server, "attribution_maps?task=income&model=mlp&id=test-3&method=integrated_gradients&explained=1")
    expect(page.get_by_text(re.compile("replaced by the values of .*average row"))).to_be_visible(timeout=WAIT)
    page.get_by_role("radiogroup", name="What is taken away is").get_by_text("replaced by another row").click()
    expect(page.get_by_text(re.compile("replaced by the values of .*another row, drawn"))).to_be_visible(timeout=WAIT)
    expect(page).to_have_url(re.compile("baseline=another"))
    expect(page.get_by_text(re.compile("With .*another row.* in place of .*average row"))).to_be_visible()


def test_another_method_keeps_the_instance(page: Page, server):
    open_page(page, server, "attribution_maps?task=income&model=mlp&id=test-11&method=random")
    page.get_by_role("combobox", name=re.compile("Method")).click()
    page.get_by_role("option", name=re.compile("Saliency")).click()
    expect(page).to_have_url(re.compile("method=saliency"))
    assert "id=test-11" in page.url


def test_nothing_is_wider_than_a_phone(page: Page, server):
    page.set_viewport_size({"width": 390, "height": 900})
    open_page(page, server, PICTURE)
    expect(page.get_by_text(re.compile("^This map"))).to_be_visible(timeout=WAIT)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_only_the_pages_own_stop_can_be_pressed(page: Page, server):
    """Streamlit's, at the top, would leave half a page. It is there for moments only, so a button in its place is looked at."""
    open_page(page, server, PICTURE)
    page.wait_for_function("""() => {
        const place = document.createElement("div");
        place.dataset.testid = "stStatusWidget";
        const button = place.appendChild(document.createElement("button"));
        document.body.appendChild(place);
        const shown = getComputedStyle(button).display;
        place.remove();
        return shown === "none";
    }""")

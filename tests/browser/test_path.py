"""The whole path of a visitor, in a real browser on a real server: open, choose, guess, explain, cancel, download, reopen."""

from __future__ import annotations

import json
import re
import struct

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from explainers import Explanation

pytestmark = pytest.mark.browser

LONG = "the story is thin , the jokes are tired and the acting is wooden , but the music and the landscapes are simply wonderful ."


def open_page(page: Page, server, address: str) -> None:
    page.goto(f"{server.url}/{address}")
    expect(page.get_by_role("heading", name="2. The model's answer")).to_be_visible()


def explain(page: Page) -> None:
    page.get_by_role("button", name="Explain", exact=True).click()
    expect(page.get_by_text(re.compile("digest [0-9a-f]{12}"))).to_be_visible(timeout=120_000)


def download(page: Page, label: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("button", name=label).click()
    return started.value.path().read_bytes()


def test_first_explanation_is_one_click_from_home(page: Page, server):
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Foretell")).to_be_visible()
    page.get_by_role("button", name="Explain a first answer").click()
    expect(page.get_by_role("heading", name="How far to trust it")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("The model says").first).to_be_visible()


def test_every_page_leads_to_the_others(page: Page, server):
    open_page(page, server, "lime")
    expect(page.get_by_text(re.compile("model calls"))).to_be_visible()  # the page has come to rest
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Foretell")).to_be_visible()
    page.get_by_role("button", name="Methods", exact=True).click()
    page.get_by_role("menuitem", name="LIME").click()
    expect(page.get_by_role("heading", name="2. The model's answer")).to_be_visible()


@pytest.mark.parametrize("address", ["lime?task=reviews&model=bilstm&id=test-7", "lime?task=income&id=test-3"])
def test_explain_download_and_reopen_by_address(page: Page, server, address: str):
    open_page(page, server, address)
    explain(page)
    page.get_by_text("Download", exact=True).click()
    artifact = Explanation.from_json(download(page, "Data (JSON)"))
    assert artifact.status == "complete"
    assert artifact.payload.features
    slide = download(page, "Slide, 16:9 (PNG)")
    assert struct.unpack(">II", slide[16:24]) == (1920, 1080)
    document = download(page, "Page (HTML)").decode()
    assert "<script" not in document
    assert download(page, "Chart (SVG)").startswith(b"<svg")
    assert download(page, "Chart (PNG)").startswith(b"\x89PNG")
    here = page.url
    assert "explained=1" in here
    page.goto("about:blank")
    page.goto(here)
    expect(page.get_by_text(f"digest {artifact.digest[:12]}")).to_be_visible(timeout=120_000)


def test_settings_are_in_the_address_and_come_back(page: Page, server):
    open_page(page, server, "lime?task=income&model=mlp&id=test-11&seed=4&num_samples=700&num_features=3&explained=1")
    expect(page.get_by_text(re.compile(r"seed 4 ·"))).to_be_visible(timeout=60_000)
    page.get_by_text("Download", exact=True).click()
    artifact = json.loads(download(page, "Data (JSON)"))
    assert artifact["params"]["num_samples"] == 700
    assert len(artifact["payload"]["features"]) == 3
    assert (artifact["seed"], artifact["model_name"]) == (4, "mlp")


def test_typed_text_is_explained_but_is_in_no_address_and_no_log(page: Page, server):
    secret = "xylophone zebras were a marvellous secret , dull elsewhere"
    open_page(page, server, "lime?task=reviews&model=bilstm")
    page.get_by_text("My own", exact=True).click()
    box = page.get_by_role("textbox", name="Your text")
    box.fill(secret)
    box.press("Control+Enter")
    expect(page.get_by_text("xylophone").first).to_be_visible()
    explain(page)
    for word in ("xylophone", "zebras"):
        assert word not in page.url
        assert word not in server.log
    assert "id=" not in page.url


def test_cancel_leaves_a_partial_picture(page: Page, server):
    open_page(page, server, "lime?task=reviews&model=minilm&settle=False")
    page.get_by_text("My own", exact=True).click()
    box = page.get_by_role("textbox", name="Your text")
    box.fill(LONG)
    box.press("Control+Enter")
    expect(page.get_by_text("landscapes").first).to_be_visible()
    page.get_by_role("button", name="Explain", exact=True).click()
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()
    cancel.click()
    expect(page.get_by_text("You stopped it")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(
    ("address", "answers"),
    [
        ("lime?task=income&id=test-3&guess=1", ("below $50K", "above $50K")),
        ("lime?task=reviews&model=bilstm&id=test-6&guess=1", ("negative", "positive")),
        ("lime?task=animals&id=test-4&guess=1&num_samples=100&segmentation=slic", ("bird", "mammal")),
    ],
)
def test_guess_first_hides_the_answer_and_keeps_the_score_in_the_browser(page: Page, server, address: str, answers: tuple[str, str]):
    open_page(page, server, address)
    expect(page.get_by_text("What will the model say?")).to_be_visible()
    expect(page.get_by_text("The model says")).to_have_count(0)
    expect(page.get_by_text(re.compile("% sure"))).to_have_count(0)
    expect(page.get_by_role("button", name="Explain", exact=True)).to_have_count(0)
    page.get_by_role("radiogroup", name="The model will say").get_by_text(answers[0]).click()
    page.get_by_role("button", name="This is my guess").click()
    expect(page.get_by_text(re.compile("You said"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"Before explanations: \d of 1 foretold"))).to_be_visible()
    explain(page)
    page.get_by_role("button", name="Next instance").first.click()
    expect(page.get_by_text("What will the model say?")).to_be_visible()
    page.get_by_role("radiogroup", name="The model will say").get_by_text(answers[1]).click()
    page.get_by_role("button", name="This is my guess").click()
    expect(page.get_by_text(re.compile(r"After explanations: \d of 1 foretold"))).to_be_visible()
    page.wait_for_timeout(1500)  # the browser writes its note
    page.reload()
    expect(page.get_by_text(re.compile(r"After explanations: \d of 1 foretold"))).to_be_visible()


def test_a_picture_of_ones_own_is_explained_and_taken_away(page: Page, server, tmp_path):
    open_page(page, server, "lime?task=animals&num_samples=100&segmentation=slic")
    expect(page.get_by_text(re.compile("model calls"))).to_be_visible()  # the page has come to rest, its thumbnails are there:
    page.wait_for_load_state("networkidle")  # those that go before the browser has fetched them are not found
    page.get_by_text("My own", exact=True).click()
    (tmp_path / "notes.png").write_bytes(b"no picture at all")
    page.locator("input[type=file]").set_input_files(tmp_path / "notes.png")
    expect(page.get_by_text("This is not a picture that can be read")).to_be_visible()
    Image.new("RGB", (700, 500), (90, 140, 60)).save(tmp_path / "meadow.jpg")
    page.locator("input[type=file]").set_input_files(tmp_path / "meadow.jpg")
    expect(page.get_by_text("The model says").first).to_be_visible()
    explain(page)
    expect(page.locator(".ft-words img").first).to_have_attribute("alt", re.compile("The model says"))
    page.get_by_text("Download", exact=True).click()
    artifact = Explanation.from_json(download(page, "Data (JSON)"))
    assert artifact.instance.size == (512, 366)
    assert len(download(page, "Page (HTML)")) < 1_000_000
    assert "meadow" not in page.url
    assert "meadow" not in server.log


def test_the_lime_package_stands_beside_ours(page: Page, server):
    open_page(page, server, "lime?task=income&model=mlp&id=test-5&num_samples=1000&explained=1")
    page.get_by_text("Check against the lime package", exact=True).click()
    page.get_by_role("button", name="Run the package").click()
    expect(page.get_by_role("heading", name="The lime package")).to_be_visible(timeout=60_000)


def test_search_sort_and_choose_by_keyboard_alone(page: Page, server):
    open_page(page, server, "lime?task=reviews&model=bilstm")
    page.get_by_label("Search").focus()
    page.keyboard.type("wonderful")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio").first).to_be_visible()
    expect(page.get_by_text(re.compile("wonderful")).first).to_be_visible()
    first = page.get_by_role("radiogroup", name="Choose an instance").get_by_role("radio").first
    first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile("wonderful")).nth(1)).to_be_visible()
    page.get_by_role("button", name="Explain", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="How far to trust it")).to_be_visible(timeout=120_000)


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_screen(page: Page, server, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, server, "lime?task=income&model=mlp&id=test-3&explained=1")
    expect(page.get_by_role("heading", name="How far to trust it")).to_be_visible(timeout=60_000)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width

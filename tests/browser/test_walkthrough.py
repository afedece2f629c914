"""The walk-through by keyboard alone, on a projector and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from ui.walkthrough import steps, words

pytestmark = pytest.mark.browser

LAST = len(words.STEPS)


def at_step(page: Page, step: int) -> None:
    """Waits until the step can be seen and the page has come to rest."""
    expect(page.get_by_role("heading", name=f"{step} of {LAST}: {words.STEPS[step - 1].title}")).to_be_visible()
    expect(page.locator("[data-testid=stApp]")).not_to_have_attribute("data-test-script-state", "running")
    if step < LAST:
        expect(page.locator(".walk-gallery img").first).to_be_visible()
    else:
        expect(page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first).to_be_visible()
        expect(page.get_by_text("How this is counted")).to_be_visible()


def press(page: Page, key: str, then: Callable[[], None]) -> None:
    """Presses `key` until `then` holds: a key that comes before the page listens is lost, as it is for a person, who presses again.

    Between two presses passes more time than a slow run takes; a key that turns something off again is seen to have turned it on before.
    """
    expect.set_options(timeout=8_000)
    try:
        for left in reversed(range(6)):
            page.keyboard.press(key)
            try:
                return then()
            except AssertionError:
                if not left:
                    raise
    finally:
        expect.set_options(timeout=30_000)


def overflow(page: Page) -> int:
    """By how many pixels the page is higher than the window."""
    return page.evaluate("(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollHeight - m.clientHeight; })()")


def sideways(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_every_step_is_reached_by_keys_and_fits_a_projector(page: Page, server):
    page.set_viewport_size({"width": 1400, "height": 800})
    page.goto(f"{server.url}/walkthrough")
    at_step(page, 1)
    for step in range(1, LAST):
        assert overflow(page) <= 0, f"step {step} has to be scrolled by {overflow(page)} pixels"
        press(page, "2" if steps.choices(step, ["a", "b"]) else "ArrowRight", partial(at_step, page, step + 1))
    assert overflow(page) <= 0, f"the last step has to be scrolled by {overflow(page)} pixels"
    expect(page.get_by_text("You found it out")).to_be_visible()
    assert re.search(rf"step={LAST}\b", page.url)
    press(page, "ArrowLeft", partial(at_step, page, LAST - 1))
    press(page, "PageDown", partial(at_step, page, LAST))  # a presenter's remote control
    press(page, "Home", partial(at_step, page, 1))


def test_keys_in_quick_succession_all_count(page: Page, server):
    page.goto(f"{server.url}/walkthrough?step=4")
    at_step(page, 4)
    press(page, "n", expect(page.get_by_text(words.STEPS[3].notes)).to_be_visible)
    page.wait_for_timeout(2_000)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(40)  # the address has not changed yet
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name=f"5 of {LAST}")).to_be_visible()
    expect(page.get_by_text(words.STEPS[4].notes)).to_be_hidden()
    expect(page).to_have_url(re.compile("step=5$"))


def test_full_screen_and_notes_by_key(page: Page, server):
    page.set_viewport_size({"width": 1400, "height": 800})
    page.goto(f"{server.url}/walkthrough?step=4")
    at_step(page, 4)
    press(page, "n", expect(page.get_by_text(words.STEPS[3].notes)).to_be_visible)
    assert "notes=1" in page.url
    expect(page.get_by_role("button", name=re.compile("Full screen"))).to_be_visible()
    press(page, "f", expect(page.locator("header.stAppHeader")).to_be_hidden)
    press(page, "f", expect(page.locator("header.stAppHeader")).to_be_visible)


def test_where_full_screen_is_refused_it_says_what_to_press(page: Page, server):
    page.add_init_script("Element.prototype.requestFullscreen = () => Promise.reject(new Error('no'))")
    page.goto(f"{server.url}/walkthrough")
    at_step(page, 1)
    page.get_by_role("button", name=re.compile("Full screen")).click()
    expect(page.get_by_text("Press F11")).to_be_visible()


def test_on_a_phone_nothing_sticks_out_sideways(page: Page, server):
    page.set_viewport_size({"width": 390, "height": 844})
    for step in (1, 4, 5, LAST):
        page.goto(f"{server.url}/walkthrough?step={step}")
        at_step(page, step)
        assert sideways(page) <= 0


def test_where_there_is_no_keyboard_no_keys_are_named(page: Page, server, browser):
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        touched = phone.new_page()
        touched.goto(f"{server.url}/walkthrough?step=4")
        at_step(touched, 4)
        expect(touched.get_by_role("button", name=re.compile("Full screen"))).to_be_visible()
        expect(touched.locator("kbd:visible")).to_have_count(0)
    finally:
        phone.close()

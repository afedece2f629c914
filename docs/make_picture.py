"""The picture in the README, taken from the running app: `streamlit run app.py`, then `python docs/make_picture.py ADDRESS`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
PAGE = "lime?task=reviews&model=minilm&id=test-46&explained=1"

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 1200, "height": 1250})
    page.goto(f"{sys.argv[1].rstrip('/')}/{PAGE}")
    page.get_by_text("digest").wait_for(timeout=120_000)
    page.wait_for_timeout(2_000)  # the chart is drawn
    page.screenshot(path=Path(__file__).with_name("lime.png"))
    browser.close()

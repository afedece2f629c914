"""A real server and a real browser for the tests of this folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test in the browser that fails is run a second time, and the summary names it: a busy machine can starve browser and server."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _chromium() -> str:
    found = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        say = "There is no Chromium: install it (Debian: apt-get update && apt-get install -y chromium) to run the browser tests."
        if os.environ.get("FORETELL_NEEDS_BROWSER"):
            pytest.fail(say)
        pytest.skip(say)
    return found


class Server:
    """`streamlit run app.py` as the README starts it, on a free port; `log` is all that it printed."""

    def __init__(self, folder: Path, *arguments: str):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "server.log"
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={self.port}", *arguments]
        with self._log.open("w") as out:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        for _ in range(600):
            if self._process.poll() is not None:
                raise RuntimeError(f"The server did not start:\n{self.log}")
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2)
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"The server did not answer:\n{self.log}")

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*arguments: str) -> Server:
        servers.append(Server(tmp_path_factory.mktemp("server"), *arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """The app on the bundled tasks."""
    return start_server()


@pytest.fixture(scope="session")
def browser() -> Iterator:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # a busy machine is no failure

    path = _chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser) -> Iterator:
    """A fresh visitor. Fails the test when the page wrote an error to the console or asked another host for anything."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    problems: list[str] = []
    page.on(
        "console", lambda m: problems.append(m.text) if m.type == "error" and not m.text.startswith("Failed to load resource") else None
    )
    # Streamlit looks for its own health address below the page's first, and gets 404 there.
    page.on("response", lambda r: problems.append(f"{r.status} {r.url}") if r.status >= 400 and "/_stcore/" not in r.url else None)
    page.on(
        "request", lambda r: None if "127.0.0.1" in r.url or r.url.startswith(("data:", "blob:")) else problems.append(f"asked {r.url}")
    )
    yield page
    problems += page.locator("[data-testid=stException]").all_inner_texts()
    context.close()
    assert not problems, problems

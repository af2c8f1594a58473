"""Fixtures of the browser's tests: a home that is filled and one that is empty, each served, and a browser to look with."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from looking import WIDE, Tab, context

from needs import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "src"
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PATIENCE = 60  # seconds for a server to answer


@dataclass
class Served:
    """A home with its address, what pages it has, and windows in which its users are signed in."""

    url: str
    browser: "Browser"
    pages: list[dict[str, Any]]
    unknown: list[str]
    failed: str  # the page of a failure
    waiting: str  # the page of an answer that is being computed
    sessions: dict[str, str]
    _tabs: dict[tuple[str, str, tuple[int, int]], Tab] = field(default_factory=dict)
    _fresh: list[Tab] = field(default_factory=list)

    def tab(self, user: str = "cto", language: str = "en", size: tuple[int, int] = WIDE) -> Tab:
        """A window in which someone (nobody, where it is empty) is signed in; the same one throughout a test."""
        asked = (user, language, size)
        if asked not in self._tabs:
            self._tabs[asked] = self.fresh(user, language, size)
        return self._tabs[asked]

    def fresh(self, user: str = "", language: str = "en", size: tuple[int, int] = WIDE) -> Tab:
        """A window nobody has looked through yet."""
        window = context(self.browser, self.url, language, size, self.sessions[user] if user else "")
        self._fresh.append(Tab(window.new_page(), self.url))
        return self._fresh[-1]

    def close(self) -> None:
        """Leave no window open."""
        for tab in self._fresh:
            tab.page.context.close()
        self._fresh.clear()
        self._tabs.clear()

    def shown(self, tab: Tab, html: str) -> None:
        """Show a page as if the server had sent it now."""
        tab.page.route("**/as-sent", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        tab.open("/as-sent")
        tab.page.unroute("**/as-sent")


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """The system's browser."""
    place = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if place is None:
        missing("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=place, args=ARGUMENTS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def filled_home(chromium: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small company in the middle of its work, served throughout."""
    with _served(chromium, tmp_path_factory.mktemp("filled") / "home", "filled") as found:
        yield found


@pytest.fixture(scope="session")
def empty_home(chromium: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A home in which there is nothing but its users, served throughout."""
    with _served(chromium, tmp_path_factory.mktemp("empty") / "home", "empty") as found:
        yield found


@pytest.fixture
def filled(filled_home: Served) -> Iterator[Served]:
    """The filled home, for one test; no window stays open behind it."""
    yield filled_home
    filled_home.close()


@pytest.fixture
def empty(empty_home: Served) -> Iterator[Served]:
    """The empty home, for one test; no window stays open behind it."""
    yield empty_home
    empty_home.close()


@contextmanager
def _served(browser: "Browser", home: Path, how: str) -> Iterator[Served]:
    """A home of one's own, made and served by processes of their own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERDECK_")}
    environment |= {
        "QUARTERDECK_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "quarterdeck.web.settings",
        "PYTHONPATH": os.pathsep.join([str(SOURCES), os.environ.get("PYTHONPATH", "")]),
    }
    fill = [sys.executable, str(HERE / "fill_home.py"), str(home), how]
    made = subprocess.run(fill, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-4_000:]
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    serve = [sys.executable, "-m", "quarterdeck", "serve", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, server)
        yield Served(url, browser, **json.loads(made.stdout))
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(f"{url}/sign-in", timeout=5).close()  # noqa: S310 — our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not answer")

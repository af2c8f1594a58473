"""What is looked for on a page in a browser: axe's rules, the width it takes, errors, and whom it asks for anything."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

WIDE, NARROW = (1280, 900), (390, 844)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_RUN = """async ([rules, only]) => {
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: only ? {type: "rule", values: [only]} : {type: "tag", values: rules},
  });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ")}`);
}"""
_TURN = """(theme) => {
  document.documentElement.dataset.theme = theme;
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
_WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > wide + 1 && !one.closest(".scroll, .rail nav, .chips, .drawn"))
    .slice(0, 4).map((one) => `${one.tagName.toLowerCase()}.${one.className}`);
}"""


@dataclass
class Tab:
    """One page of a browser, at one width, in one language; it hears everything the page says and asks for."""

    page: "Page"
    url: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)

    def _heard(self, message: "ConsoleMessage") -> None:
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.errors.append(message.text)

    def _asked(self, request: "Request") -> None:
        if not request.url.startswith((self.url + "/", "data:", "blob:")):
            self.strangers.append(request.url)

    def open(self, address: str) -> int:
        """Go there; the status it answers with."""
        self.errors.clear()
        answer = self.page.goto(self.url + address, wait_until="load")
        assert answer is not None
        return answer.status

    def faults(self, theme: str) -> list[str]:
        """Everything that is wrong with the page that is open, in a theme."""
        self.turn(theme)
        found = [f"error: {text}" for text in self.errors] + [f"asks {url}" for url in self.strangers]
        return [*found, *self.unlike_axe()]

    def turn(self, theme: str) -> None:
        """Show the page light or dark."""
        self.page.evaluate(_TURN, theme)

    def unlike_axe(self, only: str = "") -> list[str]:
        """What axe finds against WCAG 2 A and AA; of one rule, if it is named."""
        return [f"axe {one}" for one in self.page.evaluate(_RUN, [RULES, only])]

    def too_wide(self, size: tuple[int, int]) -> list[str]:
        """What stands out of the page at a width."""
        if self.page.viewport_size != {"width": size[0], "height": size[1]}:
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
        return [f"out of {size[0]} pixels: {one}" for one in self.page.evaluate(_WIDER)]


def context(browser: Any, url: str, language: str, size: tuple[int, int], session: str = "") -> "BrowserContext":
    """A window of its own: a language, a width, and who is signed in; axe is there on every page."""
    made: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale={"en": "en-GB", "zh-hans": "zh-CN"}[language],
        reduced_motion="reduce",
    )
    made.add_cookies([{"name": "django_language", "value": language, "url": url}])
    if session:
        made.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    made.add_init_script(AXE)
    made.set_default_timeout(15_000)
    return made

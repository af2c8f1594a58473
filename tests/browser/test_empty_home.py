"""Where there is nothing yet, every page says what to collect, enter or propose."""

import re
from typing import TYPE_CHECKING

import pytest
from looking import NARROW

from quarterdeck.web.navigation import NAVIGATION

if TYPE_CHECKING:
    from browsing import Served

pytest_plugins = ("browsing",)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HELP = {
    "en": re.compile(r"\b(collect|import|enter|propose|make|needs)", re.IGNORECASE),
    "zh-hans": re.compile("采集|导入|录入|提议|提出|设定|新建|需要"),
}
FORMS = frozenset({"search", "what-if", "kinds:index"})  # there is always something to do on these


@pytest.mark.parametrize("language", list(HELP))
def test_every_page_says_what_to_collect(empty: "Served", language: str):
    tab, silent, faults = empty.tab(language=language, size=NARROW), [], {}
    for page in empty.pages:
        if page["view"] in FORMS:
            continue
        tab.open(page["address"])
        said = " ".join(one.inner_text() for one in tab.page.locator("main :is(.empty, .cap, .lede)").all())
        if not HELP[language].search(said):
            silent.append((page["address"], said))
        found = [*tab.too_wide(NARROW), *(tab.faults("light") if language == "en" else tab.errors)]
        if found:
            faults[page["address"]] = found
    assert silent == []
    assert faults == {}


def test_all_pages_of_the_navigation_are_there(empty: "Served"):
    tab = empty.tab()
    tab.open("/")
    links = tab.page.locator(".rail nav a")
    assert links.count() == sum(len(group.entries) for group in NAVIGATION)
    seen = {page["view"] for page in empty.pages}
    assert {entry.view for group in NAVIGATION for entry in group.entries if not entry.arguments} <= seen


def test_an_empty_list_says_how_it_is_filled(empty: "Served"):
    tab = empty.tab()
    for address in ("/records/system/", "/records/approved-plan/"):
        tab.open(address)
        assert tab.page.locator(".empty h2").is_visible()
    assert "confirmed decisions" in tab.page.locator(".empty").inner_text()

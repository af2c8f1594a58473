"""Every page there is, in both languages and both themes, wide and narrow: axe is silent, nothing stands out of the page,
nothing fails, and no request leaves the machine."""

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from looking import NARROW, WIDE, Tab

if TYPE_CHECKING:
    from browsing import Served

pytest_plugins = ("browsing",)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# the first page of each view is looked at in every way, every sixth of the others in the ways that find most
SPARSELY = 6
WAYS = (("en", NARROW, "dark"), ("zh-hans", WIDE, "light"))


def by_view(home: "Served", part: str) -> dict[str, list[dict]]:
    """The pages of a part of the product, by their view."""
    found = defaultdict(list)
    for page in home.pages:
        if page["view"].startswith("kinds:") == (part == "records"):
            found[page["view"]].append(page)
    return found


def in_every_way(home: "Served", page: dict) -> list[str]:
    """What is wrong with a page in either language, light and dark, wide and narrow."""
    found = []
    for language, size, theme in WAYS:
        tab = home.tab(language=language, size=size)
        status = tab.open(page["address"])
        assert status == page["status"]
        other = "light" if theme == "dark" else "dark"
        seen = [*tab.too_wide(size), *tab.faults(theme)]
        tab.turn(other)
        seen += tab.unlike_axe("color-contrast")
        found += [f"{language} {theme}: {one}" for one in seen]
    return found


def at_a_glance(home: "Served", page: dict, language: str) -> list[str]:
    """What is wrong with a page in one language, dark and narrow."""
    tab = home.tab(language=language, size=NARROW)
    assert tab.open(page["address"]) == page["status"]
    return [f"{language}: {one}" for one in [*tab.too_wide(NARROW), *tab.faults("dark")]]


def sentence(tab: Tab) -> str:
    return tab.page.locator("h1").inner_text()


def test_every_view_is_known(filled: "Served"):
    """Either a page is tested, or its address takes something `page_addresses` must be told where to find."""
    assert filled.unknown == []
    assert len({page["view"] for page in filled.pages}) > 20


@pytest.mark.parametrize("part", ["records", "office"])
def test_nothing_is_wrong_with_any_page(filled: "Served", part: str):
    faults = {}
    for place, pages in enumerate(by_view(filled, part).values()):
        faults[pages[0]["address"]] = in_every_way(filled, pages[0])
        for number, page in enumerate(pages[1 + place % SPARSELY :: SPARSELY]):
            faults[page["address"]] = at_a_glance(filled, page, ("en", "zh-hans")[number % 2])
    assert {address: found for address, found in faults.items() if found} == {}


@pytest.mark.long
def test_nothing_is_wrong_with_any_page_in_any_way(filled: "Served"):
    faults = {page["address"]: in_every_way(filled, page) for page in filled.pages}
    assert {address: found for address, found in faults.items() if found} == {}


# ---- pages that are not the CTO's


@pytest.mark.parametrize("user", ["gm", "hr", "engineer"])
def test_nothing_is_wrong_with_other_desks(filled: "Served", user: str):
    tab = filled.tab(user, size=NARROW)
    assert tab.open("/") == 200
    assert [*tab.too_wide(NARROW), *tab.faults("light")] == []
    tab.turn("dark")
    assert tab.unlike_axe("color-contrast") == []


DOORS = (("", "/sign-in", 200), ("", "/plan", 200), ("cto", "/nothing", 404), ("engineer", "/plan", 403))


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_nothing_is_wrong_at_the_doors(filled: "Served", language: str, theme: str):
    for user, address, status in DOORS:
        tab = filled.tab(user, language, NARROW)
        assert tab.open(address) == status
        assert sentence(tab)
        assert [*tab.too_wide(NARROW), *tab.faults(theme)] == [], address


def test_nothing_is_wrong_where_the_product_fails(filled: "Served"):
    """The page of a failure, as the server would send it."""
    tab = filled.fresh("cto", size=NARROW)
    filled.shown(tab, filled.failed)
    assert sentence(tab) == "This page failed, and it is our fault."
    assert [*tab.too_wide(NARROW), *tab.faults("dark")] == []


def test_nothing_is_wrong_while_it_is_computed(filled: "Served"):
    tab = filled.tab(size=NARROW)
    filled.shown(tab, filled.waiting)
    assert tab.page.locator(".work progress").is_visible()
    assert [*tab.too_wide(NARROW), *tab.faults("light")] == []


# ---- the watch itself


def test_what_is_wrong_is_found(filled: "Served"):
    """A page on which everything is wrong that is looked for."""
    tab = filled.fresh("cto", size=NARROW)
    body = (
        "<!doctype html><html lang='en'><title>x</title><main><h1>x</h1><p style='color:#999;background:#aaa'>faint</p>"
        "<input><div style='width:900px'>wide</div><img alt='' src='http://192.0.2.1/x.png'></main>"
        "<script>console.error('broken')</script>"
    )
    tab.page.route("http://192.0.2.1/**", lambda route: route.abort())
    filled.shown(tab, body)
    found = " ".join([*tab.too_wide(NARROW), *tab.faults("light")])
    for wanted in ("out of 390 pixels", "error: broken", "asks http://192.0.2.1", "color-contrast", "axe label"):
        assert wanted in found, wanted

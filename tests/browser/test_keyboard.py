"""Everything can be done by keyboard alone, and one always sees where one is."""

from typing import TYPE_CHECKING

import pytest
from fill_home import PASSWORD

if TYPE_CHECKING:
    from browsing import Served
    from playwright.sync_api import Page

pytest_plugins = ("browsing",)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST_STEPS = 90
_FOCUS = """() => {
  const drawn = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const around = one.closest(".search") ?? one;
  return {
    words: (one.labels?.[0]?.innerText ?? one.getAttribute("aria-label") ?? one.innerText ?? "").trim(),
    tag: one.tagName.toLowerCase(),
    inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    drawn: drawn(getComputedStyle(one)) || drawn(getComputedStyle(one, "::after")) || drawn(getComputedStyle(around)),
  };
}"""


def focus(page: "Page") -> dict:
    """Where the focus is; it is seen, and in sight."""
    found = page.evaluate(_FOCUS)
    assert found is not None, "nothing has the focus"
    assert found["drawn"], f"the focus is not seen on {found}"
    assert found["inside"], f"the focus is out of sight on {found}"
    return found


def walk(page: "Page", words: str, tag: str = "") -> None:
    """Tab on until something of these words has the focus."""
    passed = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        found = focus(page)
        if words in found["words"].splitlines() and tag in ("", found["tag"]):
            return
        passed.append(found["words"][:30])
    pytest.fail(f"{words!r} is not reached: {passed}")


def opened(page: "Page", key: str = "Enter") -> None:
    """Press a key that leads to another page."""
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press(key)


# ---- looking


def test_a_figure_is_followed_to_its_path_and_back(filled: "Served"):
    tab = filled.fresh("cto")
    page = tab.page
    tab.open("/drift")
    walk(page, "where from")
    page.keyboard.press("Enter")
    path = page.locator("section.path")
    path.wait_for()
    assert "engine drift" in path.inner_text()
    assert tab.unlike_axe() == []
    page.keyboard.press("Escape")
    path.wait_for(state="detached")
    assert focus(page)["words"] == "where from"


def test_keys_open_tables_and_the_list_of_keys(filled: "Served"):
    tab = filled.fresh("cto")
    page = tab.page
    tab.open("/plan")
    tables = page.locator(".picture details")
    assert tables.count() > 3
    page.keyboard.press("t")
    assert all(one.get_attribute("open") is not None for one in tables.all())
    assert tab.unlike_axe() == []
    page.keyboard.press("?")
    keys = page.locator("dialog#keys")
    assert keys.is_visible()
    assert tab.unlike_axe() == []
    page.keyboard.press("Escape")
    assert not keys.is_visible()


def test_menus_open_and_close(filled: "Served"):
    tab = filled.fresh("cto")
    page = tab.page
    tab.open("/records/initiative/")
    chip = page.locator(".top summary.chip").first.inner_text()
    walk(page, chip, "summary")
    page.keyboard.press("Enter")
    assert page.locator("#as_of").is_visible()
    assert tab.unlike_axe() == []
    page.keyboard.press("Escape")
    assert not page.locator("#as_of").is_visible()
    focus(page)


def test_every_picture_has_its_table_and_every_figure_its_path(filled: "Served"):
    tab = filled.tab()
    for address in ("/plan", "/"):
        tab.open(address)
        assert tab.page.locator(".picture").count() > 3
        assert tab.page.locator(".picture:not(:has(details table tbody tr))").count() == 0
        assert tab.page.locator(".card .fig:not(:has(a[data-path]))").count() == 0


# ---- doing


def test_a_proposal_is_confirmed(filled: "Served"):
    """Sign in, see what waits, open it, confirm it; the focus is seen at every step."""
    tab = filled.fresh()
    page = tab.page
    tab.open("/decisions")
    assert focus(page)["tag"] == "input"
    page.keyboard.type("gm")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    opened(page)
    page.goto(f"{filled.url}/")
    assert page.locator("h1").inner_text().startswith("1 decision waits for you.")
    page.keyboard.press("j")
    focus(page)
    opened(page)
    assert "waits until" in page.locator("h1").inner_text()
    walk(page, "Comment", "textarea")
    page.keyboard.type("Agreed.")
    walk(page, "Confirm and carry out")
    opened(page)
    assert "confirmed and carried out" in page.locator("h1").inner_text()
    assert page.locator(".toast").inner_text().startswith("Confirmed.")
    assert page.get_by_text("Agreed.").count()
    assert tab.unlike_axe() == []


def test_a_record_is_found_and_edited(filled: "Served"):
    tab = filled.fresh("cto")
    page = tab.page
    tab.open("/")
    page.keyboard.press("/")
    page.keyboard.type("fraud scoring")
    page.locator("#found a").first.wait_for()
    page.keyboard.press("ArrowDown")
    focus(page)
    opened(page)
    assert page.locator("h1").inner_text() == "Fraud scoring"
    walk(page, "Edit")
    opened(page)
    walk(page, "Name (English)")
    page.keyboard.press("End")
    page.keyboard.type(" of payments")
    walk(page, "Save")
    opened(page)
    assert page.locator("h1").inner_text() == "Fraud scoring of payments"
    assert page.locator(".toast").inner_text().startswith("Saved.")


def test_what_is_wrong_in_a_form_is_said_where_it_is(filled: "Served"):
    tab = filled.fresh("cto")
    page = tab.page
    tab.open("/records/initiative/new")
    walk(page, "Key")
    page.keyboard.type("two words")
    walk(page, "Save")
    opened(page)
    assert page.locator("[role=alert]").is_visible()
    assert page.locator(".field:has(#id_key) .errors").is_visible()
    assert [*tab.unlike_axe(), *tab.too_wide((390, 844))] == []


def test_children_are_edited_as_a_grid(filled: "Served"):
    """A cell is changed, a row is added by Enter on the last one, cells are pasted, all is saved together."""
    tab = filled.fresh("cto")
    page = tab.page
    tab.open("/records/goal/record/trust")
    walk(page, "Edit as a grid")
    opened(page)
    rows = page.locator("table.grid-edit tbody tr")
    before = rows.count()
    walk(page, "Target")
    page.keyboard.press("Control+A")
    page.keyboard.type("99.8")
    page.keyboard.press("ArrowDown")
    focus(page)
    for _ in range(before):
        page.keyboard.press("Enter")
    assert rows.count() > before
    keys = page.locator("table.grid-edit [name$='-key']")
    keys.nth(before - 1).focus()
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "audits\\tAudits passed\\t通过的审计");
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    assert [keys.nth(before - 1).input_value(), tab.unlike_axe()] == ["audits", []]
    last = rows.nth(before - 1)
    last.locator("[name$='-unit']").fill("audits")
    last.locator("[name$='-today']").fill("1")
    last.locator("[name$='-target']").fill("3")
    last.locator("[name$='-due']").fill("2028-06-30")
    walk(page, "Save")
    opened(page)
    shown = page.locator("main").inner_text()
    assert "Audits passed" in shown
    assert "99.8" in shown

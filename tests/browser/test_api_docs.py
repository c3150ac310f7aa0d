"""The docs of the API in a real browser: languages, copying, the index beside the text,
and all of it without scripts.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

Check = Callable[[Page], None]
DOCS = "/api/v1/docs"


def test_a_language_is_chosen_once_for_all_examples(
    page: Page, accessible: Check
) -> None:
    page.goto(DOCS)
    example = page.locator("#stamp .langs")
    expect(example.locator("pre").first).to_be_visible()
    example.locator("summary", has_text="Python").press("Enter")
    expect(example.locator("pre", has_text="requests.post")).to_be_visible()
    expect(example.locator("pre", has_text="curl -s")).to_be_hidden()
    expect(page.locator("#renew pre", has_text="requests.post")).to_be_visible()
    example.locator("summary", has_text="Python").click()
    expect(example.locator("pre", has_text="requests.post")).to_be_visible()
    accessible(page)

    page.reload()
    expect(page.locator("#renew pre", has_text="requests.post")).to_be_visible()
    expect(page.locator("#renew pre", has_text="curl -s")).to_be_hidden()


def test_choosing_a_language_far_down_keeps_the_place(page: Page) -> None:
    page.goto(f"{DOCS}#suspend")
    summary = page.locator("#suspend summary", has_text="PHP")
    before = summary.bounding_box()
    summary.click()
    after = summary.bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) < 2


def test_an_example_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(DOCS)
    page.locator("#stamp").get_by_role("button", name="Copiar").click()
    expect(page.locator("#stamp").get_by_role("button", name="Copiado")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#stamp pre").first.inner_text()
    assert copied.startswith("curl -s -X POST")


def test_the_index_stays_beside_the_text_and_marks_the_section(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 700})
    page.goto(DOCS)
    index = page.get_by_role("navigation", name="Contenido")
    link = index.get_by_role("link", name="Suspender")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#suspend")).to_be_in_viewport()
    expect(link).to_be_in_viewport()
    expect(link).to_have_attribute("aria-current", "true")
    expect(index.locator("[aria-current]")).to_have_count(1)


@pytest.mark.parametrize("width", [390, 820, 1366])
def test_the_docs_fit_at_every_width(page: Page, accessible: Check, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(DOCS)
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_without_scripts_each_example_opens_alone(
    browser: Browser, base_url: str
) -> None:
    page = browser.new_page(base_url=base_url, java_script_enabled=False)
    page.goto(DOCS)
    example = page.locator("#stamp .langs")
    expect(example.locator("pre", has_text="curl -s")).to_be_visible()
    example.locator("summary", has_text="PHP").click()
    expect(example.locator("pre", has_text="<?php")).to_be_visible()
    expect(example.get_by_role("button")).to_be_hidden()
    page.close()

"""Somebody reports by the public form in a real browser: both languages, a phone, no scripts; and gets a receipt."""

from __future__ import annotations

import pytest

pytest.importorskip("django")

from tests.browser.people import faults_of, follow, wider_than_the_window
from tests.browser.pictures import shot

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 900, "height": 700}


class Reporter:
    """A visitor's browser, which remembers what its console complained of."""

    def __init__(self, browser, site, **how):
        self.faults: list[str] = []
        self.elsewhere: list[str] = []
        self.context = browser.new_context(**{"viewport": DESKTOP, "locale": "en"} | how)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "request",
            lambda request: None if request.url.startswith((site.url, "data:")) else self.elsewhere.append(request.url),
        )
        self.page.goto(site.url)

    def to_the_form(self):
        follow(self.page, self.page.locator("main .card a.button").first)
        return self.page

    def fill(self, scope="40"):
        page = self.page
        page.locator("#id_name").fill("Beispiel GmbH")
        page.locator("#id_sector").select_option("health")
        page.locator("#id_region").select_option("AT-9")
        page.locator("#id_scope").fill(scope)
        page.locator("#id_compromised").fill("3")
        page.locator("#id_ruled_out").fill("30")
        page.locator("#id_whole_dns_query").fill("30")
        page.locator("#id_indicators").fill("evil[.]example")
        page.locator("input[name=count][value=yes]").check()
        follow(page, page.locator("button[name=step][value=check]"))
        return page


@pytest.mark.parametrize(
    ("language", "title", "checked", "receipt"),
    [
        ("en", "Report to the CERT", "This is what will be sent", "Receipt"),
        ("de-AT", "Meldung an das CERT", "Das wird gesendet", "Quittung"),
    ],
)
def test_a_report_in_both_languages(site, chromium, pictures, language, title, checked, receipt):
    visitor = Reporter(chromium, site, locale=language)
    short = language[:2]
    assert faults_of(visitor.page) == []
    page = visitor.to_the_form()
    assert page.locator("h1").inner_text() == title
    assert page.locator("html").get_attribute("lang") == short
    assert faults_of(page) == []
    shot(pictures, page, f"form-{short}")
    page = visitor.fill()
    assert page.locator("h1").inner_text() == checked
    assert "Beispiel GmbH" in page.inner_text("main")
    assert "evil.example" in page.inner_text("main")
    assert faults_of(page) == []
    follow(page, page.locator("button[name=step][value=send]"))
    assert page.locator("h1").inner_text() == receipt
    number, secret = page.locator(".receipt code").all_inner_texts()
    assert faults_of(page) == []
    shot(pictures, page, f"receipt-{short}")
    page.reload()
    assert page.locator(".receipt code").all_inner_texts() == [number, secret]
    other = Reporter(chromium, site, locale=language).page
    other.goto(f"{site.url}/r/{number}")
    assert secret not in other.content()
    other.locator("#id_secret").fill(secret)
    follow(other, other.locator("main button"))
    assert number in other.inner_text("main")
    assert secret not in other.content()
    assert (visitor.faults, visitor.elsewhere) == ([], [])


def test_what_does_not_fit_is_said_at_its_field(site, chromium):
    visitor = Reporter(chromium, site)
    visitor.to_the_form()
    page = visitor.fill(scope="20")
    scope = page.locator("#id_scope")
    assert scope.get_attribute("aria-invalid") == "true"
    described = scope.get_attribute("aria-describedby").split()
    said = " ".join(page.locator(f"[id='{each}']").inner_text() for each in described)
    assert "more than the machines in question" in said
    assert page.locator("#id_name").input_value() == "Beispiel GmbH"
    assert faults_of(page) == []


def test_a_phones_width_is_enough(site, chromium, pictures):
    visitor = Reporter(chromium, site, viewport=PHONE, locale="de-AT", has_touch=True, is_mobile=True)
    assert wider_than_the_window(visitor.page) <= 0
    page = visitor.to_the_form()
    assert wider_than_the_window(page) <= 0
    assert faults_of(page) == []
    shot(pictures, page, "form-phone-de")
    page = visitor.fill()
    assert wider_than_the_window(page) <= 0
    follow(page, page.locator("button[name=step][value=send]"))
    assert page.locator(".receipt code").count() == 2
    assert wider_than_the_window(page) <= 0


def test_without_scripts_and_in_the_dark_it_is_the_same(site, chromium):
    visitor = Reporter(chromium, site, java_script_enabled=False, color_scheme="dark")
    visitor.to_the_form()
    page = visitor.fill()
    follow(page, page.locator("button[name=step][value=change]"))
    assert page.locator("#id_name").input_value() == "Beispiel GmbH"
    follow(page, page.locator("button[name=step][value=check]"))
    follow(page, page.locator("button[name=step][value=send]"))
    assert page.locator(".receipt code").count() == 2


def test_contrast_holds_in_the_dark(site, chromium):
    visitor = Reporter(chromium, site, color_scheme="dark")
    assert faults_of(visitor.page) == []
    page = visitor.to_the_form()
    assert faults_of(page) == []
    assert faults_of(visitor.fill()) == []


def test_the_language_is_switched_by_a_button(site, chromium):
    page = Reporter(chromium, site).page
    follow(page, page.get_by_role("button", name="Deutsch"))
    assert page.locator("html").get_attribute("lang") == "de"
    follow(page, page.get_by_role("link", name="Melden", exact=True))
    assert page.locator("h1").inner_text() == "Meldung an das CERT"


def test_the_form_can_be_filled_in_by_keyboard(site, chromium):
    page = Reporter(chromium, site).to_the_form()
    page.locator("#id_scope").focus()
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    assert page.locator("#id_compromised").input_value() == "2"
    # The trap for machines is not in the way of people.
    seen = set()
    for _step in range(120):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
    assert "website" not in seen
    assert "step" in seen

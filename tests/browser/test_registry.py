"""The registry in a real browser: an administrator enters an organisation, a contact, a number and a token."""

from __future__ import annotations

import pytest

pytest.importorskip("django")

from tests.browser.people import Person, faults_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_administrator_fills_the_registry(site, chromium):
    root = Person(site, chromium, "root", "admin")
    page = root.come_in(width=900)
    page.get_by_role("link", name="Registry").click()
    assert faults_of(page) == []
    page.get_by_role("link", name="Organisations").click()
    page.get_by_role("link", name="Add an organisation").click()
    assert faults_of(page) == []
    page.get_by_label("name", exact=True).fill("Spital Nord")
    page.get_by_label("Controlling group").fill("Spitäler GmbH")
    page.get_by_label("sector").select_option("health")
    page.get_by_role("button", name="Save").click()
    assert page.locator("h1").inner_text() == "Spital Nord"
    assert faults_of(page) == []
    page.get_by_role("link", name="Add a contact").click()
    page.get_by_label("name", exact=True).fill("Ute Beispiel")
    page.get_by_label("mail address").fill("ute@spital.example")
    page.get_by_role("button", name="Save").click()
    assert "not verified" in page.inner_text("main")
    page.goto(f"{site.url}/registry/counts/add")
    page.get_by_label("partner", exact=True).fill("CERT of X")
    page.get_by_label("number of organisations").fill("14")
    page.get_by_role("button", name="Save").click()
    assert "14" in page.inner_text("main table")
    assert faults_of(page) == []
    page.goto(f"{site.url}/registry/tokens/")
    page.get_by_label("name", exact=True).fill("a program")
    page.get_by_role("button", name="Make").click()
    assert page.locator(".receipt code").inner_text().startswith("nachsorge_")
    assert faults_of(page) == []
    assert root.faults == []


@pytest.mark.parametrize("language", ["de-AT", "en"])
def test_signing_in_and_the_second_factor_are_for_everybody(site, chromium, language):
    person = Person(site, chromium, f"eva-{language[:2].lower()}", "analyst", language)
    context = chromium.new_context(locale=language, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/")
    assert page.locator("html").get_attribute("lang") == language[:2]
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page = person.come_in(width=360)
    for address in ("/accounts/2fa/", "/accounts/2fa/recovery-codes/", "/accounts/password/change/", "/registry/"):
        page.goto(f"{site.url}{address}")
        assert faults_of(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (
            address
        )
    assert person.faults == []

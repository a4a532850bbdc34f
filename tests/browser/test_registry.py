"""The registry in a real browser: an administrator enters an organisation, a contact, a number and a token."""

from __future__ import annotations

import pytest

pytest.importorskip("django")

from tests.browser.people import Person, faults_of, follow, wider_than_the_window

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_administrator_fills_the_registry(site, chromium):
    root = Person(site, chromium, "root", "admin")
    page = root.come_in(width=900)
    follow(page, page.get_by_role("link", name="Registry"))
    page.wait_for_url("**/registry/")
    assert faults_of(page) == []
    follow(page, page.get_by_role("link", name="Organisations"))
    follow(page, page.get_by_role("link", name="Add an organisation"))
    assert faults_of(page) == []
    page.locator("#id_name").fill("Spital Nord")
    page.locator("#id_group_name").fill("Spitäler GmbH")
    page.locator("#id_sector").select_option("health")
    follow(page, page.get_by_role("button", name="Save"))
    assert page.locator("h1").inner_text() == "Spital Nord"
    assert faults_of(page) == []
    follow(page, page.get_by_role("link", name="Add a contact"))
    page.locator("#id_name").fill("Ute Beispiel")
    page.locator("#id_email").fill("ute@spital.example")
    follow(page, page.get_by_role("button", name="Save"))
    assert "not verified" in page.inner_text("main")
    page.goto(f"{site.url}/registry/counts/add")
    page.locator("#id_partner").fill("CERT of X")
    page.locator("#id_number").fill("14")
    follow(page, page.get_by_role("button", name="Save"))
    assert "14" in page.inner_text("main table")
    assert faults_of(page) == []
    page.goto(f"{site.url}/registry/tokens/")
    page.locator("#id_name").fill("a program")
    follow(page, page.get_by_role("button", name="Make"))
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
    assert wider_than_the_window(page) <= 0
    page = person.come_in(width=360)
    for address in ("/accounts/2fa/", "/accounts/2fa/recovery-codes/", "/accounts/password/change/", "/registry/"):
        page.goto(f"{site.url}{address}")
        assert faults_of(page) == [], address
        assert wider_than_the_window(page) <= 0, address
    assert person.faults == []

"""An analyst works a submission in a real browser: second factor, queue, states, notes, answer; in both languages."""

from __future__ import annotations

import pytest

pytest.importorskip("django")

from tests.browser.people import Person, faults_of, follow, submit, wider_than_the_window
from tests.browser.pictures import shot
from tests.cert.kit import sent

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONTACT = {"name": "Ute Beispiel", "email": "ute@spital.example", "phone": "+43 1 000", "fingerprint": ""}


@pytest.fixture(scope="module")
def receipts(site):
    """Three reports: a mandatory one, a voluntary one, and one for named persons only."""
    token = site.run("token", str(site.folder), "tests").strip()
    told = {"contact": CONTACT, "note": "Four telephones rang at once."}
    return {
        "mandatory": submit(site, sent(channel="mandatory", **told), token)["receipt"],
        "voluntary": submit(site, sent(labels={"tlp": "AMBER+STRICT", "pap": "AMBER", "parts": {}}), token)["receipt"],
        "red": submit(site, sent(labels={"tlp": "RED", "pap": "RED", "parts": {}}, note="MARKER-RED"), token)[
            "receipt"
        ],
    }


def test_an_analyst_works_a_report(site, chromium, receipts, pictures):
    ada = Person(site, chromium, "ada", "analyst")
    page = ada.come_in()
    assert faults_of(page) == []
    shot(pictures, page, "desk-queue-en")
    page.keyboard.press("j")  # the closed one stands first, without content
    assert "MARKER-RED" not in page.content()
    follow(page, page.get_by_role("link", name=receipts["mandatory"]))
    assert "Four telephones rang at once." in page.inner_text("main")
    assert faults_of(page) == []
    follow(page, page.get_by_role("button", name="acknowledged"))
    page.get_by_label("Worked on by").select_option("ada")
    follow(page, page.get_by_role("button", name="Assign"))
    page.locator("form[action$=note] textarea").fill("Called Ute, logs of March are there.")
    follow(page, page.get_by_role("button", name="Add the note"))
    page.locator("form[action$=forward] input[name=reference]").fill("NIS-2026-17")
    follow(page, page.get_by_role("button", name="It was forwarded"))
    follow(page, page.get_by_role("button", name="in verification"))
    follow(page, page.get_by_role("button", name="verified", exact=True))
    assert "Please give a reason." in page.inner_text("main")
    page.locator("#move-why").fill("DNS log and file hash agree")
    follow(page, page.get_by_role("button", name="verified", exact=True))
    follow(page, page.get_by_role("link", name="Answer", exact=True))
    assert faults_of(page) == []
    page.locator("textarea[name=text]").fill("Please take memory images before you restart anything.")
    follow(page, page.get_by_role("button", name="Look at it"))
    assert "What would go" in page.inner_text("main")
    follow(page, page.get_by_role("button", name="Give it to the reporter"))
    text = page.inner_text("main")
    for expected in ("verified", "NIS-2026-17", "Called Ute", "not fetched yet", "DNS log and file hash agree"):
        assert expected in text
    shot(pictures, page, "desk-report-en")
    page.goto(f"{site.url}/desk/log/?verify=1")
    assert "The chain holds" in page.inner_text("main")
    assert faults_of(page) == []
    assert "head" in site.run("log", "verify", str(site.folder))
    assert [each for each in ada.faults if "409 (Conflict)" not in each] == []


def test_in_german_on_a_phone_and_without_scripts(site, chromium, receipts, pictures):
    bea = Person(site, chromium, "bea", "analyst", language="de")
    page = bea.come_in()
    assert "Eingang" in page.inner_text("h1")
    shot(pictures, page, "desk-queue-de")
    page.goto(f"{site.url}/desk/{receipts['mandatory']}/")
    shot(pictures, page, "desk-report-de")
    page.set_viewport_size({"width": 360, "height": 740})
    for at in ("/desk/", f"/desk/{receipts['mandatory']}/", f"/desk/{receipts['mandatory']}/answer"):
        page.goto(f"{site.url}{at}")
        assert wider_than_the_window(page) <= 0, at
        assert faults_of(page) == []
    plain = chromium.new_context(java_script_enabled=False, locale="de", storage_state=page.context.storage_state())
    page = plain.new_page()
    page.goto(f"{site.url}/desk/{receipts['voluntary']}/")
    follow(page, page.get_by_role("button", name="bestätigt"))
    assert "bestätigt" in page.inner_text("main")
    plain.close()
    assert bea.faults == []


def test_a_closed_report_is_taken_with_a_reason(site, chromium, receipts):
    eve = Person(site, chromium, "eve", "analyst")
    page = eve.come_in()
    page.goto(f"{site.url}/desk/{receipts['red']}/")
    assert "MARKER-RED" not in page.content()
    assert faults_of(page) == []
    page.get_by_label("Reason").fill("on duty tonight")
    follow(page, page.get_by_role("button", name="Take it"))
    assert "MARKER-RED" in page.inner_text("main")


def test_by_keyboard_alone(site, chromium, receipts):
    tab = Person(site, chromium, "tab", "analyst")
    page = tab.come_in()
    page.keyboard.press("/")
    page.keyboard.type(receipts["voluntary"])
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/{receipts['voluntary']}/")

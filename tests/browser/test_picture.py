"""The picture and a release in a real browser, in both languages, light and dark, and on a phone."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("django")

import msgspec
from tests.browser.people import Person, faults_of, follow, prepared, wider_than_the_window
from tests.browser.pictures import shot
from tests.cert.picture.made import bodies

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETTLE = """
import sys
from pathlib import Path
from nachsorge.cert.site.instance import read
from nachsorge.cert.site.start import start
start(read(Path(sys.argv[1]), sys.argv[2]))
from nachsorge.cert.desk.models import Case
from nachsorge.cert.registry.models import Campaign, PartnerCount
halves = Case.objects.order_by("submission__digest").values_list("pk", flat=True)[::2]
Case.objects.filter(pk__in=list(halves)).update(state="verified")
refuted = Case.objects.filter(state="received").values_list("pk", flat=True)[:9]
Case.objects.filter(pk__in=list(refuted)).update(state="refuted")
campaign = Campaign.objects.get(slug="3cx-2023")
told = {"campaign": campaign, "partner": "CERT Partner", "label": "GREEN", "entered_by": "ada", "publishable": True}
PartnerCount.objects.create(**told, rung="exposed", number=420)
PartnerCount.objects.create(**told, rung="contacted", number=31)
PartnerCount.objects.create(**told, rung="exposed", region="AT-9", number=70)
PartnerCount.objects.create(**told, rung="exposed", sector="health", number=44)
"""


ASKED = """
import sys
from pathlib import Path
from nachsorge.cert.site.instance import read
from nachsorge.cert.site.start import start
start(read(Path(sys.argv[1]), sys.argv[2]))
from django.utils import timezone
from nachsorge.cert.picture.models import Preparation
from nachsorge.cert.registry.models import Campaign
now = timezone.now()
state = sys.argv[3]
if state == "computing":
    campaign = Campaign.objects.get(slug="3cx-2023")
    Preparation.objects.create(
        campaign=campaign, circle="public", minimum=10, asked_by="ada", asked_at=now, beat=now
    )
else:
    Preparation.objects.filter(state="computing").update(state=state)
"""


def asked(site, state):
    command = [sys.executable, "-W", "ignore", "-c", ASKED, str(site.folder), site.database, state]
    subprocess.run(command, check=True, timeout=60, capture_output=True)


@pytest.fixture(scope="module")
def filled(site, tmp_path_factory):
    """1,300 reports, half of them verified, and what a partner sees."""
    file = tmp_path_factory.mktemp("old") / "reports.ndjson"
    file.write_bytes(b"\n".join(map(msgspec.json.encode, bodies(7, 1300))))
    assert "taken 1300" in site.run("import", str(site.folder), str(file))
    command = [sys.executable, "-W", "ignore", "-c", SETTLE, str(site.folder), site.database]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    return site


@pytest.fixture(scope="module")
def people(filled, chromium):
    """Two who may prepare, one in each language, and one who approves."""
    found = {
        name: Person(filled, chromium, name, role, language=language)
        for name, role, language in (("ada", "analyst", "en"), ("bea", "analyst", "de"), ("cleo", "approver", "en"))
    }
    for person in found.values():
        person.come_in()
    return found


@pytest.fixture(scope="module")
def released(filled, people):
    """A public release, prepared by one and approved by another in their browsers."""
    page = people["ada"].page
    page.goto(f"{filled.url}/picture/3cx-2023/releases/")
    page.get_by_label("Audience").select_option("public")
    prepared(page, f"{filled.url}/picture/3cx-2023/releases/1/")
    assert page.get_by_role("button", name="Approve").count() == 0
    page = people["cleo"].page
    page.goto(f"{filled.url}/picture/3cx-2023/releases/1/")
    assert faults_of(page) == []
    follow(page, page.get_by_role("button", name="Approve"))
    assert "Released." in page.inner_text("main")
    return f"{filled.url}/public/3cx-2023/1/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "language"), [("ada", "en"), ("bea", "de")])
def test_the_picture(filled, people, pictures, name, language, scheme):
    page = people[name].page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{filled.url}/picture/3cx-2023/")
    assert page.locator("svg.chart").count() == 9
    assert faults_of(page) == []
    shot(pictures, page, f"picture-{language}-{scheme}")
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert faults_of(page) == []
    assert people[name].faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_public_release(released, chromium, pictures, language, scheme):
    context = chromium.new_context(locale=language, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(released)
    text = page.inner_text("main")
    assert {"en": "Whoever reports chose to report", "de": "Wer meldet, hat sich selbst"}[language] in text
    assert {"en": "clearly above", "de": "deutlich über"}[language] in text
    assert faults_of(page) == []
    shot(pictures, page, f"release-{language}-{scheme}")
    context.close()


def test_on_a_phone_nothing_is_wider_than_the_phone(filled, people, released, pictures):
    page = people["bea"].page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 740})
    for address in (
        "/picture/",
        "/picture/3cx-2023/",
        "/picture/3cx-2023/releases/",
        "/public/",
        "/public/3cx-2023/1/",
    ):
        page.goto(f"{filled.url}{address}")
        assert wider_than_the_window(page) <= 0, address
        assert faults_of(page) == []
    shot(pictures, page, "release-phone-de")
    page.goto(f"{filled.url}/picture/3cx-2023/")
    shot(pictures, page, "picture-phone-de")


def test_printed_the_tables_stand_open(filled, people):
    page = people["ada"].page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{filled.url}/picture/3cx-2023/")
    page.emulate_media(media="print")
    assert page.locator("#regions table").is_visible()
    assert not page.locator("header nav").is_visible()
    page.emulate_media(media="screen")


def test_without_scripts_a_release_reads_the_same(released, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(released)
    assert page.locator("svg.chart").count() == 2
    assert page.locator("table.numbers").count() == 6
    context.close()


@pytest.mark.parametrize(("name", "language"), [("ada", "en"), ("bea", "de")])
def test_a_release_that_takes_long_says_so_and_the_page_follows_by_itself(filled, people, pictures, name, language):
    asked(filled, "computing")
    page = people[name].page
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="light", media="screen")
    page.goto(f"{filled.url}/picture/3cx-2023/releases/")
    assert {"en": "is being worked out", "de": "wird berechnet"}[language] in page.inner_text("#state")
    assert wider_than_the_window(page) <= 0
    assert faults_of(page) == []
    shot(pictures, page, f"release-computing-phone-{language}")
    asked(filled, "too-long")
    page.get_by_text({"en": "so it was not made", "de": "sie wurde daher nicht erstellt"}[language]).wait_for(
        timeout=15_000
    )
    assert page.locator("[hx-get]").count() == 0
    assert faults_of(page) == []
    asked(filled, "done")
    assert people[name].faults == []

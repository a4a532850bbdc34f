"""The registry's pages: who may do what, and that what is entered is kept."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.cert.kit import signed_in

from nachsorge.cert.desk.models import Entry
from nachsorge.cert.registry.models import ApiToken, Campaign, Contact, Group, Organisation, PartnerCount
from nachsorge.cert.registry.tokens import holder

READ = ("/registry/", "/registry/organisations/", "/registry/counts/")
WORK = ("/registry/organisations/add", "/registry/counts/add")
MANAGE = ("/registry/campaigns/add", "/registry/tokens/")


@pytest.mark.parametrize(
    ("role", "open_to"),
    [("analyst", READ + WORK), ("approver", READ), ("admin", READ + WORK + MANAGE), ("reporter", ())],
)
def test_each_role_reaches_its_pages_and_no_other(campaign, role, open_to):
    client = signed_in(role=role)
    for page in READ + WORK + MANAGE:
        assert client.get(page).status_code == (200 if page in open_to else 403), page


def test_strangers_are_sent_to_sign_in(campaign):
    for page in READ + WORK + MANAGE:
        answer = Client().get(page)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_without_a_second_factor_nothing_is_reached(campaign):
    client = signed_in(role="admin", strong=False)
    for page in READ + WORK + MANAGE:
        assert client.get(page).status_code in (302, 403)
        assert client.post(page, {}).status_code == 403


def test_organisations_have_groups_that_count_once(campaign):
    client = signed_in()
    for name in ("Hospital North", "Hospital South"):
        fields = {"name": name, "sector": "health", "region": "AT-9", "size": "large", "group_name": "Hospitals  Inc."}
        assert client.post("/registry/organisations/add", fields).status_code == 302
    north, south = Organisation.objects.all()
    assert north.unit == south.unit
    assert Group.objects.get().name == "Hospitals Inc."
    fields = {"name": "Hospital North", "sector": "health", "region": "AT-9", "size": "large", "group_name": ""}
    client.post(f"/registry/organisations/{north.pk}/edit", fields)
    north.refresh_from_db()
    assert north.group is None
    assert north.unit != south.unit
    assert client.get("/registry/organisations/", {"q": "hospitals"}).content.count(b"Hospital South") == 1
    assert b"Hospital South" in client.get(f"/registry/organisations/{south.pk}/").content
    assert Entry.objects.filter(act="organisation").count() == 3


def test_a_contact_is_kept_with_its_fingerprint_as_people_copy_it(campaign):
    owner = Organisation.objects.create(name="Example Ltd")
    fields = {"name": "Ada", "email": "ada@example.org", "phone": "", "fingerprint": " ".join(["ab12"] * 10)}
    client = signed_in()
    assert client.post(f"/registry/organisations/{owner.pk}/contacts/add", fields).status_code == 302
    assert Contact.objects.get().fingerprint == "AB12" * 10
    fields["fingerprint"] = "AB12"
    answer = client.post(f"/registry/organisations/{owner.pk}/contacts/{Contact.objects.get().pk}", fields)
    assert answer.status_code == 422


def test_a_partners_number_is_a_kind_of_its_own(campaign):
    fields = {"partner": "CERT of X", "campaign": campaign.pk, "number": "14", "rung": "exposed", "label": "AMBER"}
    client = signed_in("ada")
    assert client.post("/registry/counts/add", fields).status_code == 302
    kept = PartnerCount.objects.get()
    assert (kept.number, kept.label, kept.publishable, kept.entered_by) == (14, "AMBER", False, "ada")
    page = client.get("/registry/counts/").content.decode()
    assert ">14<" in page
    assert "TLP:AMBER" in page
    assert client.post("/registry/counts/add", fields | {"number": "-1"}).status_code == 422


def test_a_red_number_is_seen_by_nobody_but_whom_it_was_told(campaign):
    PartnerCount.objects.create(partner="Secret partner", campaign=campaign, number=4711, label="RED", entered_by="ada")
    assert b"4711" in signed_in("ada").get("/registry/counts/").content
    other = signed_in("eve", "admin").get("/registry/counts/").content
    assert b"4711" not in other
    assert b"Secret partner" not in other


def test_a_token_is_shown_once_and_kept_as_a_hash(campaign):
    client = signed_in("root", "admin")
    page = client.post("/registry/tokens/", {"name": "a program", "organisation": ""}).content.decode()
    token = page.split("nachsorge_")[1].split("<")[0]
    assert holder(f"nachsorge_{token}") == ApiToken.objects.get()
    assert token not in client.get("/registry/tokens/").content.decode()
    assert token not in repr(ApiToken.objects.values())
    client.post(f"/registry/tokens/{ApiToken.objects.get().pk}/revoke")
    assert holder(f"nachsorge_{token}") is None


def test_a_campaign_is_opened_and_closed(campaign):
    client = signed_in("root", "admin")
    fields = {
        "slug": "axios",
        "title": "Axios",
        "opened": "2026-04-01",
        "state": "open",
        "pack_ids": "axios-2026 x y x",
    }
    assert client.post("/registry/campaigns/add", fields).status_code == 302
    assert Campaign.objects.get(slug="axios").packs == ["axios-2026", "x", "y"]
    client.post("/registry/campaigns/axios", fields | {"state": "closed"})
    assert b"Axios" not in Client().get("/").content


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onmouseover='x'", "&quot; onmouseover=&#x27;x&#x27;"),
        ("{{ 7|add:7 }}", "{{ 7|add:7 }}"),
    ],
)
def test_names_are_shown_as_text(campaign, text, shown):
    Organisation.objects.create(name=text)
    assert f">{shown}</a>" in signed_in().get("/registry/organisations/").content.decode()

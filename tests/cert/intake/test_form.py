"""The public form: no account, three steps, a receipt; and the pages of receipts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from tests.cert.kit import form_fields

from nachsorge.cert.intake.compose import kind_of
from nachsorge.cert.intake.models import Submission
from nachsorge.cert.registry.models import Campaign

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def _sent(client: Client, **changes: Any) -> Any:
    return client.post("/report/", {**form_fields(**changes), "step": "send"})


def test_nothing_is_stored_before_the_last_look(campaign):
    client = Client()
    checked = client.post("/report/", {**form_fields(note="MARKER"), "step": "check"})
    assert checked.status_code == 200
    assert b"MARKER" in checked.content
    assert not Submission.objects.exists()
    # What the last look sends is what was looked at.
    said: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(checked.content.decode()):
        said.setdefault(name, []).append(unescape(value))
    said.pop("csrfmiddlewaretoken", None)
    answer = client.post("/report/", {**said, "step": "send"})
    assert answer.status_code == 302
    assert Submission.objects.get().notification().note == "MARKER"


def test_change_goes_back_to_the_form_as_it_was(campaign):
    page = Client().post("/report/", {**form_fields(note="MARKER"), "step": "change"}).content.decode()
    assert "MARKER</textarea>" in page
    assert 'name="scope" value="40"' in page


def test_everything_that_is_said_arrives(campaign):
    answer = _sent(
        Client(),
        channel="mandatory",
        name="Example Ltd",
        compromised="3",
        suspected="1",
        ruled_out="30",
        shown_exposed="3",
        out_exposed="30",
        suspected_contacted="1",
        whole_dns_query="30",
        partly_dns_query="4",
        first="2023-03-22",
        last="2023-03-31",
        done=["isolated", "updated"],
        done_other="wrote to the supplier",
        indicators="evil[.]example\nhxxps://evil.example/icon\n192.0.2.7\nevil[.]example\n" + "a" * 64,
        wanted=["technical-details"],
        help_text="line\r\nline",
        person="Ada",
        email="ada@example.org",
        fingerprint=" ".join(["abcd"] * 10),
        pass_to=["constituency"],
        named="on",
    )
    assert answer.status_code == 302
    kept = Submission.objects.get()
    found = kept.notification()
    assert (kept.channel, kept.source, kept.campaign) == ("mandatory", "form", campaign)
    assert (found.assets.verdicts.open, found.assets.verdicts.ruled_out) == (6, 30)
    assert [(each.rung, each.shown, each.suspected, each.open, each.ruled_out) for each in found.assets.rungs] == [
        ("exposed", 3, 0, 7, 30),
        ("contacted", 0, 1, 39, 0),
    ]
    assert [(each.telemetry.value, each.whole, each.partly, each.none) for each in found.coverage] == [
        ("dns_query", 30, 4, 6)
    ]
    assert (found.weeks.first, found.weeks.last) == ("2023-W12", "2023-W13")
    assert [each.what for each in found.done] == ["isolated", "updated", "other"]
    assert [(each.type.value, each.value) for each in found.indicators] == [
        ("domain", "evil.example"),
        ("url", "https://evil.example/icon"),
        ("ip", "192.0.2.7"),
        ("sha256", "a" * 64),
    ]
    assert found.contact.fingerprint == "ABCD" * 10
    assert found.purposes.name
    assert found.help.text == "line\nline"


def test_what_was_left_empty_stays_unknown_and_open(campaign):
    _sent(Client(), sector="unknown", region="unknown", size="unknown")
    found = Submission.objects.get().notification()
    assert found.assets.verdicts.open == found.assets.scope == 40
    assert (found.assets.rungs, found.coverage, found.weeks, found.contact) == ((), (), None, None)


def test_the_last_look_says_that_nothing_was_said_of_coverage(campaign):
    page = Client().post("/report/", {**form_fields(), "step": "check"}).content.decode()
    assert "we take everything that is not shown as not looked at" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"compromised": "41"}, "more than the machines in question"),
        ({"shown_exposed": "30", "out_exposed": "11"}, "more than the machines in question"),
        ({"whole_proxy": "30", "partly_proxy": "11"}, "more than the machines in question"),
        ({"first": "2023-03-31", "last": "2023-03-22"}, "earlier than the first sign"),
        ({"named": "on"}, "needs a name"),
        ({"done": ["nothing", "updated"]}, "contradict each other"),
        ({"tlp": "RED", "pass_to": ["constituency"]}, "does not allow this"),
        ({"tlp": "AMBER", "pass_to": ["community"]}, "does not allow this"),
        ({"indicators": "evil.example\nour server in the cellar"}, "Line 2 is no address"),
        ({"indicators": "\n".join(f"192.0.2.{n % 256}:{n}" for n in range(200))}, "Line 1 is no address"),
        ({"indicators": "\n".join(f"h{n}.example" for n in range(101))}, "At most 100"),
        ({"fingerprint": "abc"}, "40 or 64 hexadecimal digits"),
        ({"phone": "ask Ada"}, "Digits, spaces"),
        ({"name": "two\nlines"}, "One line of text"),
        ({"note": "\u202egnp.exe"}, "cannot be shown"),
        ({"scope": "10000001"}, "less than or equal"),
        ({"count": ""}, "required"),
        ({"campaign": "other"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_stored(campaign, changes, said):
    answer = _sent(Client(), **changes)
    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())
    assert not Submission.objects.exists()


def test_sent_twice_is_one_report_with_one_receipt(campaign):
    client, fields = Client(), form_fields()
    first, again = (client.post("/report/", {**fields, "step": "send"}) for _time in range(2))
    assert first["Location"] == again["Location"]
    assert Submission.objects.count() == 1


def test_the_receipt_is_shown_to_its_sender_and_to_whoever_has_the_secret(campaign):
    sender, stranger = Client(), Client()
    place = _sent(sender)["Location"]
    page = sender.get(place).content.decode()
    number, secret = re.findall(r"<code>([A-Z0-9-]+)</code>", page)[:2]
    assert place == f"/r/{number}"
    asked = stranger.get(place).content.decode()
    assert secret not in asked
    assert "Received" not in asked
    assert stranger.post("/r/", {"number": number, "secret": "wrong"}).status_code == 422
    assert stranger.post("/r/", {"number": number.lower(), "secret": secret.lower()})["Location"] == place
    shown = stranger.get(place).content.decode()
    assert "Received" in shown
    assert secret not in shown


def test_a_number_that_never_was_looks_like_one_that_is_not_yours(campaign):
    number = _sent(Client())["Location"].removeprefix("/r/")
    real, made_up = (Client().get(f"/r/{each}").content.decode() for each in (number, "0000-0000-0000"))
    token = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert token.sub("", real).replace(number, "") == token.sub("", made_up).replace("0000-0000-0000", "")


def test_machines_that_fill_in_everything_are_not_taken(campaign):
    assert _sent(Client(), website="https://spam.example").status_code == 400
    assert not Submission.objects.exists()


def test_without_an_open_campaign_nothing_is_asked(campaign):
    Campaign.objects.update(state="closed")
    assert b"<form class=" not in Client().get("/report/").content.replace(b'<form class="languages"', b"")
    assert _sent(Client()).status_code == 200
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Meldung an das CERT"), ("en", "Report to the CERT"), ("fr", "Report to the CERT")]
)
def test_the_form_speaks_the_readers_language(campaign, language, words):
    answer = Client().get("/report/", headers={"Accept-Language": language})
    assert words in answer.content.decode()


def test_the_switch_of_language_is_kept(campaign):
    client = Client(headers={"Accept-Language": "en"})
    assert client.post("/language/", {"language": "de", "next": "/report/"})["Location"] == "/report/"
    assert '<html lang="de">' in client.get("/report/").content.decode()
    assert client.post("/language/", {"language": "de", "next": "https://evil.example/"})["Location"] == "/"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("evil.example", "domain"),
        ("a_b.evil.example", "domain"),
        ("192.0.2.1", "ip"),
        ("2001:db8::1", "ip"),
        ("192.0.2.0/24", "cidr"),
        ("https://evil.example/a", "url"),
        ("d" * 32, "md5"),
        ("d" * 40, "sha1"),
        ("d" * 64, "sha256"),
        ("localhost", None),
        ("evil.example; rm", None),
        ("a" * 64 + ".example", None),
        ("10.0.0.300", None),
    ],
)
def test_what_an_indicator_is_follows_from_its_form(value, kind):
    assert kind_of(value) == kind

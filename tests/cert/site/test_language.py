"""No page in German says anything in English: held against every English message that there is, and every code."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from tests.cert.desk.made import case_of
from tests.cert.kit import form_fields, signed_in

import nachsorge.cert
from nachsorge.model.words import IndicatorType, Reason, Telemetry

SPOKEN = ("aria-label", "title", "placeholder", "alt")
QUIET = {"code", "style", "script", "svg"}
"""What is inside is a value as it came, or the drawing of a table that stands beside it."""
SEEN = {"role": "malicious", "note": "", "tlp": "AMBER"}
INDICATORS = [SEEN | {"type": "domain", "value": "a.example"}, SEEN | {"type": "url_pattern", "value": "a.example/*"}]


class Text(HTMLParser):
    """Everything that is read or spoken, a piece at a time: texts, and the attributes that stand for one."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._quiet = 0
        self._open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.pieces += [
            value for name, value in attrs if name in ("aria-label", "title", "placeholder", "alt") and value
        ]
        if tag in QUIET:
            self._quiet += 1

    def handle_endtag(self, tag):
        self._quiet -= tag in QUIET

    def handle_data(self, data):
        if not self._quiet and data.strip():
            self.pieces.append(" ".join(data.split()))


def texts(page):
    read = Text()
    read.feed(page)
    return read.pieces


def english():
    """Give every English message whose German is another."""
    found = set()
    for po in Path(nachsorge.cert.__file__).parent.glob("*/locale/de/LC_MESSAGES/django.po"):
        with po.open("rb") as file:
            for message in read_po(file, locale="de"):
                pairs = zip(*((one if isinstance(one, tuple) else (one,)) for one in (message.id, message.string)),
                            strict=False)  # fmt: skip
                found |= {said for said, german in pairs if said and said != german and "%(" not in said}
    return found


CODES = {each.value for each in (*Reason, *Telemetry, *IndicatorType) if re.search(r"[-_]", each.value)}


def german(client):
    client.cookies["django_language"] = "de"
    return client


@pytest.fixture
def pages(campaign):
    """Give every kind of page there is, in German, by its address."""
    from django.test import Client

    from nachsorge.cert.registry.models import Organisation, PartnerCount

    reasons = {each.value: 1 for each in list(Reason)}
    coverage = [
        {"telemetry": each.value, "whole": 40 - len(reasons), "partly": 0, "none": len(reasons), "reasons": reasons}
        for each in Telemetry
    ]
    case = case_of(channel="mandatory", coverage=coverage, indicators=INDICATORS)
    closed = case_of(label="RED")
    owner = Organisation.objects.create(name="Wasserwerk Nord")
    count = {"campaign": campaign, "partner": "Nachbar", "rung": "exposed", "number": 12, "label": "AMBER"}
    PartnerCount.objects.create(**count, entered_by="ada")
    ada, bea, eve = german(signed_in("ada")), german(signed_in("bea", "approver")), german(signed_in("eve", "admin"))
    number = case.submission.number
    at = f"/desk/{number}/"
    ada.post(at + "move", {"there": "acknowledged", "seen": "received"})
    ada.post(at + "move", {"there": "in verification", "seen": "acknowledged"})
    ada.post("/picture/3cx-2023/releases/", {"circle": "public"})
    found = {}
    for client, address in (
        *((german(Client()), each) for each in ("/", "/report/", "/report/upload/", "/r/", "/public/", "/nichts")),
        *((ada, each) for each in ("/desk/", at, at + "answer", f"/desk/{closed.submission.number}/", "/picture/",
                                   "/desk/log/?verify=1", "/picture/3cx-2023/", "/picture/3cx-2023/releases/",
                                   "/registry/", "/registry/organisations/", "/registry/organisations/add",
                                   f"/registry/organisations/{owner.pk}/", "/registry/counts/", "/registry/counts/add",
                                   f"/registry/organisations/{owner.pk}/contacts/add")),
        (bea, "/picture/3cx-2023/releases/1/"),
        *((eve, each) for each in ("/registry/tokens/", "/registry/campaigns/add")),
    ):  # fmt: skip
        found[address] = client.get(address)
    bea.post("/picture/3cx-2023/releases/1/decide", {"decision": "approve"})
    found["/public/3cx-2023/1/"] = german(Client()).get("/public/3cx-2023/1/")
    found["refused"] = ada.post(at + "move", {"there": "verified", "seen": "in verification"})
    checked = {"step": "check", "indicators": "", "scope": "", "first": "2023-W20", "last": "2023-W10"}
    found["with errors"] = german(Client()).post("/report/", {**form_fields(), **checked})
    found["last look"] = german(Client()).post("/report/", {**form_fields(), "step": "check"})
    found["receipt"] = german(Client()).post("/report/", {**form_fields(), "step": "send"}, follow=True)
    return {address: answer.content.decode() for address, answer in found.items() if answer.status_code != 403}


def test_no_page_in_german_says_anything_in_english(pages):
    assert len(pages) > 28
    messages = english()
    whole = {message for message in messages if len(message) > 2}
    long = {message for message in messages if message.count(" ") >= 3}
    wrong = {
        (address, piece)
        for address, page in pages.items()
        for piece in texts(page)
        if piece.rstrip(":. ") in whole or any(message in piece for message in long)
    }
    assert wrong == set()


def test_no_code_stands_where_words_belong(pages):
    wrong = {
        (address, code)
        for address, page in pages.items()
        for piece in texts(page)
        for code in CODES
        if re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", piece)
    }
    assert wrong == set()


@pytest.mark.parametrize(("language", "said"), [("de", "nicht vorgelegt: 6"), ("en", "not provided: 6")])
def test_why_something_was_not_looked_at_is_said_in_words(campaign, language, said):
    client = signed_in()
    client.cookies["django_language"] = language
    page = client.get(f"/desk/{case_of().submission.number}/").content.decode()
    assert said in page
    assert "not-provided" not in page


def test_the_dictionary_would_find_an_english_sentence():
    assert "Nothing waits here." in english()
    assert "not-provided" in CODES
    assert texts('<p title="a b">c <b>d</b><code>e</code></p>') == ["a b", "c", "d"]

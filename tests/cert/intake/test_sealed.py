"""A sealed file without an account, by a program: as the public page takes it, and no more than that."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.cert.intake.test_upload import key, keyed
from tests.cert.kit import sent

from nachsorge.cert.intake.models import Submission
from nachsorge.sharing.seal import seal

__all__ = ["key", "keyed"]

pytestmark = pytest.mark.skipif(shutil.which("gpg") is None, reason="GPG ABSENT: sealed files have NOT been tested")

ARMOURED = "application/pgp-encrypted"


def _post(body: bytes, kind: str = ARMOURED) -> Any:
    # A program shows no cookie and no token of a form.
    return Client(enforce_csrf_checks=True).post("/api/v1/sealed", body, content_type=kind)


def test_it_gets_a_receipt_that_opens_its_standing(key):
    body = sent()
    answer = _post(seal(body, key).body)
    assert answer.status_code == 201, answer.content
    kept = Submission.objects.get()
    assert (bytes(kept.raw), kept.source, kept.token, kept.organisation) == (body, "upload", None, None)
    receipt = answer.json()
    headers = {"Receipt-Secret": receipt["secret"]}
    asked = Client().get(f"/api/v1/receipts/{receipt['receipt']}", headers=headers)
    assert asked.json()["state"] == "received"


def test_a_second_time_gives_no_secret(key):
    sealed = seal(sent(), key).body
    first, again = _post(sealed), _post(sealed)
    assert (again.status_code, again.json()["receipt"], again.json()["secret"]) == (200, first.json()["receipt"], "")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ARMOURED])
def test_nothing_plain_is_taken_without_a_token(key, kind):
    answer = _post(sent(), kind)
    assert answer.status_code == (422 if kind == ARMOURED else 415)
    assert not Submission.objects.exists()


def test_what_cannot_be_opened_is_refused(key):
    assert _post(b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n").status_code == 422
    assert not Submission.objects.exists()


def test_it_may_be_used_as_often_as_the_public_page(key, monkeypatch):
    monkeypatch.setattr(settings, "INSTANCE", replace(settings.INSTANCE, limits={"report": "2/h"}))
    answers = [_post(b"x") for _ in range(3)]
    assert [each.status_code for each in answers] == [422, 422, 429] and answers[2].headers["Retry-After"]

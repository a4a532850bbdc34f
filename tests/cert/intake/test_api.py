"""The interface for programs: what it takes, what it refuses, and that it does what its description says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.cert.kit import sent

from nachsorge.cert.intake.models import Submission
from nachsorge.cert.registry import tokens
from nachsorge.cert.registry.models import ApiToken, Organisation
from nachsorge.sharing.notification import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

NOTIFICATIONS = "/api/v1/notifications"


@pytest.fixture
def token(campaign: object) -> str:
    return tokens.make("tests", by="tests")


def _post(token: str, body: bytes, kind: str = "application/json", **more: str) -> Any:
    return Client().post(NOTIFICATIONS, body, content_type=kind, headers={"Authorization": f"Bearer {token}", **more})


def test_a_notification_gets_a_receipt_that_opens_its_standing(token):
    answer = _post(token, sent())
    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt["page"] == f"/r/{receipt['receipt']}"
    asked = Client().get(f"/api/v1/receipts/{receipt['receipt']}", headers={"Receipt-Secret": receipt["secret"]})
    assert asked.json() == {
        "receipt": receipt["receipt"],
        "received": receipt["received"],
        "sequence": 1,
        "superseded": False,
        "sealed": False,
        "state": "received",
        "answers": [],
    }


def test_the_same_again_is_said_to_be_the_same(token):
    body = sent()
    first, again = _post(token, body), _post(token, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["receipt"] == first.json()["receipt"]
    assert again.json()["duplicate"]
    assert Submission.objects.count() == 1


def test_a_replayed_step_with_another_content_is_a_conflict(token):
    number = str(uuid4())
    _post(token, sent(id=number))
    answer = _post(token, sent(id=number, note="other"))
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert "higher" in answer.json()["problems"][0]


def test_a_tokens_organisation_is_the_submissions(campaign):
    owner = Organisation.objects.create(name="Example Ltd")
    _post(tokens.make("theirs", by="tests", organisation=owner), sent())
    assert Submission.objects.get().organisation == owner


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer \u00e4", "Bearer " + "x" * 5000])
def test_without_a_valid_token_nothing_is_taken(campaign, header):
    answer = Client().post(
        NOTIFICATIONS, sent(), content_type="application/json", headers={"Authorization": header} if header else {}
    )
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert not Submission.objects.exists()


def test_a_revoked_token_is_none(token):
    from django.utils import timezone

    ApiToken.objects.update(revoked=timezone.now())
    assert _post(token, sent()).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b'{"a":' * 100_000, "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b"[" + b"1" * 1_000_000 + b"]", "application/json", 422),
        (b" " * (2 * 1024 * 1024 + 1), "application/json", 413),
        (b"<a/>", "application/xml", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"", "", 415),
        (b"-----BEGIN PGP MESSAGE-----\n\nx\n", "application/pgp-encrypted", 422),
    ],
)
def test_what_is_hostile_is_refused_in_bounds(token, body, kind, status):
    answer = _post(token, body, kind)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert len(answer.content) < 20_000
    assert not Submission.objects.exists()


def test_a_packed_body_is_not_unpacked(token):
    import gzip

    answer = _post(token, gzip.compress(b" " * 50_000_000), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_what_was_sent_is_not_in_the_log(token, caplog):
    assert _post(token, sent(note="MARKER-4711")).status_code == 201
    assert _post(token, sent().replace(b'"health"', b'"MARKER-4711"')).status_code == 422
    assert "MARKER" not in caplog.text


def test_one_address_may_ask_only_so_often(token, monkeypatch):
    monkeypatch.setitem(settings.INSTANCE.limits, "api", "2/h")
    assert [_post(token, sent()).status_code for _time in range(3)] == [201, 201, 429]
    refused = _post(token, sent())
    assert 0 < int(refused["Retry-After"]) <= 3600


def test_secrets_cannot_be_tried_without_end(token, monkeypatch):
    monkeypatch.setitem(settings.INSTANCE.limits, "receipt", "3/h")
    receipt = _post(token, sent()).json()
    tries = [
        Client().get(f"/api/v1/receipts/{receipt['receipt']}", headers={"Receipt-Secret": f"wrong-{time}"}).status_code
        for time in range(5)
    ]
    assert tries == [404, 404, 404, 429, 429]


def test_the_description_holds_the_published_schema():
    described = Client().get("/api/v1/openapi.json").json()
    body = described["paths"][NOTIFICATIONS]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["required"]) == set(schema()["$defs"]["Notification"]["required"])
    assert "$ref" not in json.dumps(body)


@schemathesis.serializer("application/pgp-encrypted")
def _as_text(context: object, value: object) -> bytes:
    """Send any text where a sealed file belongs."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


@pytest.fixture
def described(token: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The interface as its description tells it, with a valid token."""
    from nachsorge.cert.site.wsgi import application

    for name in ("api", "receipt", "report"):
        monkeypatch.setitem(settings.INSTANCE.limits, name, "1000000/h")
    # The test's transaction is undone at its end; a request would close its connection.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    loaded = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    loaded.config.update(headers={"Authorization": f"Bearer {token}"})
    yield loaded
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_it_does_what_its_description_says(described: Any, mode: schemathesis.GenerationMode) -> None:
    """Schemathesis sends what the description allows, and what it does not; every answer is one that is described."""
    operations = [each.ok() for each in described.get_all_operations()]
    assert len(operations) == 3

    for operation in operations:

        @how(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
        @given(case=operation.as_strategy(generation_mode=mode))
        def sent_and_answered(case: Case) -> None:
            # Sums and contradictions are no matter of a schema: what it allows may be refused for them, with 422.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        sent_and_answered()

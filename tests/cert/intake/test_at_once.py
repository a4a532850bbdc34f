"""Several senders at the same moment: one content is one report, one step of a notification has one content."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from tests.cert.kit import sent
from tests.cert.served import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.slow
AT_ONCE = 8


@pytest.fixture(scope="module")
def site(
    database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    database = "" if database_kind == "sqlite" else request.getfixturevalue("cluster").url(f"site_{uuid4().hex}")
    site = Site(tmp_path_factory.mktemp("site") / "site", database).init("--no-key").limits(api="100000/h")
    yield site.serve()
    site.close()


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    return site.run("token", str(site.folder), "senders").strip()


def _all_at_once(site: Site, token: str, bodies: Sequence[bytes]) -> list[tuple[int, dict[str, Any]]]:
    """Send each body by a connection of its own; all begin together."""
    begin = threading.Barrier(len(bodies))

    def send(body: bytes) -> tuple[int, dict[str, Any]]:
        connection = HTTPConnection(urlsplit(site.url).netloc, timeout=60)
        try:
            begin.wait(timeout=30)
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request("POST", "/api/v1/notifications", body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as senders:
        return list(senders.map(send, bodies))


def test_the_same_content_at_once_is_one_report(site, token):
    for _round in range(3):
        answers = _all_at_once(site, token, [sent()] * AT_ONCE)
        assert sorted(status for status, _said in answers) == [200] * (AT_ONCE - 1) + [201]
        assert len({said["receipt"] for _status, said in answers}) == 1


def test_of_several_contents_for_one_step_one_is_taken(site, token):
    for _round in range(3):
        number = str(uuid4())
        answers = _all_at_once(site, token, [sent(id=number, note=f"version {n}") for n in range(AT_ONCE)])
        assert sorted(status for status, _said in answers) == [201] + [409] * (AT_ONCE - 1)


@pytest.mark.parametrize("round_", range(4))
def test_of_several_updates_at_once_the_last_one_stands(site, token, round_):
    number = str(uuid4())
    _all_at_once(site, token, [sent(id=number)])
    answers = _all_at_once(site, token, [sent(id=number, sequence=n) for n in range(2, 2 + AT_ONCE)])
    assert {status for status, _said in answers} <= {201, 409}
    taken = [said for status, said in answers if status == 201]
    standings = [_standing(site, said) for said in taken]
    assert [each["superseded"] for each in sorted(standings, key=lambda each: each["sequence"])] == [True] * (
        len(taken) - 1
    ) + [False]
    # The highest sequence is never refused: nothing that is higher can have been there before.
    assert max(each["sequence"] for each in standings) == 1 + AT_ONCE


@pytest.mark.parametrize("round_", range(4))
def test_of_several_first_steps_at_once_one_stands(site, token, round_):
    number = str(uuid4())
    answers = _all_at_once(site, token, [sent(id=number, sequence=n) for n in range(1, 1 + AT_ONCE)])
    assert {status for status, _said in answers} <= {201, 409}
    standings = [_standing(site, said) for status, said in answers if status == 201]
    assert [each["sequence"] for each in standings if not each["superseded"]] == [AT_ONCE]


def _standing(site: Site, receipt: dict[str, Any]) -> dict[str, Any]:
    connection = HTTPConnection(urlsplit(site.url).netloc, timeout=60)
    try:
        connection.request(
            "GET", f"/api/v1/receipts/{receipt['receipt']}", headers={"Receipt-Secret": receipt["secret"]}
        )
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found
    finally:
        connection.close()

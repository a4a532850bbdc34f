"""What was acknowledged is never lost: the server's process is killed in the middle of many submissions."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from tests.cert.kit import sent
from tests.cert.served import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENDERS = 6
ROUNDS = 3


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    site = Site(tmp_path / "site", database_url).init("--no-key").limits(api="100000/h", receipt="100000/h")
    yield site
    site.close()


@pytest.mark.slow
def test_every_acknowledged_receipt_is_there_after_kill_9(site: Site):
    token = site.run("token", str(site.folder), "senders").strip()
    acknowledged: list[tuple[bytes, dict[str, Any]]] = []
    unanswered: list[bytes] = []
    for _round in range(ROUNDS):
        _killed_while_sending(site, token, acknowledged, unanswered)
    assert len(acknowledged) > SENDERS * ROUNDS, "too few were sent for the test to mean something"
    site.serve()
    for body, receipt in acknowledged:
        kept = _asked(site, receipt)
        assert kept["receipt"] == receipt["receipt"]
        again = _posted(site, token, body)
        assert (again["receipt"], again["duplicate"], again["secret"]) == (receipt["receipt"], True, receipt["secret"])
    # What got no answer may be there or not; sent again it is there once.
    for body in unanswered:
        first, second = _posted(site, token, body), _posted(site, token, body)
        assert first["receipt"] == second["receipt"]
        assert second["duplicate"]


def _killed_while_sending(
    site: Site, token: str, acknowledged: list[tuple[bytes, dict[str, Any]]], unanswered: list[bytes]
) -> None:
    """Send from several threads until the server is killed; it is killed once some were acknowledged."""
    site.serve()
    begin = len(acknowledged)
    stop = threading.Event()

    def send() -> None:
        while not stop.is_set():
            body = sent()
            try:
                acknowledged.append((body, _posted(site, token, body)))
            except (OSError, HTTPException, ValueError):
                unanswered.append(body)
                return

    with ThreadPoolExecutor(SENDERS) as senders:
        sending = [senders.submit(send) for _sender in range(SENDERS)]
        give_up = time.monotonic() + 60
        while len(acknowledged) < begin + 5 * SENDERS and time.monotonic() < give_up:
            time.sleep(0.01)
        site.kill()
        stop.set()
        for each in sending:
            each.result()


def _posted(site: Site, token: str, body: bytes) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return _call(site, "POST", "/api/v1/notifications", body, headers)


def _asked(site: Site, receipt: dict[str, Any]) -> dict[str, Any]:
    return _call(site, "GET", f"/api/v1/receipts/{receipt['receipt']}", None, {"Receipt-Secret": receipt["secret"]})


def _call(site: Site, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    where = urlsplit(site.url)
    connection = HTTPConnection(where.netloc, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        assert response.status in (200, 201), content
        found: dict[str, Any] = json.loads(content)
        return found
    finally:
        connection.close()

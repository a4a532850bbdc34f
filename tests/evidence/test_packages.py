"""What readers of lock files share."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.packages_contract import covers, look, lost
from tests.evidence_kit import Everything, opened

from nachsorge.evidence import packages
from nachsorge.evidence.packages import Package, folder_of, hex_of, other_tag, purl_of, spelled
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers.package_lock import PackageLock
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason, Status

BODY = b'{"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}'


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("package-lock.json", "./"),
        ("repo/package-lock.json", "repo/"),
        ("/a/b.v1/yarn.lock", "/a/b.v1/"),
        ("a.zip!yarn.lock", "a.zip!/"),
        ("a.zip!r/yarn.lock", "a.zip!r/"),
        ("C:\\r\\yarn.lock", "C:\\r/"),
    ],
)
def test_folders(path: str, folder: str) -> None:
    assert folder_of(path) == folder


@given(st.binary(min_size=20, max_size=20) | st.binary(min_size=32, max_size=32) | st.binary(min_size=16, max_size=16))
def test_digests_in_any_spelling(raw: bytes) -> None:
    name = {16: "md5", 20: "sha1", 32: "sha256"}[len(raw)]
    for text in (raw.hex(), raw.hex().upper(), f"{name}:{raw.hex()}", f"{name}-{base64.b64encode(raw).decode()}"):
        assert hex_of(text) == (raw.hex(),)


@pytest.mark.parametrize("text", ["", "sha512-AAAA", "sha1-!!!", "sha256:00", "h1:AAAA="])
def test_what_is_no_digest_of_ours(text: str) -> None:
    assert hex_of(text) == ()


def test_package_urls() -> None:
    package = Package(type="npm", name="@a/b", version="1", locator="x")
    assert purl_of(package, "1.0.0+b") == "pkg:npm/%40a/b@1.0.0%2Bb"
    assert purl_of(package, "") == ""
    assert spelled("pkg:npm/a?x=y#z", "1.0") == "pkg:npm/a@1.0"
    assert spelled("no purl") == ""
    assert (other_tag("v1.0"), other_tag("1.0"), other_tag("dev-main")) == (("1.0",), ("v1.0",), ())


def test_a_file_beyond_the_limit_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "LARGEST", 20)
    reading = read_source(opened(BODY, "package-lock.json", 1), PackageLock(), Everything(), lambda record: None)
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.LIMIT)


def test_a_stream_that_breaks_takes_the_project_with_it() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise EOFError("ends in the middle")

    source = Opened(path="r/package-lock.json", name="package-lock.json", open=lambda: Broken(), modified=10**15)
    reading = read_source(source, PackageLock(), Everything(), lambda record: None)
    assert (reading.status, reading.asset) == (Status.UNREAD, "r/")
    assert any(gap.span == packages.ALWAYS for gap in reading.gaps)


def test_a_clock_that_was_never_set_covers_nothing() -> None:
    from tests.evidence_kit import read_bytes

    _, ledger = read_bytes(PackageLock(), BODY, name="package-lock.json", modified=1)
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]
    assert covers(look(PackageLock(), BODY, "package-lock.json")[1])


@given(st.binary(max_size=200))
def test_nothing_is_raised_and_nothing_is_lost_in_silence(body: bytes) -> None:
    for name in ("package-lock.json", "package.json"):
        try:
            _, ledger = look(PackageLock(), body, name)
        except ReadError:
            continue
        assert covers(ledger) or lost(ledger)

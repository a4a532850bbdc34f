"""Sealed files: opened with the server's key, kept where the key is elsewhere, bounded whatever is in them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cert.kit import sent

from nachsorge.cert.intake.models import Submission
from nachsorge.cert.site.keys import make_key
from nachsorge.sharing.seal import seal

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(shutil.which("gpg") is None, reason="GPG ABSENT: sealed files have NOT been tested")


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The instance with a key of its own."""
    instance = replace(settings.INSTANCE, folder=tmp_path_factory.mktemp("instance"))
    fingerprint, why = make_key(instance)
    assert not why
    yield replace(instance, key=fingerprint)
    subprocess.run(["gpgconf", "--homedir", str(instance.keys), "--kill", "all"], capture_output=True, check=False)


@pytest.fixture
def key(keyed: Any, campaign: object, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(settings, "INSTANCE", keyed)
    return bytes((keyed.folder / "public.asc").read_bytes())


def _handed_in(body: bytes, name: str = "sealed.asc", client: Client | None = None) -> Any:
    return (client or Client()).post("/report/upload/", {"file": SimpleUploadedFile(name, body)})


def test_a_sealed_file_is_opened_and_gets_a_receipt(key):
    body = sent()
    client = Client()
    answer = _handed_in(seal(body, key).body, client=client)
    assert answer.status_code == 302
    kept = Submission.objects.get()
    assert (bytes(kept.raw), kept.source, bytes(kept.sealed)) == (body, "upload", b"")
    assert b"Keep both" in client.get(answer["Location"]).content


def test_the_same_content_sealed_anew_is_the_same_report(key):
    body = sent()
    first, again = _handed_in(seal(body, key).body), _handed_in(seal(body, key).body)
    assert first["Location"] == again["Location"]
    assert Submission.objects.count() == 1


def test_whoever_carries_a_file_a_second_time_gets_no_secret(key):
    sealed = seal(sent(), key).body
    _handed_in(sealed)
    courier = Client()
    page = courier.get(_handed_in(sealed, client=courier)["Location"]).content
    assert b"Keep both" not in page
    assert b"Received" not in page


def test_the_interface_takes_a_sealed_file_as_well(key):
    from nachsorge.cert.registry.tokens import make

    token = make("tests", by="tests")
    answer = Client().post(
        "/api/v1/notifications",
        seal(sent(), key).body,
        content_type="application/pgp-encrypted",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201


def test_a_key_off_the_server_keeps_the_file_as_it_came(key, monkeypatch):
    monkeypatch.setattr(settings, "INSTANCE", replace(settings.INSTANCE, offline_key=True))
    sealed = seal(sent(labels={"tlp": "RED"}), key).body
    assert _handed_in(sealed).status_code == 302
    kept = Submission.objects.get()
    assert (bytes(kept.sealed), kept.opened) == (sealed.strip() + b"\n", False)


def test_sealed_for_somebody_else_is_refused(key, tmp_path):
    other = replace(settings.INSTANCE, folder=tmp_path / "other")
    other.folder.mkdir()
    fingerprint, _why = make_key(other)
    sealed = seal(sent(), (other.folder / "public.asc").read_bytes()).body
    answer = _handed_in(sealed)
    assert answer.status_code == 422
    assert fingerprint.encode() not in answer.content
    assert not Submission.objects.exists()
    subprocess.run(["gpgconf", "--homedir", str(other.keys), "--kill", "all"], capture_output=True, check=False)


def test_a_tampered_file_is_refused(key):
    sealed = bytearray(seal(sent(), key).body)
    middle = len(sealed) // 2
    sealed[middle] = ord("A") if sealed[middle] != ord("A") else ord("B")
    assert _handed_in(bytes(sealed)).status_code == 422
    assert not Submission.objects.exists()


def test_a_bomb_is_refused_in_bounded_memory(key):
    """A quarter of a gigabyte of nothing packs into a quarter of a megabyte; it is never laid out in full."""
    import resource

    bomb = _packed(256 << 20)
    assert len(bomb) < 2 << 20
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _handed_in(bomb).status_code == 422
    assert not Submission.objects.exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - mine < 64 << 10
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - before < 64 << 10


def _packed(size: int) -> bytes:
    home = settings.INSTANCE.keys
    command = ["gpg", "--batch", "--homedir", str(home), "--armor", "--trust-model", "always", "-z", "9"]
    with subprocess.Popen(["head", "-c", str(size), "/dev/zero"], stdout=subprocess.PIPE) as zeros:
        done = subprocess.run(
            [*command, "-r", settings.INSTANCE.key, "--encrypt"],
            stdin=zeros.stdout,
            capture_output=True,
            timeout=120,
            check=True,
        )
    return done.stdout


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 100,
        b"-----BEGIN PGP MESSAGE-----",
        b"-----BEGIN PGP MESSAGE-----\n\n" + b"A" * 1_000_000,
        b"PK\x03\x04" + b"\x00" * 1000,
        b'{"schema": "nachsorge.notification/1"}',
    ],
)
def test_what_is_no_sealed_file_is_refused(key, body):
    assert _handed_in(body).status_code == 422
    assert not Submission.objects.exists()


def test_what_is_too_large_is_not_read(key):
    assert _handed_in(b"-----BEGIN PGP MESSAGE-----\n" + b"A" * (3 << 20)).status_code == 413


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\r\nSet-Cookie: x=y", "\u202egnp.exe", "x" * 5000])
def test_a_files_name_changes_nothing(key, name):
    answer = _handed_in(seal(sent(), key).body, name)
    assert answer.status_code in (302, 400, 422)
    assert "x" not in answer.cookies


def test_two_files_at_once_are_too_many(key):
    files = {f"file{n}": SimpleUploadedFile("a.asc", b"x") for n in range(3)}
    assert Client().post("/report/upload/", files).status_code == 400

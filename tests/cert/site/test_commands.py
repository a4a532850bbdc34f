"""`nachsorge cert` as its owner uses it: from nothing to a working site, people, tokens, backups, a key elsewhere."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
import tomllib
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tests.cert.kit import sent
from tests.cert.served import PROGRAM, Site

from nachsorge.cert.site.instance import database_of, fresh, read, write
from nachsorge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="GPG ABSENT: keys have NOT been tested")


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    site = Site(tmp_path / "site", database_url)
    yield site
    site.close()


def _get(url: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
        return str(answer.read().decode())


@gpg
@pytest.mark.slow
def test_from_nothing_to_a_working_site_in_under_a_minute(site):
    began = time.monotonic()
    site.init("--name", "CERT Beispiel", "--mail", "cert@cert.example").serve()
    page = _get(site.url + "/", **{"Accept-Language": "de"})
    took = time.monotonic() - began
    assert took < 60
    assert "3CX" in page
    assert "CERT Beispiel" in page
    form = _get(site.url + "/report/")
    assert form.count("<option") >= 20 + 11
    assert _get(site.url + "/.well-known/openpgp-key.asc").startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    assert "Encryption: " in _get(site.url + "/.well-known/security.txt")
    assert len(site.password) >= 16


def test_secrets_are_for_the_owner_only(tmp_path):
    path = write(fresh(tmp_path / "site", name="CERT", mail=""))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0


def test_a_site_is_not_made_over_another(tmp_path):
    write(fresh(tmp_path, name="CERT", mail=""))
    done = subprocess.run([*PROGRAM, "init", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "holds a site already" in done.stderr


def test_a_folder_without_a_site_says_how_to_make_one(tmp_path):
    with pytest.raises(UsageError, match="cert init"):
        read(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "secret = 1", "nonsense", 'secret = "a"\nreceipt_key = "b"\nunknown = 1', 'secret = ""\nreceipt_key = ""'],
)
def test_unusable_settings_are_named(tmp_path, text):
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(UsageError, match=r"settings\.toml"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["plain", 'quote " and \\', "Umlaut ä", "new\nline", "\x7f"])
def test_settings_come_back_as_they_were(tmp_path, name):
    made = fresh(tmp_path, name=name, mail="a@b.example", public_url="https://cert.example/")
    write(made)
    assert read(tmp_path) == made
    assert made.secure
    assert "cert.example" in made.hosts
    tomllib.loads((tmp_path / "settings.toml").read_text())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p%40@db.example:5433/name", ("name", "u", "p@", "db.example", "5433")),
        ("postgres://u@/name?host=%2Frun%2Fpg", ("name", "u", "", "/run/pg", "")),
    ],
)
def test_a_database_url_is_read(url, expected):
    found = database_of(url)
    assert tuple(found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


def test_other_databases_are_refused():
    with pytest.raises(UsageError, match="postgresql://"):
        database_of("mysql://x/y")


@pytest.mark.slow
def test_a_second_attempt_begins_anew_after_the_database_was_not_there(tmp_path):
    folder = tmp_path / "site"
    call = [*PROGRAM, "init", str(folder), "--no-key"]
    env = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    failed = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert failed.returncode == 2, failed.stderr
    assert "the database cannot be used" in failed.stderr
    env.pop("DATABASE_URL")
    assert subprocess.run(call, capture_output=True, timeout=60, check=False, env=env).returncode == 0


@pytest.mark.slow
def test_a_backup_of_a_running_site_works(tmp_path):
    site = Site(tmp_path / "site").init("--no-key").serve()
    token = site.run("token", str(site.folder), "tests").strip()
    _post(site, token, sent())
    copied = site.run("backup", str(site.folder), str(tmp_path / "copy")).split()
    site.close()
    assert {"settings.toml", "cert.sqlite"} <= set(copied)
    again = Site(tmp_path / "copy").serve()
    assert _post(again, token, sent()) == 201
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "copy" / "cert.sqlite")) as database:
        assert database.execute("select count(*) from intake_submission").fetchone() == (2,)
    again.close()


@gpg
@pytest.mark.slow
def test_a_backup_opens_what_was_sealed_for_the_site(tmp_path):
    from nachsorge.sharing.seal import seal, unseal

    site = Site(tmp_path / "site").init()
    sealed = seal(b"content", (site.folder / "public.asc").read_bytes()).body
    copy = tmp_path / "copy"
    site.run("backup", str(site.folder), str(copy))
    site.close()
    assert unseal(sealed, home=copy / "keys") == b"content"
    for path in (copy, *copy.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    subprocess.run(["gpgconf", "--homedir", str(copy / "keys"), "--kill", "all"], capture_output=True, check=False)


@gpg
@pytest.mark.slow
def test_with_the_key_elsewhere_sealed_files_are_carried_opened_and_carried_back(tmp_path):
    from nachsorge.sharing.seal import new_key, public_key, seal, unseal

    home = tmp_path / "elsewhere"
    fingerprint = new_key(home, "CERT Example")
    (tmp_path / "key.asc").write_bytes(public_key(home, fingerprint))
    site = Site(tmp_path / "site").init("--public-key", str(tmp_path / "key.asc"))
    assert not list((site.folder / "keys").glob("private-keys*"))
    site.serve()
    token = site.run("token", str(site.folder), "tests").strip()
    body = sent()
    assert _post(site, token, seal(body, (tmp_path / "key.asc").read_bytes()).body, "application/pgp-encrypted") == 201
    (name,) = site.run("sealed", str(site.folder), str(tmp_path / "stick")).split()
    carried = tmp_path / "stick" / name
    opened = carried.with_suffix(".json")
    opened.write_bytes(unseal(carried.read_bytes(), home=home))
    site.run("opened", str(site.folder), str(opened))
    assert site.run("sealed", str(site.folder), str(tmp_path / "stick")) == ""
    assert _post(site, token, body) == 200, "the same content sent plain is known"
    site.close()
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], capture_output=True, check=False)


def _post(site: Site, token: str, body: bytes, kind: str = "application/json") -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    request = urllib.request.Request(f"{site.url}/api/v1/notifications", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(answer.status)

"""Lock files of Bun."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from tests.evidence.packages_contract import covers, holds, look, lost, purls

from nachsorge.evidence.bun_lockb import HEAD, SIZES, Tag
from nachsorge.evidence.bun_made import Entry, made
from nachsorge.evidence.readers.bun_lock import BunLock
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = b"""{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "shop", "dependencies": {"chalk": "^5.6.1", "own": "workspace:*",},},
  },
  // overrides resolve nothing
  "overrides": {"debug": "4.4.2"},
  "packages": {
    "chalk": ["chalk@5.6.0", "", {"bin": "x, ]"}, "sha512-AAAA"],
    "@ctrl/tinycolor": ["@ctrl/tinycolor@4.1.2", "https://mirror.example/", {}, "sha512-AAAA"],
    "alias": ["debug@4.4.1", "", {}, ""],
    "own": ["own@workspace:packages/own"], /* the project's */
  },
}
"""


def test_a_text_lock_file():
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:npm/debug@4.4.1"}
    holds(BunLock(), BODY, "bun.lock", wanted, b"tinycolor", by_lines=False)


REGISTRY = "https://registry.example"
COMMIT = "ab" * 20


def tarball(name: str, version: str) -> str:
    return f"{REGISTRY}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"


BINARY = (
    Entry("shop", Tag.ROOT),
    Entry("chalk", Tag.NPM, (tarball("chalk", "5.6.0"),), (5, 6, 0), (4, b"\xaa" * 64)),
    Entry("@ctrl/tinycolor", Tag.NPM, (tarball("@ctrl/tinycolor", "4.1.2"),), (4, 1, 2), (1, b"\xbb" * 20)),
    Entry("pre", Tag.NPM, (tarball("pre", "1.0.0-rc.1+x"), "rc.1", "x"), (1, 0, 0), (2, b"\xcc" * 32)),
    Entry("far", Tag.NPM, (tarball("far", "2.0.0-a.b-long"), "long"), (2, 0, 0)),
    Entry("hub", Tag.GITHUB, ("own", "hub", "main", f"own-hub-{COMMIT[:7]}", "hub")),
    Entry("repo", Tag.GIT, ("", "ssh://git.example/repo.git", "main", COMMIT, "repo")),
    Entry("remote", Tag.REMOTE_TARBALL, ("https://other.example/remote-3.0.0.tgz",)),
    Entry("near", Tag.LOCAL_TARBALL, ("./near.tgz",)),
    Entry("beside", Tag.FOLDER, ("beside",)),
    Entry("linked", Tag.SYMLINK, ("linked",)),
    Entry("member", Tag.WORKSPACE, ("packages/member",)),
)
WANTED = {
    "pkg:npm/chalk@5.6.0",
    "pkg:npm/%40ctrl/tinycolor@4.1.2",
    "pkg:npm/pre@1.0.0-rc.1%2Bx",
    "pkg:npm/far@2.0.0-long",
    "pkg:npm/far@2.0.0-a.b-long",
    f"pkg:npm/hub@github:own/hub%23{COMMIT[:7]}",
    f"pkg:npm/repo@git%2Bssh://git.example/repo.git%23{COMMIT}",
    "pkg:npm/remote@https://other.example/remote-3.0.0.tgz",
    "pkg:npm/remote@3.0.0",
    "pkg:npm/near@./near.tgz",
}


@pytest.mark.parametrize("version", [2, 3])
def test_a_binary_one(version: int) -> None:
    records = holds(BunLock(), made(BINARY, version), "bun.lockb", WANTED, b"tinycolor", by_lines=False)
    by_name = {record.event["name"]: record for record in records}
    assert by_name["chalk"].event["integrity"] == "sha512-" + "q" * 85 + "g=="
    assert {value.text for value in by_name["@ctrl/tinycolor"].values if value.kind is Kind.HASH} == {"bb" * 20}
    assert {value.text for value in by_name["pre"].values if value.kind is Kind.HASH} == {"cc" * 32}
    assert tarball("far", "2.0.0-a.b-long") in {value.text for value in by_name["far"].values}


def test_one_without_the_column_of_scripts_is_read_as_well() -> None:
    """As Bun wrote it before 0.6.8: the last 49 bytes of every package are not there."""
    whole, count = made(BINARY, 2), len(BINARY)
    sizes = list(SIZES.unpack_from(whole, HEAD))
    cut = 49 * count
    end = sizes[5]
    tail, at, arrays = whole[end:], 0, bytearray(whole[end:])
    for _ in range(6):
        start, last = struct.unpack_from("<2Q", tail, at)
        struct.pack_into("<2Q", arrays, at, start - cut, last - cut)
        at = last - end
    sizes = [sizes[0] - cut, count, 8, 7, sizes[4], end - cut]
    old = whole[:HEAD] + SIZES.pack(*sizes) + whole[sizes[4] : end - cut] + bytes(arrays)
    assert purls(look(BunLock(), old, "bun.lockb")[0]) == WANTED


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (made(BINARY).replace(b"v0\n\3", b"v0\n\4", 1), "format 4"),
        (made(BINARY).replace(b"format-v0", b"format-v1", 1), "none that are known"),
        (made(BINARY)[:-9], "bytes"),
        (made(BINARY)[:60], "cut off"),
        (made(BINARY).replace(b"<u8> 1 sizeof", b"<u8> 2 sizeof", 1), "its text"),
    ],
)
def test_a_binary_one_that_does_not_add_up_is_a_gap_with_what_writes_a_text_one(body: bytes, said: str) -> None:
    assert BunLock().accepts(body, "bun.lockb") == 95
    records, ledger = look(BunLock(), body, "bun.lockb")
    assert (purls(records), covers(ledger)) == (set(), False)
    assert said in lost(ledger) and "save-text-lockfile" in lost(ledger)


@pytest.mark.parametrize(
    ("at", "number"), [(HEAD, 2**63), (HEAD + 8, 2**62), (HEAD + 32, 2**64 - 1), (HEAD + 40, 0), (HEAD + 24, 9)]
)
def test_sizes_that_are_made_up_are_a_gap(at: int, number: int) -> None:
    body = bytearray(made(BINARY))
    struct.pack_into("<Q", body, at, number)
    records, ledger = look(BunLock(), bytes(body), "bun.lockb")
    assert (purls(records), covers(ledger)) == (set(), False)
    assert lost(ledger)


def test_a_package_of_a_kind_that_is_not_known_costs_only_itself() -> None:
    body = made([*BINARY, Entry("odd", 100, ("x",)), Entry("", Tag.NPM, ("",), (1, 0, 0))])
    records, ledger = look(BunLock(), body, "bun.lockb")
    assert (purls(records), ledger.unreadable, covers(ledger)) == (WANTED, 2, False)
    assert "the kind 100" in lost(ledger)


def test_unknown_versions_and_entries():
    _, ledger = look(BunLock(), BODY.replace(b'Version": 1', b'Version": 7'), "bun.lock")
    assert "7" in lost(ledger)
    _, ledger = look(BunLock(), BODY.replace(b'["debug@4.4.1"', b'["debug"'), "bun.lock")
    assert (ledger.unreadable, covers(ledger)) == (1, False)


SERVED = {
    "chalk": ("5.6.1", "5.0.0-beta.1"),
    "@ctrl/tinycolor": ("4.1.2",),
    "a-package-with-a-long-name": ("1.2.3-alpha.very-long+build.7",),
    "tiny": ("0.0.1",),
}
ASKED = {"chalk": "^5.6.1", "old": "npm:chalk@5.0.0-beta.1", "@ctrl/tinycolor": "4.1.2"}


def packed(name: str, version: str) -> bytes:
    """Make a package's archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        body = json.dumps({"name": name, "version": version}).encode()
        info = tarfile.TarInfo("package/package.json")
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


ARCHIVES = {(name, version): packed(name, version) for name, versions in SERVED.items() for version in versions}


class _Registry(BaseHTTPRequestHandler):
    """A registry of four packages, on this machine only."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with a package's archive, or with what there is of it."""
        name, _, archive = unquote(self.path).lstrip("/").partition("/-/")
        if name not in SERVED:
            self.send_error(404)
            return
        version = archive.removeprefix(name.rpartition("/")[2] + "-").removesuffix(".tgz")
        body = ARCHIVES[name, version] if archive else self._described(name)
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream" if archive else "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _described(self, name: str) -> bytes:
        host, port = self.server.server_address[:2]
        found: dict[str, object] = {}
        for version in SERVED[name]:
            digest = base64.b64encode(hashlib.sha512(ARCHIVES[name, version]).digest()).decode()
            url = f"http://{host!s}:{port}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
            more = {"dependencies": {"tiny": "^0.0.1"}} if version == "5.6.1" else {}
            dist = {"tarball": url, "integrity": f"sha512-{digest}"}
            found[version] = {"name": name, "version": version, "dist": dist, **more}
        return json.dumps({"name": name, "dist-tags": {"latest": SERVED[name][0]}, "versions": found}).encode()


@pytest.fixture
def registry() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_bun_itself_writes_is_what_bun_itself_says_of_it(registry: str, tmp_path: Path) -> None:
    bun = os.environ.get("NACHSORGE_BUN") or shutil.which("bun")
    if bun is None:
        pytest.skip("NO bun: a bun.lockb that Bun wrote was NOT tested (`npm install bun`, NACHSORGE_BUN=its program)")
    asked = {**ASKED, "a-package-with-a-long-name": "1.2.3-alpha.very-long+build.7", "near": "file:./near.tgz"}
    asked["remote"] = f"{registry}/tiny/-/tiny-0.0.1.tgz"
    (tmp_path / "member").mkdir()
    (tmp_path / "member/package.json").write_text('{"name": "member", "version": "1.0.0"}')
    (tmp_path / "near.tgz").write_bytes(packed("near", "3.0.0"))
    manifest = {"name": "shop", "workspaces": ["member"], "dependencies": asked}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    settings = f'[install]\nregistry = "{registry}/"\ncache = false\nsaveTextLockfile = false\n'
    (tmp_path / "bunfig.toml").write_text(settings)
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [bun, "install", "--no-progress", "--ignore-scripts"]
    subprocess.run(command, cwd=tmp_path, env=home, check=True, capture_output=True, timeout=60)
    body = (tmp_path / "bun.lockb").read_bytes()
    printed = subprocess.run([bun, "bun.lockb"], cwd=tmp_path, env=home, check=True, capture_output=True, timeout=60)
    said = re.findall(r'\n  version "(.*)"\n  resolved "(.*)"(?:\n  integrity (\S+))?', printed.stdout.decode())
    records, ledger = look(BunLock(), body, "bun.lockb")
    ours = {(r.event["version"], r.event.get("resolved", ""), r.event.get("integrity", "")) for r in records}
    theirs = {one for one in said if not one[0].startswith("workspace:")}
    assert {(v, "" if u.startswith(".") else u, i) for v, u, i in theirs} == ours
    assert len(ours) == len(records) == 7 and covers(ledger) and not ledger.gaps
    assert {"pkg:npm/chalk@5.6.1", "pkg:npm/chalk@5.0.0-beta.1", "pkg:npm/tiny@0.0.1"} <= purls(records)
    assert "pkg:npm/a-package-with-a-long-name@1.2.3-alpha.very-long%2Bbuild.7" in purls(records)

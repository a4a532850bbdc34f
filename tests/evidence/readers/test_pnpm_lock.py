"""Lock files of pnpm."""

from __future__ import annotations

import pytest
from tests.evidence.packages_contract import covers, holds, look, lost, names_exactly

from nachsorge.evidence.readers.pnpm_lock import PnpmLock, split_key

V9 = b"""lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

overrides:
  debug@4.4.2: 4.4.1

importers:

  .:
    dependencies:
      chalk:
        specifier: ^5.6.1
        version: 5.6.0

packages:

  # chalk@5.6.1: only a comment
  chalk@5.6.0:
    resolution: {integrity: sha512-AAAA==, tarball: https://mirror.example/chalk-5.6.0.tgz}
    engines: {node: '>=12'}

  '@ctrl/tinycolor@4.1.2':
    resolution: {integrity: sha512-AAAA==}
    peerDependencies:
      debug: 4.4.2

snapshots:

  '@ctrl/tinycolor@4.1.2(debug@4.4.1)':
    dependencies:
      debug: 4.4.1

  chalk@5.6.0: {}

  debug@4.4.1: {}
"""
V5 = b"""lockfileVersion: 5.4

specifiers:
  chalk: ^5.6.1

dependencies:
  chalk: 5.6.0

packages:

  /chalk/5.6.0:
    resolution: {integrity: sha512-AAAA==}
    dev: false

  /@ctrl/tinycolor/4.1.2_debug@4.4.1:
    resolution: {integrity: sha512-AAAA==}

  github.com/x/y/0123456789abcdef:
    resolution: {tarball: https://code.example/x/y.tgz}
    name: y
    version: 2.0.0
"""


def test_version_9():
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:npm/debug@4.4.1"}
    records = holds(PnpmLock(), V9, "pnpm-lock.yaml", wanted, b"tinycolor", by_lines=True)
    assert [record.locator for record in records] == ["line 20", "line 24", "line 37"]
    assert "https://mirror.example/chalk-5.6.0.tgz" in {value.text for value in records[0].values}


def test_version_5():
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:npm/y@2.0.0"}
    holds(PnpmLock(), V5, "pnpm-lock.yaml", wanted, b"tinycolor", by_lines=True)


V6 = b"""lockfileVersion: '6.0'

settings:
  autoInstallPeers: true

overrides:
  chalk: 5.6.1

dependencies:
  chalk:
    specifier: ^5.6.1
    version: 5.6.0(debug@4.4.1)

packages:

  /@ctrl/tinycolor@4.1.2:
    resolution: {integrity: sha512-AAAA==}
    dev: false

  /chalk@5.6.0(debug@4.4.1):
    resolution: {integrity: sha512-AAAA==}
    dev: false
"""


@pytest.mark.parametrize("version", ["6.0", "6.1", "7.0", "8.0"])
def test_versions_6_to_8(version):
    body = V6.replace(b"'6.0'", f"'{version}'".encode())
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2"}
    holds(PnpmLock(), body, "pnpm-lock.yaml", wanted, b"tinycolor", by_lines=True)


@pytest.mark.parametrize("version", ["5.0", "5.1", "5.2", "5.3", "5.4"])
def test_every_version_of_5(version):
    _, ledger = look(PnpmLock(), V5.replace(b"5.4", version.encode()), "pnpm-lock.yaml")
    assert covers(ledger)


def test_packages_from_git_and_from_an_address_have_the_version_that_stands_below_them():
    more = b"""  y@https://code.example/y/tar.gz/0a:
    resolution: {tarball: https://code.example/y/tar.gz/0a}
    version: 1.0.0

  z@git+https://code.example/x/z.git#0a1b:
    resolution: {commit: 0a1b, repo: https://code.example/x/z.git, type: git}
    version: 2.0.0

snapshots:

  y@https://code.example/y/tar.gz/0a: {}

  z@git+https://code.example/x/z.git#0a1b(debug@4.4.1): {}
"""
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:npm/debug@4.4.1"}
    wanted |= {"pkg:npm/y@1.0.0", "pkg:npm/z@2.0.0"}
    body = V9.replace(b"snapshots:\n", more)
    names_exactly(PnpmLock(), body, "pnpm-lock.yaml", wanted)
    assert covers(look(PnpmLock(), body, "pnpm-lock.yaml")[1])


def test_the_packages_of_pnpm_itself_stand_in_a_document_of_their_own():
    """pnpm 10 writes what its configuration pulls in before the project's own list."""
    own = b"---\nlockfileVersion: '9.0'\n\npackages:\n\n  evil@1.0.0:\n    resolution: {integrity: sha512-AA==}\n"
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:npm/debug@4.4.1", "pkg:npm/evil@1.0.0"}
    names_exactly(PnpmLock(), own + b"\n---\n" + V9, "pnpm-lock.yaml", wanted)


def test_what_pnpm_installed_belongs_to_the_project_above():
    _, ledger = look(PnpmLock(), V9, "repo/node_modules/.pnpm/lock.yaml")
    assert (ledger.host, covers(ledger)) == ("repo/", True)


def test_line_ends_of_windows():
    names_exactly(
        PnpmLock(),
        V5.replace(b"\n", b"\r\n"),
        "pnpm-lock.yaml",
        {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:npm/y@2.0.0"},
    )


@pytest.mark.parametrize(
    ("key", "name", "version"),
    [
        ("/name/1.0.0", "name", "1.0.0"),
        ("/@a/name/1.0.0", "@a/name", "1.0.0"),
        ("/name/1.0.0_peer@2.0.0", "name", "1.0.0"),
        ("/name/1.0.0/peer@2.0.0", "name", "1.0.0"),
        ("/name/1.0.0-rc.1+b_x", "name", "1.0.0-rc.1+b"),
        ("registry.example/name/1.0.0", "name", "1.0.0"),
        ("/name@1.0.0", "name", "1.0.0"),
        ("/@a/name@1.0.0(peer@2.0.0(x@1.0.0))", "@a/name", "1.0.0"),
        ("registry.example/@a/name@1.0.0", "@a/name", "1.0.0"),
        ("name@1.0.0", "name", "1.0.0"),
        ("@a/name@1.0.0(@b/peer@2.0.0)", "@a/name", "1.0.0"),
        ("name@https://code.example/x/tar.gz/abc", "name", "https://code.example/x/tar.gz/abc"),
        ("name", "", ""),
        ("", "", ""),
    ],
)
def test_keys(key, name, version):
    assert split_key(key) == (name, version)


@pytest.mark.parametrize("version", [b"'10.0'", b"4", b"''"])
def test_unknown_versions(version):
    _, ledger = look(PnpmLock(), V9.replace(b"'9.0'", version), "pnpm-lock.yaml")
    assert lost(ledger) and not covers(ledger)


def test_a_line_that_is_no_key_is_unreadable():
    _, ledger = look(PnpmLock(), V9.replace(b"  debug@4.4.1: {}", b"  <<<<<<< ours"), "pnpm-lock.yaml")
    assert (ledger.unreadable, covers(ledger)) == (1, False)

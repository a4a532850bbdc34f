"""Lock files of Bun."""

from __future__ import annotations

from tests.evidence.packages_contract import covers, holds, look, lost
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.bun_lock import BunLock

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


def test_a_binary_one_is_not_supported_and_says_so():
    body = b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\0\1\2chalk"
    assert BunLock().accepts(body, "bun.lockb") == 95
    assert BunLock().plant(body, PLANT) is None
    records, ledger = look(BunLock(), body, "bun.lockb")
    assert (records, covers(ledger)) == ([], False)
    assert "save-text-lockfile" in lost(ledger)


def test_unknown_versions_and_entries():
    _, ledger = look(BunLock(), BODY.replace(b'Version": 1', b'Version": 7'), "bun.lock")
    assert "7" in lost(ledger)
    _, ledger = look(BunLock(), BODY.replace(b'["debug@4.4.1"', b'["debug"'), "bun.lock")
    assert (ledger.unreadable, covers(ledger)) == (1, False)

"""deno.lock."""

from __future__ import annotations

import json

import pytest
from tests.evidence.packages_contract import covers, look, lost, names_exactly, shows_plant, sieves, survives

from nachsorge.evidence.readers.deno_lock import DenoLock
from nachsorge.model.words import Kind

NPM = {
    "chalk@5.6.0": {"integrity": "sha1-L9ThxnotKPzthJ7hu3bnORuT6xI="},
    "@ctrl/tinycolor@4.1.2_debug@4.4.1": {"integrity": "sha512-AAAA==", "dependencies": ["debug"]},
}
JSR = {"@std/fs@1.0.0": {"integrity": "00"}}
ASKED = {"npm:chalk@^5.6.1": "5.6.0", "npm:debug@4.4.2": "4.4.1"}
REMOTE = {"https://mirror.example/mod.ts": "0" * 64}
TREES = {
    "2": {"version": "2", "remote": REMOTE, "npm": {"specifiers": ASKED, "packages": NPM}},
    "3": {"version": "3", "packages": {"specifiers": ASKED, "jsr": JSR, "npm": NPM}, "remote": REMOTE},
    "4": {"version": "4", "specifiers": ASKED, "jsr": JSR, "npm": NPM, "remote": REMOTE, "workspace": {}},
    "5": {"version": "5", "specifiers": ASKED, "jsr": JSR, "npm": NPM, "remote": REMOTE},
}


def body(tree: object) -> bytes:
    return json.dumps(tree, indent=2).encode() + b"\n"


@pytest.mark.parametrize("version", sorted(TREES))
def test_every_version_names_what_was_resolved_and_not_what_was_asked_for(version: str) -> None:
    wanted = {"pkg:npm/chalk@5.6.0", "pkg:npm/%40ctrl/tinycolor@4.1.2"}
    wanted |= {"pkg:npm/%40jsr/std__fs@1.0.0"} if version != "2" else set()
    records = names_exactly(DenoLock(), body(TREES[version]), "repo/deno.lock", wanted)
    assert (Kind.URL, "https://mirror.example/mod.ts") in {(v.kind, v.text) for v in records[-1].values}
    _, ledger = look(DenoLock(), body(TREES[version]), "repo/deno.lock")
    assert (ledger.host, covers(ledger)) == ("repo/", True)


def test_the_contract() -> None:
    sieves(DenoLock(), body(TREES["4"]), "deno.lock", b"tinycolor")
    shows_plant(DenoLock(), body(TREES["4"]))
    survives(DenoLock(), body(TREES["4"]), "deno.lock", by_lines=False)


def test_what_is_not_known() -> None:
    _, ledger = look(DenoLock(), body(TREES["5"] | {"version": "9"}), "deno.lock")
    assert "not known" in lost(ledger) and not covers(ledger)
    _, ledger = look(DenoLock(), body(TREES["5"] | {"npm": {"chalk": {}}}), "deno.lock")
    assert (ledger.unreadable, covers(ledger)) == (1, False)

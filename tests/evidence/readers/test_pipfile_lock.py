"""Pipfile.lock."""

from __future__ import annotations

import json

from tests.evidence.packages_contract import covers, holds, look, lost
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.pipfile_lock import PipfileLock

TREE = {
    "_meta": {"hash": {"sha256": "00"}, "pipfile-spec": 6, "requires": {}, "sources": []},
    "default": {
        "mistralai": {"hashes": [f"sha256:{PLANT.sha256}"], "index": "x", "version": "==2.4.6"},
        "own": {"editable": True, "path": "."},
    },
    "develop": {"pytest": {"hashes": [], "version": "==8.0.0"}},
}


def test_a_lock_file():
    wanted = {"pkg:pypi/mistralai@2.4.6", "pkg:pypi/pytest@8.0.0"}
    holds(PipfileLock(), json.dumps(TREE, indent=4).encode(), "Pipfile.lock", wanted, b"mistral", by_lines=False)


def test_what_is_not_known():
    _, ledger = look(PipfileLock(), json.dumps(TREE | {"_meta": {"pipfile-spec": 7}}).encode(), "Pipfile.lock")
    assert "7" in lost(ledger)
    tree = TREE | {"develop": {"a": {"git": "https://x.example/a.git"}, "b": 1}, "other": []}
    _, ledger = look(PipfileLock(), json.dumps(tree).encode(), "Pipfile.lock")
    assert (ledger.unreadable, covers(ledger)) == (3, False)

"""composer.lock and installed.json."""

from __future__ import annotations

import json

from tests.evidence.packages_contract import covers, holds, look, lost

from nachsorge.evidence.readers.composer_lock import ComposerLock

TREE = {
    "content-hash": "00",
    "packages": [
        {
            "name": "laravel-lang/lang",
            "version": "v15.29.5",
            "require": {"php": "^8", "evil/x": "1.0.0"},
            "dist": {"url": "https://code.example/lang.zip", "shasum": "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"},
        }
    ],
    "packages-dev": [{"name": "monolog/monolog", "version": "3.6.0"}],
    "aliases": [{"package": "evil/y", "version": "1.0.0"}],
}
WANTED = {f"pkg:composer/laravel-lang/lang@{v}" for v in ("v15.29.5", "15.29.5")}
WANTED |= {f"pkg:composer/monolog/monolog@{v}" for v in ("v3.6.0", "3.6.0")}


def test_a_lock_file():
    body = json.dumps(TREE, indent=4).encode()
    holds(ComposerLock(), body, "composer.lock", WANTED, b"monolog", by_lines=False)


def test_what_is_installed_belongs_to_the_project_above():
    for tree in ({"packages": TREE["packages"], "dev": True, "dev-package-names": []}, TREE["packages"]):
        records, ledger = look(ComposerLock(), json.dumps(tree).encode(), "repo/vendor/composer/installed.json")
        assert (len(records), ledger.host, covers(ledger)) == (1, "repo/", True)


def test_what_is_none():
    trees: list[object] = [{}, {"packages": {}}, [1], {"packages": [{"name": "x/y"}]}]
    for tree in trees:
        _, ledger = look(ComposerLock(), json.dumps(tree).encode(), "composer.lock")
        assert lost(ledger) and not covers(ledger)

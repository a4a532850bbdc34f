"""Lock files of npm."""

from __future__ import annotations

import json

import pytest
from tests.evidence.artefact_kit import read_member
from tests.evidence.packages_contract import covers, holds, look, lost, names_exactly, purls

from nachsorge.evidence.readers.package_lock import PackageLock, resolved
from nachsorge.model.words import Kind, Reason, Status

SHA1 = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
V3 = {
    "name": "shop",
    "version": "9.9.9",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "shop", "version": "9.9.9", "dependencies": {"chalk": "5.6.1"}, "overrides": {"debug": "4.4.2"}},
        "node_modules/chalk": {
            "version": "5.6.0",
            "resolved": "https://mirror.example/chalk-5.6.0.tgz",
            "integrity": "sha512-AAAA sha1-L9ThxnotKPzthJ7hu3bnORuT6xI=",
        },
        "node_modules/@ctrl/tinycolor": {"version": "4.1.2", "bundleDependencies": ["x"]},
        "node_modules/a/node_modules/chalk": {"version": "5.6.1", "inBundle": True},
        "node_modules/alias": {"name": "debug", "version": "4.4.1"},
        "node_modules/own": {"resolved": "packages/own", "link": True},
        "packages/own": {"name": "own", "version": "1.0.0"},
    },
}
WANTED = {"pkg:npm/chalk@5.6.0", "pkg:npm/chalk@5.6.1", "pkg:npm/%40ctrl/tinycolor@4.1.2", "pkg:npm/debug@4.4.1"}
V1 = {
    "name": "shop",
    "lockfileVersion": 1,
    "dependencies": {
        "a": {"version": "1.0.0", "requires": {"b": "^2.0.0"}, "dependencies": {"b": {"version": "2.0.1"}}},
        "alias": {"version": "npm:@x/real@3.0.0"},
        "local": {"version": "file:../local"},
    },
}


def body(tree: object) -> bytes:
    return json.dumps(tree, indent=2).encode() + b"\n"


def test_version_3():
    records = holds(PackageLock(), body(V3), "package-lock.json", WANTED, b"tinycolor", by_lines=False)
    chalk = next(r for r in records if r.locator == "/packages/node_modules~1chalk")
    assert {(v.kind, v.text) for v in chalk.values} >= {
        (Kind.URL, "https://mirror.example/chalk-5.6.0.tgz"),
        (Kind.HASH, SHA1),
    }


def test_a_shrinkwrap_is_the_same():
    records = names_exactly(PackageLock(), body(V3), "repo/npm-shrinkwrap.json", WANTED)
    assert records == look(PackageLock(), body(V3), "package-lock.json")[0]


def test_version_1_is_walked_to_its_depth():
    wanted = {"pkg:npm/a@1.0.0", "pkg:npm/b@2.0.1", "pkg:npm/%40x/real@3.0.0"}
    holds(PackageLock(), body(V1), "npm-shrinkwrap.json", wanted, b"real", by_lines=False)


def test_version_2_says_everything_twice_and_counts_once():
    tree = V3 | {"lockfileVersion": 2, "dependencies": {"chalk": {"version": "5.6.0"}, "old": {"version": "0.1.0"}}}
    records = names_exactly(PackageLock(), body(tree), "package-lock.json", WANTED | {"pkg:npm/old@0.1.0"})
    assert len(records) == 5


def test_the_list_in_node_modules_belongs_to_the_project_above():
    _, ledger = look(PackageLock(), body(V3), "repo/node_modules/.package-lock.json")
    assert ledger.host == "repo/"


@pytest.mark.parametrize("version", [0, 4, "3", None, True])
def test_an_unknown_version_is_a_gap_and_read_all_the_same(version):
    records, ledger = look(PackageLock(), body(V3 | {"lockfileVersion": version}), "package-lock.json")
    assert purls(records) == WANTED
    assert [gap.reason for gap in ledger.gaps] == [Reason.NOT_SUPPORTED]
    assert not covers(ledger)


@pytest.mark.parametrize("tree", [[], {"lockfileVersion": 3}, {"lockfileVersion": 3, "packages": []}])
def test_what_lists_nothing_covers_nothing(tree):
    _, ledger = look(PackageLock(), body(tree), "package-lock.json")
    assert lost(ledger) and not covers(ledger)


def test_an_entry_without_a_version_is_counted_as_unreadable():
    packages = {"": {}, "node_modules/a": {}, "node_modules/b": "x", "node_modules/c": {"version": "1.0.0"}}
    records, ledger = look(PackageLock(), body({"lockfileVersion": 3, "packages": packages}), "package-lock.json")
    assert (purls(records), ledger.unreadable) == ({"pkg:npm/c@1.0.0"}, 2)
    assert not covers(ledger)


def test_a_project_without_packages_is_covered():
    _, ledger = look(PackageLock(), body({"lockfileVersion": 3, "packages": {"": {"name": "x"}}}), "package-lock.json")
    assert covers(ledger)


def test_a_broken_file_is_searched_as_text():
    records, ledger = look(PackageLock(), body(V3)[:-9], "package-lock.json")
    assert any("mirror.example" in record.event.get("text", "") for record in records)
    assert {gap.reason for gap in ledger.gaps} == {Reason.CORRUPT}


def test_without_a_time_it_covers_nothing():
    from tests.evidence_kit import read_bytes

    _, ledger = read_bytes(PackageLock(), body(V3), name="package-lock.json")
    assert [gap.reason for gap in ledger.gaps] == [Reason.NO_TIME]


def test_aliases():
    assert resolved("a", "npm:@x/real@3.0.0") == ("@x/real", "3.0.0")
    assert resolved("a", "3.0.0") == ("a", "3.0.0")
    assert resolved("a", "git+ssh://x/y.git#1") == ("a", "")


def test_an_object_without_packages_and_without_a_version_is_damaged_and_rules_out_nothing():
    for body in (
        b'{"name": "shop", "packages/own": {"packages": {"node_modules/chalk": {"version": "5.6.1"}}}}',
        b'{"name": "shop", "lockfileVersion": 1, "dependes": {"chalk": {"version": "5.6.1"}}}',
    ):
        _, reading = read_member(PackageLock(), body, "package-lock.json")
        assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)
    _, reading = read_member(PackageLock(), b'{"requires": true, "lockfileVersion": 1}', "package-lock.json")
    assert reading.status is Status.READ

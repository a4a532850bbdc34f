"""Package.resolved."""

from __future__ import annotations

import orjson
import pytest
from tests.evidence.packages_contract import covers, holds, look, lost, purls

from nachsorge.evidence.readers.swift_resolved import SwiftResolved, name_of

ONE = {"branch": None, "revision": "1" * 40, "version": "5.4.3"}
V1 = {
    "object": {
        "pins": [
            {"package": "Alamofire", "repositoryURL": "https://github.com/Alamofire/Alamofire.git", "state": ONE},
            {
                "package": "RxFlow",
                "repositoryURL": "git@github.com:Rx/RxFlow.git",
                "state": {**ONE, "version": "2.12.4"},
            },
        ]
    },
    "version": 1,
}
V2 = {
    "pins": [
        {
            "identity": "alamofire",
            "kind": "remoteSourceControl",
            "location": "https://github.com/Alamofire/Alamofire",
            "state": {"revision": "1" * 40, "version": "5.4.3"},
        },
        {
            "identity": "rxflow",
            "kind": "remoteSourceControl",
            "location": "ssh://git@github.com/Rx/RxFlow.git",
            "state": {"revision": "2" * 40, "version": "v2.12.4"},
        },
    ],
    "version": 2,
}
V3 = {"originHash": "0" * 64, **V2, "version": 3}
FIRST = {"pkg:swift/github.com/Alamofire/Alamofire@5.4.3", "pkg:swift/github.com/Alamofire/Alamofire@v5.4.3"}
SECOND = {"pkg:swift/github.com/Rx/RxFlow@2.12.4", "pkg:swift/github.com/Rx/RxFlow@v2.12.4"}


def body(tree: object) -> bytes:
    return orjson.dumps(tree, option=orjson.OPT_INDENT_2) + b"\n"


@pytest.mark.parametrize("tree", [V1, V2, V3])
def test_every_version(tree: dict[str, object]) -> None:
    holds(SwiftResolved(), body(tree), "Package.resolved", FIRST | SECOND, b"RxFlow", by_lines=False)


@pytest.mark.parametrize(
    ("folder", "host"),
    [
        ("repo/App.xcodeproj/project.xcworkspace/xcshareddata/swiftpm/", "repo/"),
        ("repo/App.xcworkspace/xcshareddata/swiftpm/", "repo/"),
        ("App.xcworkspace/xcshareddata/swiftpm/", "./"),
        ("repo/.swiftpm/xcode/package.xcworkspace/xcshareddata/swiftpm/", "repo/"),
        ("repo/", "repo/"),
    ],
)
def test_xcode_keeps_it_inside_the_project(folder: str, host: str) -> None:
    _, ledger = look(SwiftResolved(), body(V2), f"{folder}Package.resolved")
    assert covers(ledger) and ledger.host == host


def changed(**words: object) -> bytes:
    pins = [{**V2["pins"][0], **words}, V2["pins"][1]]
    return body({**V2, "pins": pins})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"state": {"branch": "main", "revision": "1" * 40}}, "is alamofire at main and names no version"),
        ({"state": {"revision": "1" * 40}}, "and names no version"),
        ({"kind": "localSourceControl", "location": "/Users/x/alamofire"}, "from no address"),
        ({"state": None, "identity": None, "location": None}, "names no package"),
    ],
)
def test_what_cannot_be_judged_keeps_the_project_open(words: dict[str, object], said: str) -> None:
    records, ledger = look(SwiftResolved(), changed(**words), "Package.resolved")
    assert purls(records) == SECOND
    assert not covers(ledger) and said in lost(ledger)


def test_a_package_of_a_registry_has_its_scope() -> None:
    records, ledger = look(SwiftResolved(), changed(kind="registry", identity="mona.linked", location=""), "x")
    assert covers(ledger) and "pkg:swift/mona/linked@5.4.3" in purls(records)


def test_another_version_is_told() -> None:
    _, ledger = look(SwiftResolved(), body({**V2, "version": 4}), "Package.resolved")
    assert not covers(ledger) and "version 4 is not known" in lost(ledger)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("https://GitHub.com/A/B.git", "github.com/A/B"),
        ("https://user:word@git.example:8443/a/b/c", "git.example/a/b/c"),
        ("git@github.com:A/B.git", "github.com/A/B"),
        ("ssh://git@github.com:22/A/B/", "github.com/A/B"),
        ("../B", ""),
        ("", ""),
    ],
)
def test_names_are_places(place: str, name: str) -> None:
    assert name_of(place) == name

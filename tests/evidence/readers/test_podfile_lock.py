"""Podfile.lock."""

from __future__ import annotations

from tests.evidence.packages_contract import covers, holds, look, lost, purls

from nachsorge.evidence.readers.podfile_lock import PodfileLock
from nachsorge.model.words import Kind

BODY = b"""PODS:
  - AFNetworking (4.0.1):
    - AFNetworking/NSURLSession (= 4.0.1)
  - AFNetworking/NSURLSession (4.0.1)
  - Fork (2.1.0)
  - "GoogleUtilities/NSData+zlib (7.5.2)"
  - Own (0.1.0)

DEPENDENCIES:
  - AFNetworking (~> 4.0)
  - Fork (from `https://git.example/fork.git`, tag `2.1.0`)
  - Own (from `../own`)

SPEC REPOS:
  trunk:
    - AFNetworking
    - GoogleUtilities

EXTERNAL SOURCES:
  Fork:
    :git: https://git.example/fork.git
    :tag: 2.1.0
  Own:
    :path: "../own"

CHECKOUT OPTIONS:
  Fork:
    :git: https://git.example/fork.git
    :tag: 2.1.0

SPEC CHECKSUMS:
  AFNetworking: 7864c38297c79aaca1500c33288e429c3451fdce
  Fork: 0000000000000000000000000000000000000001

PODFILE CHECKSUM: 0000000000000000000000000000000000000002

COCOAPODS: 1.11.3
"""
WANTED = {"pkg:cocoapods/AFNetworking@4.0.1", "pkg:cocoapods/Fork@2.1.0", "pkg:cocoapods/GoogleUtilities@7.5.2"}


def test_a_lock_file() -> None:
    records = holds(PodfileLock(), BODY, "Podfile.lock", WANTED, b"GoogleUtilities", by_lines=False)
    told = {record.event["name"]: record for record in records}
    assert len(records) == 3, "a part of a pod is no pod of its own, and one of a path is the project's"
    hashes = {value.text for value in told["AFNetworking"].values if value.kind is Kind.HASH}
    assert hashes == {"7864c38297c79aaca1500c33288e429c3451fdce"}
    assert told["Fork"].event["source"] == "https://git.example/fork.git"


def test_one_that_was_cut_behind_a_line_covers_nothing() -> None:
    lines = BODY.splitlines(keepends=True)
    for count in range(2, len(lines) - 1):
        _, ledger = look(PodfileLock(), b"".join(lines[:count]), "Podfile.lock")
        assert not covers(ledger) and "it was cut" in lost(ledger), count


def test_no_pod_at_all_is_an_answer() -> None:
    _, ledger = look(PodfileLock(), b"PODS: []\n\nDEPENDENCIES: []\n\nCOCOAPODS: 1.11.3\n", "Podfile.lock")
    assert covers(ledger)


def test_what_is_not_understood_is_told() -> None:
    for old, new, said in (
        (b"Fork (2.1.0)\n", b"Fork\n", "line 5 is no pod and version"),
        (b"SPEC REPOS:", b"SOMETHING:", "begins a section that is not known"),
        (b"    - AFNetworking/NSURL", b"   ? AFNetworking/NSURL", "line 3 is no pod, and nothing"),
    ):
        records, ledger = look(PodfileLock(), BODY.replace(old, new, 1), "Podfile.lock")
        assert not covers(ledger) and said in lost(ledger)
        assert "pkg:cocoapods/AFNetworking@4.0.1" in purls(records)

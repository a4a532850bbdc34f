"""gradle.lockfile, and what older Gradle kept."""

from __future__ import annotations

import pytest
from tests.evidence.packages_contract import covers, look, lost, names_exactly, purls, sieves, survives
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.gradle_lock import GradleLock
from nachsorge.model.words import Reason

HEAD = b"""# This is a Gradle generated file for dependency locking.
# Manual edits can break the build and are not advised.
# This file is expected to be part of source control.
"""
BODY = (
    HEAD
    + b"""com.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath
org.slf4j:slf4j-api:1.7.36=runtimeClasspath
empty=annotationProcessor
"""
)
OLD = HEAD + b"com.google.guava:guava:31.1-jre\norg.slf4j:slf4j-api:1.7.36\n"
WANTED = {"pkg:maven/com.google.guava/guava@31.1-jre", "pkg:maven/org.slf4j/slf4j-api@1.7.36"}


def test_a_lock_file() -> None:
    records = names_exactly(GradleLock(), BODY, "repo/gradle.lockfile", WANTED)
    assert records[0].event["configurations"] == "compileClasspath,runtimeClasspath"
    _, ledger = look(GradleLock(), BODY, "repo/gradle.lockfile")
    assert covers(ledger) and ledger.host == "repo/"


def test_it_is_sieved_and_survives_damage() -> None:
    sieves(GradleLock(), BODY, "gradle.lockfile", b"slf4j")
    survives(GradleLock(), BODY, "gradle.lockfile", by_lines=False)
    assert GradleLock().plant(BODY, PLANT) is None


@pytest.mark.parametrize("lines", [4, 5])
def test_one_that_was_cut_behind_a_line_covers_nothing(lines: int) -> None:
    _, ledger = look(GradleLock(), b"".join(BODY.splitlines(keepends=True)[:lines]), "gradle.lockfile")
    assert not covers(ledger) and "`empty=`" in lost(ledger)


def test_a_project_without_dependencies_is_covered() -> None:
    _, ledger = look(GradleLock(), HEAD + b"empty=compileClasspath\n", "gradle.lockfile")
    assert covers(ledger)


@pytest.mark.parametrize(
    ("name", "body", "host"),
    [
        ("repo/gradle/dependency-locks/compileClasspath.lockfile", OLD, "repo/"),
        ("gradle/dependency-locks/compileClasspath.lockfile", OLD, "./"),
        ("repo/buildscript-gradle.lockfile", BODY, "repo/"),
    ],
)
def test_what_locks_a_part_only_proves_and_does_not_clear(name: str, body: bytes, host: str) -> None:
    records, ledger = look(GradleLock(), body, name)
    assert purls(records) == WANTED and ledger.host == host
    assert not covers(ledger)
    assert [gap.reason for gap in ledger.gaps] == [Reason.NOT_PROVIDED]


def test_another_line_is_told() -> None:
    _, ledger = look(GradleLock(), BODY.replace(b":31.1-jre", b""), "gradle.lockfile")
    assert not covers(ledger) and "line 4 is no module and version" in lost(ledger)

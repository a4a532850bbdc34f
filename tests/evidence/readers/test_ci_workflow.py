"""Workflows of GitHub Actions."""

from __future__ import annotations

import pytest
from tests.evidence.packages_contract import covers, look, lost, names_exactly, purls, shows_plant, sieves, survives
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.ci_workflow import CiWorkflow
from nachsorge.model.words import Kind, Reason

COMMIT = "0e58ed8671d6b60d0890c21b07f8835ace038e67"
BODY = f"""name: build
on: [push]
env:
  uses: evil/env@v1
jobs:
  build:
    runs-on: ubuntu-latest
    container:
      image: registry.example:5000/x/build:1.2@sha256:{PLANT.sha256}
    services:
      db: {{image: "postgres:16"}}
    steps:
      # - uses: evil/comment@v1
      - uses: tj-actions/changed-files@v44  # v45
      - {{uses: "actions/cache/restore@{COMMIT}"}}
      - uses: ./.github/actions/own
      - uses: docker://alpine:3.20
        with:
          uses: evil/with@v1
      - run: |
          uses: evil/run@v1
          echo "uses: evil/run@v2"
  call:
    uses: org/repo/.github/workflows/x.yml@main
""".encode()
WANTED = {
    "pkg:githubactions/tj-actions/changed-files@v44",
    f"pkg:githubactions/actions/cache@{COMMIT}",
    "pkg:githubactions/org/repo@main",
    "pkg:docker/alpine@3.20",
    "pkg:docker/postgres@16",
}


def test_a_workflow():
    records, ledger = look(CiWorkflow(), BODY, "repo/.github/workflows/build.yml")
    found = purls(records)
    assert {purl for purl in found if "registry.example" not in purl} == WANTED
    assert len(found) == len(WANTED) + 2
    assert [r.locator for r in records if "changed-files" in repr(r.values)] == ["line 14"]
    assert (Kind.HASH, PLANT.sha256) in {(v.kind, v.text) for r in records for v in r.values}
    assert (ledger.host, ledger.unreadable, covers(ledger)) == ("repo/", 0, False)
    assert "name a tag or branch" in ledger.gaps[0].note and not lost(ledger)


def test_commits_and_digests_alone_are_a_snapshot():
    body = f"on: push\njobs:\n  a:\n    steps:\n      - uses: x/y@{COMMIT}\n".encode()
    names_exactly(CiWorkflow(), body, ".github/workflows/a.yml", {f"pkg:githubactions/x/y@{COMMIT}"})
    _, ledger = look(CiWorkflow(), body, ".github/workflows/a.yml")
    assert (ledger.host, covers(ledger)) == ("./", True)


def test_an_action_of_its_own():
    body = b"name: a\nruns:\n  using: composite\n  steps:\n    - uses: x/y@v1\n"
    names_exactly(CiWorkflow(), body, "repo/action.yml", {"pkg:githubactions/x/y@v1"})


def test_the_contract():
    sieves(CiWorkflow(), BODY, "build.yml", b"changed-files")
    shows_plant(CiWorkflow(), BODY)
    body = BODY.replace(b"@v44", b"@" + COMMIT.encode())
    survives(CiWorkflow(), body, ".github/workflows/build.yml", by_lines=True)


@pytest.mark.parametrize(
    "body",
    [b"jobs:\n  a: [\n", b"jobs:\n  a: &x [*x]\n  uses: what is this\n", b"- a\n", b"jobs: {a: 1\nuses: @", b"\t- a"],
)
def test_what_is_broken_is_a_gap(body):
    _, ledger = look(CiWorkflow(), body, ".github/workflows/build.yml")
    assert ledger.unreadable == 1 and not covers(ledger)


def test_a_huge_one_is_a_gap():
    _, ledger = look(CiWorkflow(), BODY + b"# x\n" * 300_000, "build.yml")
    assert Reason.LIMIT in {gap.reason for gap in ledger.gaps}

"""Gemfile.lock."""

from __future__ import annotations

from tests.evidence.packages_contract import covers, holds, look
from tests.evidence_kit import PLANT

from nachsorge.evidence.readers.gemfile_lock import GemfileLock
from nachsorge.model.words import Kind

BODY = f"""GIT
  remote: https://code.example/x/fork.git
  revision: 0123
  specs:
    fork (0.1.0)
      rack (>= 9.9.9)

PATH
  remote: .
  specs:
    own (1.0.0)

GEM
  remote: https://mirror.example/
  specs:
    nokogiri (1.15.0-x86_64-linux)
      racc (~> 1.4)
    rack (3.0.8)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  rack (= 9.9.9)

CHECKSUMS
  rack (3.0.8) sha256={PLANT.sha256}

BUNDLED WITH
   2.5.0
""".encode()


def test_a_lock_file():
    wanted = {"pkg:gem/fork@0.1.0", "pkg:gem/nokogiri@1.15.0", "pkg:gem/rack@3.0.8"}
    records = holds(GemfileLock(), BODY, "Gemfile.lock", wanted, b"nokogiri", by_lines=True)
    assert (Kind.HASH, PLANT.sha256) in {(value.kind, value.text) for value in records[2].values}
    assert records[1].event["platform"] == "x86_64-linux"


def test_a_line_that_is_no_gem_is_unreadable():
    _, ledger = look(GemfileLock(), BODY.replace(b"    rack (3.0.8)", b"    rack"), "Gemfile.lock")
    assert (ledger.unreadable, covers(ledger)) == (1, False)

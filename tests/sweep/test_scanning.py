"""Where YARA rules look: programs and scripts always, memory in pieces as a hint, logs and hives only when asked."""

from __future__ import annotations

import pytest
from tests.builders import MARCH
from tests.sweep.logs import dns_log

from nachsorge.assets.inventory import Inventory
from nachsorge.packs.rule_folder import load_rule_folder
from nachsorge.sweep import Options, scanning, sweep

RULE = 'rule planted { meta: author = "tests" strings: $a = "planted-by-the-test" condition: $a }\n'


@pytest.fixture
def rules(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "planted.yar").write_text(RULE)
    return load_rule_folder(folder)


def found(pack, path, **more):
    assessment = sweep([pack], [str(path)], Inventory(), Options(jobs=1, now=2**61, **more))
    return [(s.indicator, s.weight, s.note) for s in assessment.sightings], assessment


def test_a_log_is_scanned_only_when_asked_and_then_gives_a_hint(rules, tmp_path):
    log = tmp_path / "dns.log"
    log.write_bytes(dns_log(MARCH, query="planted-by-the-test.example", at=MARCH.start))
    assert found(rules, log)[0] == []
    ((_, weight, note),) = found(rules, log, scan_logs=True)[0]
    assert weight == "hint"
    assert scanning.WEAK_IN_LOGS in note


def test_a_script_is_scanned_always(rules, tmp_path):
    (tmp_path / "run.sh").write_text("#!/bin/sh\necho planted-by-the-test\n")
    assert len(found(rules, tmp_path / "run.sh")[0]) == 1


def test_memory_is_scanned_piece_by_piece_and_gives_a_hint(rules, tmp_path, monkeypatch):
    monkeypatch.setattr(scanning, "_PIECE", 64 * 1024)
    monkeypatch.setattr(scanning, "_OVERLAP", 1024)
    image = tmp_path / "host.lime"
    # The planted text lies across the border of two pieces.
    image.write_bytes(b"EMiL\x01\0\0\0" + bytes(64 * 1024 - 18) + b"planted-by-the-test" + bytes(200_000))
    ((_, weight, note),) = found(rules, image)[0]
    assert weight == "hint"
    assert scanning.WEAK_IN_MEMORY in note

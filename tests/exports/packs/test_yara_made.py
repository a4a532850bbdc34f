"""YARA: the rules compile, and every string and hash in them is met in a made file."""

from __future__ import annotations

import hashlib

import yara_x
from tests.exports.packs.kit import TRACES, VALUES, body, everything, exported, known, row

from nachsorge.model.pack import Trace
from nachsorge.model.words import IndicatorType, Telemetry, Weight

CONTENT = b"MZ a file of the incident"


def met(text: str, content: bytes) -> set[str]:
    return {rule.identifier for rule in yara_x.compile(text).scan(content).matching_rules}


def test_the_packs_rules_and_ours_stand_in_one_file_that_compiles() -> None:
    text = body(exported("yara", everything()))
    assert {rule.identifier for rule in yara_x.compile(text)} == {
        "OWN_rule",
        "NACHSORGE_made_2026_name_hash",
        "NACHSORGE_made_2026_name_string",
    }
    assert met(text, b"xx own marker xx") == {"OWN_rule"}


def test_every_string_is_met_in_both_widths() -> None:
    for value in VALUES[IndicatorType.STRING]:
        text = body(exported("yara", known(row(IndicatorType.STRING, value))))
        assert met(text, b"\0\0" + value.encode() + b"\0\0")
        wide = b"".join(bytes([byte, 0]) for byte in value.encode())
        assert met(text, wide)
        assert not met(text, value.encode()[:-1])


def test_every_hash_is_met() -> None:
    for kind, digest in (
        (IndicatorType.SHA256, hashlib.sha256),
        (IndicatorType.SHA1, hashlib.sha1),
        (IndicatorType.MD5, hashlib.md5),
    ):
        value = digest(CONTENT).hexdigest()
        for size in (None, len(CONTENT)):
            text = body(exported("yara", known(row(kind, value, size=size))))
            assert met(text, CONTENT)
            assert not met(text, CONTENT + b"x")


def test_a_known_size_spares_the_hashing_of_others() -> None:
    text = body(exported("yara", known(row(IndicatorType.SHA256, "ab" * 32, size=77))))
    assert "filesize == 77" in text
    both = known(row(IndicatorType.SHA256, "ab" * 32, size=77), row(IndicatorType.SHA256, "cd" * 32))
    assert "filesize == 77" not in body(exported("yara", both))


def test_a_string_of_logs_is_none_of_files() -> None:
    alarm = Trace(id="alarm", stage="installed", weight=Weight.STRONG, telemetry=(Telemetry.ANTIVIRUS,))
    written = exported("yara", known(row(IndicatorType.STRING, "Trojan:Made", "alarm"), traces=(*TRACES, alarm)))
    assert "Trojan:Made" not in body(written)
    assert any("in logs, not in files" in loss.why for loss in written.losses)

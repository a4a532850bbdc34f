"""What every reader says of itself, for people, is there and is what its code does."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import TYPE_CHECKING, cast

import pytest
from tests.evidence_kit import PLANT, Literals, opened, read_bytes

from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers import READERS
from nachsorge.evidence.readers.syslog import Syslog
from nachsorge.model.evidence import Record
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader

REPORTING = {
    *("saw", "read_lines", "read_telling", "read_messages", "read_packages"),
    *("Account", "Bill", "Capture", "Continuity", "Rows"),
}
"""What a reader has to call to report that something was really recorded."""

TIMELESS = {
    *(
        "bodyfile",
        "mac_install_log",
        "mplog",
        "package_json",
        "plain_text",
        "python_metadata",
        "powershell_transcript",
        "squirrel_log",
    ),
    *("electron_log", "squirrel_releases", "teamviewer", "unified_log", "windows_firewall"),
}
"""Readers that call one of these and hide every time from it, or give up what it would report."""

TEXT_ALONE = {"ndjson"}
"""Readers that report times of TEXT alone, which no stage of a pack can be ruled out by."""

REFUTES = {"threecx"}
"""Readers of which one record can show that something did not happen, whatever is covered."""


def by_name(reader: Reader) -> str:
    return reader.name


@pytest.mark.parametrize("reader", READERS, ids=by_name)
def test_every_reader_tells_in_sentences_for_a_table(reader: Reader) -> None:
    tells = reader.tells
    for sentence in (tells.proves, tells.rules_out, tells.not_told):
        assert sentence
        assert sentence == " ".join(sentence.split())
        assert not sentence.endswith(".")
        assert sentence.count("`") % 2 == 0


@pytest.mark.parametrize("reader", READERS, ids=by_name)
def test_what_covers_nothing_rules_out_nothing_and_says_so(reader: Reader) -> None:
    says_nothing = reader.tells.rules_out.lower().startswith("nothing")
    assert says_nothing == (not reader.tells.covers) or reader.name in REFUTES
    assert set(reader.tells.covers) <= set(reader.telemetry) - {Telemetry.TEXT}


@pytest.mark.parametrize("reader", READERS, ids=by_name)
def test_only_readers_that_report_coverage_claim_any(reader: Reader) -> None:
    reports = bool(_called(reader) & REPORTING) and reader.name not in TIMELESS | TEXT_ALONE
    assert reports == bool(reader.tells.covers)


@pytest.mark.parametrize("reader", [r for r in READERS if r.plant(b"", PLANT) is not None], ids=by_name)
def test_a_planted_file_covers_no_more_than_is_told(reader: Reader) -> None:
    """The others make no file without one to go by; `readers/conftest.py` holds the samples of all to it."""
    body = reader.plant(b"", PLANT)
    assert body is not None
    _, ledger = read_bytes(reader, body)
    covered = {seen.telemetry for seen in ledger.seen() if seen.spans}
    assert covered - {Telemetry.TEXT} <= set(reader.tells.covers)


def test_a_reader_that_does_not_tell_still_reads() -> None:
    class FromElsewhere:
        name = "elsewhere"
        telemetry = (Telemetry.SYSLOG,)
        read = Syslog.read

    found = list[Record]()
    reader = cast("Reader", FromElsewhere())
    assert not hasattr(reader, "tells")
    reading = read_source(
        opened(b"<13>1 2023-03-29T10:00:00Z pc1 x - - - hello\n"), reader, Literals((b"hello",)), found.append
    )
    assert (reading.records, len(found)) == (1, 1)


def _called(reader: Reader) -> set[str]:
    tree = ast.parse(inspect.getsource(sys.modules[type(reader).__module__]))
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in called}

"""DFIR ORC: samples under names of its own, and the list that says what they were."""

from __future__ import annotations

import pytest
from tests.collection_kit import table
from tests.evidence.collections.tree import brought, entries

from nachsorge.evidence.collections import recognised
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.roots import find_roots
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Reason, Telemetry

HEADER = ["ComputerName", "FullName", "SampleName", "ContentType", "LastModificationDate"]
TIME = "2023-04-01 06:00:00.000"


def orc(*rows: tuple[str, str, str], bodies: dict[str, bytes] | None = None):
    listed = [["PC17", path, sample, kind, TIME] for path, sample, kind in rows]
    samples = {sample.replace("\\", "/"): b"x" for _, sample, _ in rows if sample}
    return [("GetThis.csv", table(HEADER, listed), None), *((n, b, None) for n, b in (bodies or samples).items())]


SAM = ("\\Windows\\System32\\config\\SAM", "hives\\0001000000000CFA_SAM_DATA", "data")


@pytest.mark.parametrize("base", ["", "PC17/SystemHives/"])
def test_samples_get_the_paths_and_times_that_they_had(base):
    (root,), files, ledger = brought(orc(SAM), base)
    assert root.collector == "DFIR ORC" and root.parts == {"GetThis.csv", "hives"}
    assert [(e.inside, e.modified) for e in files] == [("C:" + SAM[0], parse_instant("2023-04-01T06:00:00Z"))]
    assert not ledger.gaps


def test_the_list_names_the_host():
    (root,) = find_roots(entries(orc(SAM)), Ledger())
    assert root.host == "PC17"


def test_what_was_met_and_not_taken_is_a_gap():
    _, _, ledger = brought(orc(SAM, ("\\Windows\\System32\\winevt\\Logs\\System.evtx", "", "data")))
    assert [(g.reason, g.telemetry, "System.evtx" in g.note) for g in ledger.gaps] == [
        (Reason.LIMIT, Telemetry.WINDOWS_EVENT, True)
    ]


def test_a_sample_that_is_not_here_is_a_gap():
    _, _, ledger = brought(orc(SAM, bodies={"hives/other": b"x"}))
    assert [(gap.reason, "SAM" in gap.note) for gap in ledger.gaps] == [(Reason.MISSING, True)]


def test_strings_of_a_file_are_not_the_file():
    _, files, _ = brought(orc(SAM, ("\\pagefile.sys", "page_strings", "strings")))
    assert [entry.inside for entry in files] == ["C:" + SAM[0]]


@pytest.mark.parametrize("body", [b"", b"a,b\n1,2\n", b"\x00\xff" * 50, b"FullName,SampleName\n"])
def test_another_table_of_that_name_is_none(body):
    assert not recognised(entries([("GetThis.csv", body, None), ("x", b"", None)]), Ledger())

"""What every reader of lock files and SBOMs must hold; each reader's test calls it with its own sample."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.packages import ALWAYS
from nachsorge.evidence.seams import ReadError
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Reader
    from nachsorge.model.evidence import Record

WRITTEN = parse_instant("2025-09-10")


def purls(records: list[Record]) -> set[str]:
    return {value.text for record in records for value in record.values if value.kind is Kind.PACKAGE}


def look(reader: Reader, body: bytes, name: str, *literals: bytes) -> tuple[list[Record], Ledger]:
    return read_bytes(reader, body, *literals, name=name, modified=WRITTEN)


def covers(ledger: Ledger) -> bool:
    return any(seen.telemetry is Telemetry.PACKAGE_LOCK and seen.spans for seen in ledger.seen())


def lost(ledger: Ledger) -> str:
    """Give the notes of what no other file of the project makes good."""
    return "; ".join(gap.note for gap in ledger.gaps if gap.span == ALWAYS)


def names_exactly(reader: Reader, body: bytes, name: str, wanted: set[str]) -> list[Record]:
    """The file goes to this reader, under its name and without one, and gives these packages and no others."""
    assert reader_for(body, name) is not None
    assert reader_for(body, name).name == reader.name
    records, ledger = look(reader, body, name)
    assert purls(records) == wanted
    assert ledger.unreadable == 0
    assert len({record.locator for record in records}) == len(records)
    assert look(reader, body, name)[0] == records
    return records


def sieves(reader: Reader, body: bytes, name: str, literal: bytes) -> None:
    """The sieve gives the records that hold the literal, and the account is the same."""
    every, whole = look(reader, body, name)
    some, ledger = look(reader, body, name, literal)
    assert 0 < len(some) < len(every)
    assert all(literal in repr(record).encode() for record in some)
    assert (ledger.seen(), ledger.gaps, ledger.records) == (whole.seen(), whole.gaps, whole.records)


def shows_plant(reader: Reader, body: bytes) -> None:
    """The positive control's file is of this format, and its value comes out typed."""
    for head in (b"", body):
        planted = reader.plant(head, PLANT)
        assert planted is not None
        assert reader_for(planted, "") is not None
        assert reader_for(planted, "").name == reader.name
        records, ledger = look(reader, planted, "control")
        shown = {value.text for record in records for value in record.values}
        assert ledger.unreadable == 0
        assert any(PLANT.host in text or PLANT.sha256 in text for text in shown)


def survives(reader: Reader, body: bytes, name: str, *, by_lines: bool) -> None:
    """Empty, cut anywhere, and noise raise nothing but ReadError; what was cut covers nothing.

    A format of lines that is cut after one cannot tell (`by_lines`); everything else can.
    """
    assert reader.accepts(b"", "") == 0
    for cut in range(0, len(body.rstrip()), max(1, len(body) // 60)):
        try:
            _, ledger = look(reader, body[:cut], name)
        except ReadError:
            continue
        assert not covers(ledger) or (by_lines and body[:cut].endswith(b"\n"))
        assert covers(ledger) or ledger.gaps
    chance = random.Random(5)
    for _ in range(60):
        noise = bytearray(body)
        for _ in range(8):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        look(reader, bytes(noise), name)
        junk = chance.randbytes(300)
        assert reader.accepts(junk, "") == 0
        look(reader, junk, name)


def holds(reader: Reader, body: bytes, name: str, wanted: set[str], literal: bytes, *, by_lines: bool) -> list[Record]:
    """All of it, for a sample that covers its project."""
    records = names_exactly(reader, body, f"repo/{name}", wanted)
    _, ledger = look(reader, body, f"repo/{name}")
    assert covers(ledger)
    assert ledger.host == "repo/"
    sieves(reader, body, name, literal)
    shows_plant(reader, body)
    survives(reader, body, name, by_lines=by_lines)
    return records

"""What every reader of a network log must hold; each reader's test calls it with its own sample."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.evidence_kit import PLANT, read_bytes

from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader
    from nachsorge.model.evidence import Record


def typed_values(records: list[Record]) -> set[tuple[Kind, str]]:
    return {(value.kind, value.text) for record in records for value in record.values}


def holds_with_and_without_sieve(reader: Reader, body: bytes, literal: bytes) -> None:
    """The sieve gives a subset that has all records with the literal; the account is the same."""
    every, all_ledger = read_bytes(reader, body)
    some, ledger = read_bytes(reader, body, literal)
    wanted = {r.locator for r in every if any(literal.decode() in text for text in r.event.values())}
    assert wanted
    assert len(some) < len(every)
    assert wanted <= {r.locator for r in some}
    assert [r for r in every if r in some] == some
    assert ledger.seen() == all_ledger.seen()
    assert (ledger.records, ledger.unreadable, ledger.unreadable_at, ledger.gaps, ledger.leases) == (
        all_ledger.records,
        all_ledger.unreadable,
        all_ledger.unreadable_at,
        all_ledger.gaps,
        all_ledger.leases,
    )
    assert sum(seen.records for seen in ledger.seen()) == ledger.records


def survives_anything(reader: Reader, body: bytes) -> None:
    """Empty, cut at every place, and random bytes never raise, and what is not shown whole is accounted for."""
    assert read_bytes(reader, b"")[0] == []
    assert reader.accepts(b"", "") == 0
    for cut in range(0, len(body), max(1, len(body) // 97)):
        records, ledger = read_bytes(reader, body[:cut])
        assert len(records) == ledger.records
    chance = random.Random(3)
    for _ in range(60):
        noise = bytearray(body)
        for _ in range(12):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        read_bytes(reader, bytes(noise))
        junk = chance.randbytes(400)
        assert reader.accepts(junk, "") == 0
        read_bytes(reader, junk)


def shows_its_plant(reader: Reader, body: bytes) -> None:
    """The positive control's file is of this format, and its value comes out typed."""
    planted = reader.plant(body, PLANT)
    assert planted is not None
    assert reader.accepts(planted, "") > 0
    records, ledger = read_bytes(reader, planted)
    assert ledger.unreadable == 0
    assert ledger.first is not None and (ledger.seen()[0].spans or ledger.seen()[0].telemetry is Telemetry.TEXT)
    shown = typed_values(records)
    assert {(Kind.HOST, PLANT.host), (Kind.URL, f"http://{PLANT.host}/"), (Kind.ADDRESS, PLANT.address)} & shown

"""What tests of host artefacts share: real files through the line's own reading, and damage to any file."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.evidence_kit import PLANT, Everything, opened

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import read_source
from nachsorge.evidence.trees import open_plain
from nachsorge.model.words import Reason, Status

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.evidence.seams import Reader
    from nachsorge.model.evidence import Reading, Record


def read_place(reader: Reader, place: Path, host: str | None = "pc1") -> tuple[list[Record], Reading]:
    """Read a file that lies in a folder, as the line does."""
    source = opened(b"", place.name, place.stat().st_mtime_ns // 1000)
    source = replace(source, open=lambda: open_plain(place), local=place, size=place.stat().st_size, host=host)
    return _read(reader, source)


def read_member(reader: Reader, body: bytes, name: str = "member") -> tuple[list[Record], Reading]:
    """Read bytes that lie in an archive, as the line does."""
    return _read(reader, opened(body, name))


def _read(reader: Reader, source: object) -> tuple[list[Record], Reading]:
    records: list[Record] = []
    reading = read_source(source, reader, Everything(), records.append, Ledger(host=source.host))  # type: ignore[attr-defined, arg-type]
    return records, reading


def bears_damage(reader: Reader, body: bytes, rounds: int = 60) -> None:
    """Cut anywhere, or with bytes turned: never a fault of the reader; a cut file is never read whole in silence."""
    chance = random.Random(len(body))
    for number in range(rounds):
        noise = bytearray(body)
        if number % 3 == 0:
            del noise[chance.randrange(len(noise)) :]
        for _ in range(chance.choice([0, 1, 4, 30]) if noise else 0):
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        _, reading = read_member(reader, bytes(noise))
        assert reading.reason is not Reason.FAILED, reading.note
        assert reading.status is Status.READ or reading.note
    for junk in (b"", b"\0", chance.randbytes(5000)):
        assert reader.accepts(junk, "x") == 0
        _, reading = read_member(reader, junk)
        assert reading.reason is not Reason.FAILED, reading.note


def shows_control(reader: Reader) -> None:
    """The positive control of a format that nobody can write begins behind the decoder; its value is typed."""
    records = list(reader.control_records(PLANT))  # type: ignore[attr-defined]
    shown = {value.text for record in records for value in record.values}
    assert {PLANT.host, PLANT.path, PLANT.sha256} & shown


def shows_plant(reader: Reader, head: bytes) -> None:
    """The positive control's file is of this format, and holds a planted value."""
    planted = reader.plant(head, PLANT)
    assert planted is not None and reader.accepts(planted, "x") > 0
    records, reading = read_member(reader, planted)
    assert reading.unreadable == 0
    assert any(PLANT.host in v.text or PLANT.path in v.text for record in records for v in record.values)

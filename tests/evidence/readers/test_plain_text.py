import random

from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.model.words import Kind, Telemetry

READER = PlainText()
BODY = b"2023-03-29 something\n\nGr\xfc\xdfe von evil.example\nlast"


def test_lines_are_text_and_cover_nothing():
    records, ledger = read_bytes(READER, BODY)
    assert [(r.locator, r.values[0].kind) for r in records] == [(f"line {n}", Kind.TEXT) for n in (1, 3, 4)]
    assert "Grüße" in records[1].event["text"]
    (seen,) = ledger.seen()
    assert (seen.telemetry, seen.spans, seen.records) == (Telemetry.TEXT, (), 3)
    assert not ledger.gaps  # its status says that it covers nothing


def test_the_sieve_gives_the_lines_with_the_literal():
    _, all_ledger = read_bytes(READER, BODY)
    records, ledger = read_bytes(READER, BODY, b"evil")
    assert [r.locator for r in records] == ["line 3"]
    assert (ledger.records, ledger.unreadable) == (all_ledger.records, 0)


def test_text_is_taken_and_binary_is_not():
    assert READER.accepts(BODY, "") == 1
    assert READER.accepts("Grüße aus Österreich".encode(), "") == 1
    assert READER.accepts(("x" * 65535 + "ü").encode()[:65536], "") == 1
    assert READER.accepts(b"", "a.txt") == 0
    assert READER.accepts(b"MZ\x90\x00\x03", "a.txt") == 0
    assert READER.accepts(random.Random(1).randbytes(4096), "a.txt") == 0


def test_random_bytes_do_not_raise():
    chance = random.Random(2)
    for size in (0, 1, 7, 400):
        read_bytes(READER, chance.randbytes(size))


def test_the_plant_is_seen():
    planted = READER.plant(BODY, PLANT)
    assert planted is not None
    records, _ = read_bytes(READER, planted)
    text = records[0].values[0].text
    assert all(value in text for value in (PLANT.host, PLANT.address, PLANT.sha256, PLANT.path))

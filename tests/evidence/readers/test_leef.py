import pytest
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.leef import Leef
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Telemetry

READER = Leef()
ONE = (
    b"LEEF:1.0|V|P|1|web|devTime=Mar 29 2023 10:11:12\tsrc=192.0.2.7\tdst=198.51.100.9\turl=http://evil.example/a=b c\n"
)
CARET = (
    b"<13>Mar 29 10:11:13 gw LEEF:2.0|V|P|1|web|^|devTime=1680084672000^src=192.0.2.7^url=http://evil.example/a=b c\n"
)
HEX = b"LEEF:2.0|V|P|1|web|x09|devTime=1680084672000\tsrc=192.0.2.7\turl=http://evil.example/a=b c\n"
NONE = b"LEEF:2.0|V|P|1|web|devTime=1680084672\tsrc=192.0.2.7\turl=http://evil.example/a=b c\n"
RELAYED = b"LEEF:1.0|V|P|1|web|devTime=1680084672#011src=192.0.2.7#011url=http://evil.example/a=b c\n"
FIRE = b"LEEF:1.0|V|P|1|allow|devTime=1680084672\tsrc=192.0.2.8\tdst=198.51.100.10\n"
BODY = ONE + CARET + HEX + NONE + FIRE


@pytest.mark.parametrize("line", [ONE, CARET, HEX, NONE, RELAYED])
def test_every_delimiter_gives_the_same_values(line):
    (record,), ledger = read_bytes(READER, line)
    assert record.telemetry is Telemetry.PROXY
    assert record.time == parse_instant("2023-03-29T10:11:12Z")
    assert record.addresses[0] == "192.0.2.7"
    assert {(Kind.URL, "http://evil.example/a=b c"), (Kind.ADDRESS, "192.0.2.7")} <= typed_values([record])
    assert ledger.unreadable == 0


@pytest.mark.parametrize("line", [ONE, CARET, HEX, NONE])
def test_the_plant_keeps_version_and_delimiter(line):
    shows_its_plant(READER, line)


def test_unreadable_lines_are_counted_and_located():
    body = BODY + b"LEEF:1.0|V|evil.example\n"
    _, ledger = read_bytes(READER, body)
    assert (ledger.unreadable, ledger.unreadable_at) == (1, ["line 6"])
    holds_with_and_without_sieve(READER, body, b"evil")


def test_contract():
    holds_with_and_without_sieve(READER, BODY, b"evil")
    survives_anything(READER, BODY)

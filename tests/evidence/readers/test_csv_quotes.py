"""A quote within a word joins it for a reader of CSV; the sieve must not lose such a row."""

from __future__ import annotations

from tests.evidence_kit import read_bytes

from nachsorge.evidence.readers.csv_table import CsvTable

HEADER = b"time,host,query,note\n"


def test_a_value_that_quotes_take_apart_is_still_read() -> None:
    body = HEADER + b'2023-03-29T10:00:00Z,pc1,"ev"il.example,x\n' + b"2023-03-29T10:01:00Z,pc1,good.example,x\n" * 3
    records, _ = read_bytes(CsvTable(), body, b"evil")
    assert any(value.text == "evil.example" for record in records for value in record.values)


def test_plain_quoted_cells_are_still_sieved() -> None:
    body = HEADER + b'"2023-03-29T10:00:00Z","pc1","good.example","x, y"\n' * 4
    records, _ = read_bytes(CsvTable(), body, b"evil")
    assert not records

"""Which reader is asked about which bytes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.identify import _LEASES, is_binary, names_machines, reader_for
from nachsorge.evidence.readers import READERS

LOG = b"1677628800.123    345 10.0.0.1 TCP_MISS/200 4321 GET http://a.example/x - HIER_DIRECT/192.0.2.1 text/html\n"
BINARIES = {
    "program of Windows": b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + bytes(48) + b"no DOS program" * 20,
    "program of Linux": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0\x3e\0\x01\0\0\0" * 120,
    "picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(1).randbytes(4000),
    "compressed": random.Random(2).randbytes(65536),
}


@pytest.mark.parametrize("what", sorted(BINARIES))
def test_no_reader_of_text_takes_what_is_binary(what):
    assert is_binary(BINARIES[what])
    asked = [reader for reader in READERS if getattr(reader, "text", False)]
    assert len(asked) > 40
    assert [reader.name for reader in asked if reader.accepts(BINARIES[what], "some.bin")] == []
    assert reader_for(BINARIES[what], "some.bin") is None


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_not_binary_in_any_encoding(encoding):
    assert not is_binary(("Zeit;Rechner;Größe\r\n" * 40).encode(encoding))


@given(st.integers(0, 5000), st.integers(0, 20))
def test_zeros_that_a_crash_left_in_a_log_hide_it_from_nobody(before, within):
    body = bytes(before) + LOG * 10 + bytes(within) + LOG * 10
    assert not is_binary(body)


def test_a_log_is_read_though_it_begins_with_zeros_in_a_later_line():
    assert reader_for(LOG * 5 + bytes(30) + LOG, "access.log").name == "squid"


@given(st.lists(st.sampled_from([*_LEASES, b"\n", b"lease", b"ID,", b" "]) | st.binary(max_size=9)).map(b"".join))
def test_what_names_machines_is_found_as_each_word_is_found_alone(text: bytes) -> None:
    if not is_binary(text):
        assert names_machines(text) == any(mark in text for mark in _LEASES)

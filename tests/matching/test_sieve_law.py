"""The law: what the matcher finds when everything is read, it finds behind the sieve as well."""

from __future__ import annotations

import csv
import io
import ipaddress
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.matching.kit import exposure_test, hits_in, record, rule_test, value_test

from nachsorge.evidence.readers.cef import Cef
from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.evidence.readers.suricata_eve import SuricataEve
from nachsorge.evidence.readers.windns import Windns
from nachsorge.evidence.readers.windows_ndjson import WindowsNdjson
from nachsorge.evidence.readers.zeek_json import ZeekJson
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.matching import sieve
from nachsorge.matching.match import Matcher
from nachsorge.model.pack import Exposure
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

WORD = st.text("abcdefghijksz0159", min_size=1, max_size=9)
LABEL = WORD | st.sampled_from(["bücher", "кит", "evil-site", "xn--bcher-kva", "x"])
NAME = st.lists(LABEL, min_size=2, max_size=4).map(".".join)
IPV4 = st.ip_addresses(v=4).map(str)
IPV6 = st.ip_addresses(v=6).map(str) | st.sampled_from(["2001:db8::17", "::1", "::ffff:10.0.0.17", "fe80::1:0:0:a"])
HEX = st.sampled_from([32, 40, 64]).flatmap(lambda size: st.text("0123456789abcdef", min_size=size, max_size=size))
SEGMENT = WORD | st.sampled_from(
    ["%APPDATA%", "<user>", "evil*.exe", "evil.exe", "Program Files", "%d", "*", "HarddiskVolume3"]
)
FOLDERS = st.lists(SEGMENT, min_size=1, max_size=4)
KEY = st.sampled_from(
    [
        "HKLM\\",
        "HKEY_LOCAL_MACHINE\\",
        "HKCU\\Software\\",
        "HKCU\\Software\\Classes\\",
        "HKLM\\SYSTEM\\CurrentControlSet\\",
    ]
)


def cidr(address: str, taken: int) -> str:
    """Make the range of an address that leaves `taken` hundredths of its bits."""
    parsed = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((parsed, parsed.max_prefixlen * taken // 100), strict=False))


INDICATORS = st.one_of(
    st.tuples(st.just("domain"), NAME),
    st.tuples(st.just("ip"), IPV4 | IPV6),
    st.tuples(st.just("cidr"), st.builds(cidr, IPV4 | IPV6, st.integers(20, 100))),
    st.tuples(
        st.sampled_from(["url", "url_pattern"]),
        st.builds(
            "{}{}{}/{}{}".format,
            st.sampled_from(["", "http://", "https://user@"]),
            NAME | IPV4,
            st.sampled_from(["", ":8080"]),
            FOLDERS.map("/".join),
            st.sampled_from(["", "/", "?q=longquery", "#averylongfragment"]),
        ),
    ),
    st.tuples(st.just("sha256"), HEX),
    st.tuples(
        st.just("path"),
        st.builds(
            "{}{}".format,
            st.sampled_from(["C:\\", "\\Device\\HarddiskVolume3\\", "~/", "\\\\srv\\", ""]),
            FOLDERS.map("\\".join),
        ),
    ),
    st.tuples(st.just("file_name"), SEGMENT),
    st.tuples(st.just("registry"), st.builds("{}{}".format, KEY, FOLDERS.map("\\".join))),
    st.tuples(st.just("user_agent"), st.builds("{}/{} ({})".format, WORD, WORD, WORD)),
    st.tuples(st.just("email"), st.builds("{}@{}".format, WORD, NAME)),
    st.tuples(
        st.just("certificate"),
        st.text("0123456789abcdef", min_size=4, max_size=40) | st.builds("CN={}, O={}".format, NAME, WORD),
    ),
    st.tuples(
        st.just("named_object"), st.builds("{}{}".format, st.sampled_from(["", "Global\\", "BaseNamedObjects\\"]), WORD)
    ),
    st.tuples(
        st.just("string"),
        st.builds("{}{}{}".format, WORD, st.sampled_from(["", "/", ":", ".", " ", "=", "|", '"']), WORD),
    ),
    st.tuples(
        st.just("package"),
        st.builds(
            "pkg:{}/{}{}@{}".format, st.sampled_from(["npm", "pypi"]), st.sampled_from(["", "%40scope/"]), WORD, WORD
        ),
    ),
)

LOOKALIKES = str.maketrans({"k": "\u212a", "s": "\u017f", "e": "\uff45", "0": "\uff10"})


def pairs(text: str, mark: str) -> str:
    """Write every two characters apart."""
    return mark.join(text[at : at + 2] for at in range(0, len(text), 2))


def exploded(text: str) -> str:
    """Write an address with all its zeros."""
    try:
        return ipaddress.ip_address(text).exploded
    except ValueError:
        return text


def in_hex(text: str) -> str:
    """Write an IPv4 address as IPv6 in hexadecimal, without leading zeros."""
    try:
        number = int(ipaddress.IPv4Address(text))
    except ValueError:
        return text
    return f"::ffff:{number >> 16:x}:{number & 0xFFFF:x}"


def in_unicode(text: str) -> str:
    """Write punycode as what it stands for."""
    return text.replace("xn--bcher-kva", "bücher")


SPELLINGS: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
    [
        str,
        str.upper,
        str.title,
        exploded,
        in_hex,
        in_unicode,
        lambda text: text.translate(LOOKALIKES),
        lambda text: pairs(text, ":"),
        lambda text: pairs(text, " "),
        lambda text: "0x" + text,
        lambda text: "00" + text,
        lambda text: "sub." + text,
        lambda text: "::ffff:" + text,
        lambda text: f"[{text}]:443",
        lambda text: text + ":443",
        lambda text: text + ".",
        lambda text: text + "\\sub",
        lambda text: text + "/sub?x=1",
        lambda text: text.partition("://")[2] or text,
        lambda text: text.partition("#")[0],
        lambda text: text.replace(":8080", "").replace("user@", ""),
        lambda text: text.replace("\\", "/"),
        lambda text: text.replace("\\", "\\\\"),
        lambda text: text.replace("HKEY_LOCAL_MACHINE", "HKLM").replace("CurrentControlSet", "ControlSet001"),
        lambda text: text.replace("HKCU\\Software\\Classes", "HKU\\S-1-5-21-1_Classes").replace(
            "HKCU", "HKU\\S-1-5-21-1"
        ),
        lambda text: text.replace("Global\\", "").replace("BaseNamedObjects\\", "\\Sessions\\1\\"),
        lambda text: text.replace("\\Device\\HarddiskVolume3", "C:"),
        lambda text: (
            text.replace("%APPDATA%", "C:\\Users\\bob\\AppData\\Roaming")
            .replace("<user>", "bob")
            .replace("*", "1")
            .replace("%d", "7")
        ),
        lambda text: f'run "{text}" /now',
        lambda text: f"see http://{text}",
        lambda text: f"CN={text}",
        lambda text: text[:4] + "".join(f"%{ord(c):02x}" for c in text[4:]) if text.isascii() else text,
        lambda text: text[:-1] + f"%{ord(text[-1]):02X}" if text.isascii() else text,
    ]
)


@st.composite
def written(draw: st.DrawFn, value: str) -> str:
    """Write a value in some spelling, sometimes one of one."""
    for change in draw(st.lists(SPELLINGS, max_size=3)):
        value = change(value) or value
    return value


@st.composite
def cases(draw: st.DrawFn) -> tuple[tuple[str, str], str]:
    """Draw an indicator and a text that may hold it."""
    indicator = draw(INDICATORS)
    return indicator, draw(written(indicator[1]))


THOROUGH = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@THOROUGH
@given(cases(), st.sampled_from(Kind))
@example((("url", "https://a.co/x"), "a.co/x"), Kind.URL)
@example((("url", "http://a.co/#averylongfragment"), "http://a.co/"), Kind.URL)
@example((("url", "http://longusername@evil.example/"), "http://evil.example/"), Kind.URL)
@example((("registry", "HKEY_LOCAL_MACHINE\\Software\\ab"), "HKLM\\Software\\ab"), Kind.REGISTRY)
@example((("path", "\\Device\\HarddiskVolume3\\a\\evil.x"), "C:\\a\\evil.x"), Kind.PATH)
@example((("named_object", "BaseNamedObjects\\evil"), "\\Sessions\\1\\evil"), Kind.NAMED_OBJECT)
@example((("domain", "xn--bcher-kva.example.x"), "bücher.example.x"), Kind.HOST)
@example((("domain", "xn--bcher-kva.de"), "bücher.de"), Kind.HOST)
@example((("ip", "::ffff:10.0.0.17"), "10.0.0.17"), Kind.ADDRESS)
@example((("ip", "10.0.0.17"), "::ffff:0a00:0011"), Kind.ADDRESS)
@example((("certificate", "0123456789ab"), "1:23:45:67:89:ab"), Kind.CERTIFICATE)
@example((("certificate", "1234567890abcdef"), "12-34-56-78-90-ab-cd-ef"), Kind.CERTIFICATE)
@example((("package", "pkg:npm/chalk@1"), "pkg:npm/ch%61lk@1"), Kind.PACKAGE)
@example((("package", "pkg:pypi/foo-bar@1"), "pkg:pypi/foo_bar@1"), Kind.PACKAGE)
def test_a_value_that_matches_is_admitted(case, kind):
    indicator, text = case
    matcher = Matcher([value_test(*indicator)])
    if matcher.match(record((kind.value, text))):
        assert matcher.sieve().admits(text.encode("utf-8", "replace"))
        assert matcher.sieve(many=0).admits(text.encode("utf-8", "replace"))


FIELDS = [
    *("query", "answers", "host", "uri", "url", "user_agent", "sha256", "filename", "Image", "CommandLine"),
    *("TargetObject", "PipeName", "subject", "serial", "mailfrom", "dest_ip", "id.resp_h", "message"),
]


def escaped(text: str, which: int) -> str:
    """Write JSON in which some characters, chosen by the bits of `which`, are `\\u` escapes although none need be."""
    parts = (
        f"\\u{ord(c):04x}" if which >> (at % 16) & 1 and ord(c) < 0x10000 else json.dumps(c)[1:-1]
        for at, c in enumerate(text)
    )
    return '"' + "".join(parts) + '"'


def zeek_tsv(field: str, text: str, which: int) -> bytes:
    cell = "".join(f"\\x{ord(c):02x}" if which >> (at % 16) & 1 and ord(c) < 128 else c for at, c in enumerate(text))
    header = f"#separator \\x09\n#path\thttp\n#fields\tts\tuid\tid.orig_h\t{field}x\t{field}\n"
    return f"{header}1680000000.5\tC1\t192.0.2.1\t-\t{cell.replace(chr(9), ' ')}\n".encode()


def zeek_json(field: str, text: str, which: int) -> bytes:
    head = '"ts":1680000000.5,"id.orig_h":"192.0.2.1","method":"GET","host":"192.0.2.9"'
    return f'{{{head},"{field}":{escaped(text, which)}}}\n'.encode()


def eve(field: str, text: str, which: int) -> bytes:
    head = '"timestamp":"2023-03-28T10:40:00.000000+0000","flow_id":1,"src_ip":"192.0.2.1"'
    return (
        f'{{{head},"event_type":"http","http":{{"hostname":"192.0.2.9","{field}":{escaped(text, which)}}}}}\n'.encode()
    )


def winlogbeat(field: str, text: str, which: int) -> bytes:
    head = '"@timestamp":"2023-03-28T10:40:00.000Z"'
    log = '"channel":"Microsoft-Windows-Sysmon/Operational","provider_name":"Microsoft-Windows-Sysmon","event_id":1'
    data = f'{{"{field}":{escaped(text, which)}}}'
    return f'{{{head},"winlog":{{{log},"computer_name":"pc","event_data":{data}}}}}\n'.encode()


def any_json(field: str, text: str, which: int) -> bytes:
    return f'{{"time":"2023-03-28T10:40:00Z","nested":{{"{field}":[{escaped(text, which)},null,3]}}}}\n'.encode()


def table(field: str, text: str, which: int) -> bytes:
    stream = io.StringIO()
    rows = (
        ("timestamp", "client", field),
        ("2023-03-28 10:40:00", "192.0.2.1", text),
        ("2023-03-28 10:40:01", "x", "y"),
    )
    csv.writer(stream, quoting=csv.QUOTE_ALL if which % 2 else csv.QUOTE_MINIMAL).writerows(rows)
    return stream.getvalue().encode()


def cef(field: str, text: str, which: int) -> bytes:
    value = text.replace("\\", "\\\\").replace("=", "\\=").replace("|", "\\|" if which % 2 else "|")
    key = "".join(c for c in field if c.isalnum())
    return f"CEF:0|maker|thing|1|7|name|5|rt=1680000000000 src=192.0.2.1 {key}={value} msg={value}\n".encode()


def windns(field: str, text: str, which: int) -> bytes:
    labels = "".join(f"({len(label)}){label}" for label in text.split(".")) + "(0)"
    packet = "0F48 PACKET  00000000028657F0 UDP Rcv 192.0.2.1       0002   Q [0001   D   NOERROR] A"
    line = f"29/03/2023 10:11:12 {packet}      {labels}"
    return f"DNS Server log file creation at 29/03/2023 00:00:00\n\n{line}\nnote: {text}\n".encode()


def plain(field: str, text: str, which: int) -> bytes:
    return f"first line\n{field}: {text}\nlast line\n".encode("utf-8" if which % 2 else "latin-1", "replace")


FORMATS = [
    pytest.param(ZeekTsv(), zeek_tsv, id="zeek_tsv"),
    pytest.param(ZeekJson(), zeek_json, id="zeek_json"),
    pytest.param(SuricataEve(), eve, id="suricata_eve"),
    pytest.param(WindowsNdjson(), winlogbeat, id="winlogbeat"),
    pytest.param(Ndjson(), any_json, id="ndjson"),
    pytest.param(CsvTable(), table, id="csv"),
    pytest.param(Cef(), cef, id="cef"),
    pytest.param(Windns(), windns, id="windns"),
    pytest.param(PlainText(), plain, id="plain_text"),
]


def one_line(text: str) -> str:
    """Leave out what would end a line or cannot be written."""
    return " ".join(text.split()).encode("utf-8", "ignore").decode() or "x"


@pytest.mark.parametrize("engine", ["hyperscan", "portable", "tokens"])
@pytest.mark.parametrize(("reader", "write"), FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.sampled_from(FIELDS), st.integers(0, 0xFFFF) | st.just(0))
def test_every_reader_gives_the_same_hits_behind_the_sieve(reader, write, engine, case, field, which):
    indicator, text = case
    body = write(field, one_line(text), which)
    with pytest.MonkeyPatch.context() as patch:
        if engine == "portable":
            patch.setattr(sieve, "hyperscan", None)
        matcher = Matcher([value_test(*indicator)])
        compiled = matcher.sieve(many=0) if engine == "tokens" else matcher.sieve()
        assert hits_in(matcher, reader, body, compiled) == hits_in(matcher, reader, body, matcher.sieve(enabled=False))


@pytest.mark.parametrize(("reader", "write"), FORMATS)
@pytest.mark.parametrize("which", [0, 0xFFFF, 0x5555])
def test_a_plain_name_is_found_in_every_format_and_spelling(reader, write, which):
    matcher = Matcher([value_test("domain", "evil.example"), value_test("domain", "other.example")])
    body = write("query", "www.EVIL.example", which)
    assert {hit.test for hit in hits_in(matcher, reader, body, matcher.sieve())} == {0}
    assert not matcher.sieve().everything


SIGMA = """
title: t
logsource: {{category: {category}}}
detection:
  sel: {{{detection}}}
  condition: sel
"""


@pytest.mark.parametrize(
    ("reader", "write", "category", "detection", "field", "text"),
    [
        (ZeekTsv(), zeek_tsv, "proxy", "url|startswith: 'http://evil.example/'", "url", "http://evil.example/x"),
        (ZeekJson(), zeek_json, "proxy", "url|contains: 'http://'", "uri", "/index"),
        (
            WindowsNdjson(),
            winlogbeat,
            "process_creation",
            "CommandLine|contains: 'EvilArgument'",
            "CommandLine",
            "x evilargument y",
        ),
        (WindowsNdjson(), winlogbeat, "process_creation", "CommandLine|re: 'ev.l'", "CommandLine", "x evil y"),
    ],
)
def test_rules_match_behind_the_sieve(reader, write, category, detection, field, text):
    matcher = Matcher([rule_test("sigma", SIGMA.format(category=category, detection=detection))])
    body = write(field, text, 0)
    assert len(hits_in(matcher, reader, body, matcher.sieve(enabled=False))) == 1
    assert len(hits_in(matcher, reader, body, matcher.sieve())) == 1


def test_products_are_found_behind_the_sieve():
    matcher = Matcher([exposure_test(Exposure(id="e", names=("3CX Desktop*",), any_version=True))])
    body = b"host,name,version\npc1,3CX DesktopApp,18.12.416\npc2,Other,1.0\npc3,Third,1.0\n"
    assert not matcher.sieve().everything
    assert [hit.host for hit in hits_in(matcher, CsvTable(), body, matcher.sieve())] == ["pc1"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("domain", "a.co"),
        ("url", "https://a.co/"),
        ("file_name", "a.b"),
        ("ip", "::1"),
        ("cidr", "::/0"),
        ("string", "123456"),
    ],
)
def test_what_no_literal_names_opens_the_sieve(kind, value):
    assert Matcher([value_test("domain", "evil.example"), value_test(kind, value)]).sieve().everything


def test_the_sieve_of_no_test_admits_nothing():
    assert not Matcher([]).sieve().admits(b"anything")


@given(st.binary(max_size=200), st.lists(st.text("ab-", min_size=3, max_size=5), min_size=1, max_size=4))
def test_both_engines_admit_the_same(raw, literals):
    native, portable = sieve.LiteralSieve(literals), sieve.LiteralSieve([])
    portable._search = sieve._portable(sorted({literal.encode() for literal in literals}))
    assert native.admits(raw) == portable.admits(raw)

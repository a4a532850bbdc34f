"""The law of long lists: in columns and compiled, a list means what it means row by row."""

from __future__ import annotations

import pickle
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.matching.kit import hits_in, record

from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.matching import tests as looked_for
from nachsorge.matching.match import Matcher
from nachsorge.matching.sieve import LiteralSieve, OpenSieve
from nachsorge.matching.store import NOWHERE, Store
from nachsorge.matching.tests import CONTROL, Tests, apart, control_tests, joined, of_types
from nachsorge.matching.tokens import TokenSieve, available
from nachsorge.model.columns import Indicators, driving, packed
from nachsorge.packs.adhoc import pack_of
from nachsorge.packs.importers.csv import CsvImporter

LABEL = st.text("abz019", min_size=1, max_size=4) | st.sampled_from(["evil", "Evil", "bücher", "xn--bcher-kva"])
NAME = st.lists(LABEL, min_size=2, max_size=3).map(".".join) | st.sampled_from(
    ["evil.example", "EVIL.example.", "a.co"]
)
ADDRESS = st.sampled_from(["192.0.2.17", "2001:DB8::17", "2001:db8:0::17", "::ffff:192.0.2.17", "192.0.2.170", "::1"])
HASH = st.sampled_from([char * size for char in "aAb" for size in (32, 40, 64)])
WAY = st.sampled_from(["", "/", "/a", "/a/", "/a/*.bin", "/a/%d", "/A?q=1", ":8080/a"])
FILE = st.sampled_from(["evil.exe", "EVIL.exe", "e*.exe", "a-b_c.dll", "..", "setup evil.msi"])
FOLDER = st.sampled_from(["C:\\Users\\x\\", "%APPDATA%\\", "/opt/*/", "/usr/<user>/", "~/.x/"])


def defanged(value: str) -> str:
    return value.replace(".", "[.]").replace("http", "hxxp")


VALUE = st.one_of(
    NAME.map(lambda value: ("domain", value)),
    ADDRESS.map(lambda value: ("ip", value)),
    st.sampled_from(["192.0.2.0/24", "2001:db8::/32", "192.0.2.1/24"]).map(lambda value: ("cidr", value)),
    st.builds(lambda host, way: ("url", f"http://{host}{way}"), NAME | ADDRESS, WAY),
    st.builds(lambda host, way: ("url_pattern", f"{host}{way}"), NAME | st.just("*.evil.example"), WAY),
    st.tuples(st.sampled_from(["md5", "sha1", "sha256"]), HASH),
    FILE.map(lambda value: ("file_name", value)),
    st.builds(lambda folder, file: ("path", folder + file), FOLDER, FILE),
    NAME.map(lambda host: ("email", f"Eve@{host}")),
    st.sampled_from([("package", "pkg:npm/chalk@5.6.1"), ("package", "pkg:npm/chalk"), ("package", "chalk")]),
    st.sampled_from([("string", "evil words"), ("user_agent", "evil agent"), ("registry", "HKLM\\Software\\Evil")]),
    st.sampled_from([("certificate", "0a:1b:2c:3d:4e"), ("named_object", "Global\\evilmutex"), ("domain", "no name")]),
)
MORE = st.sampled_from(
    [
        ",,,",
        ",,,",
        "hint,,,",
        "proof,known-good,,",
        ",,windows,",
        ",,,17",
        ",malicious,macos,",
        ",nonsense,,",
    ]
)
ROWS = st.lists(
    st.tuples(VALUE, st.booleans(), MORE).map(
        lambda row: f"{row[0][0]},{defanged(row[0][1]) if row[1] else row[0][1]},{row[2]}"
    ),
    min_size=1,
    max_size=12,
)
BEFORE = st.sampled_from(["", "", "x.", "www.", "http://", "x", "a/b/", "C:\\Users\\x\\", "eve@"])
AFTER = st.sampled_from(["", "", ".", ":443", "/a", "/a/1.bin", "x", "?q=1", " -x", "%20"])
KINDS = ("host", "address", "url", "hash", "path", "package", "email", "text", "registry", "user_agent", "certificate")


def listed(rows):
    """Read a list as it is read today, and the same in columns."""
    text = "\n".join(["type,value,weight,role,platform,size", *rows])
    plain = pack_of(CsvImporter().read(BytesIO(text.encode())), "list.csv", "0" * 64)
    return plain, replace(plain, indicators=packed(plain.indicators, least=0))


def said(value, before, after, upper):
    """Say a row's value as evidence might."""
    text = before + value.replace("*", "y").replace("%d", "7").removeprefix("http://") + after
    return text.upper() if upper else text


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, st.data())
@example(["domain,evil.example,,,,", "domain,EVIL.example.,,,,", "domain,evil[.]example,hint,,,"], None)
def test_a_list_in_columns_meets_what_it_meets_row_by_row(rows, data):
    plain, columns = listed(rows)
    assert columns == plain
    assert driving(columns.indicators) == driving(plain.indicators)
    tests = looked_for.tests_of([columns])
    assert tuple(tests) == looked_for.tests_of([plain])
    one, other = Matcher(looked_for.tests_of([plain])), Matcher(tests)
    assert (one.algorithms, one.sizes) == (other.algorithms, other.sizes)
    if data is None or not plain.indicators:
        return
    for _ in range(4):
        value = data.draw(st.sampled_from(plain.indicators)).value
        text = said(value, data.draw(BEFORE), data.draw(AFTER), data.draw(st.booleans()))
        for kind in KINDS:
            asked = record((kind, text))
            assert other.match(asked) == one.match(asked)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, st.data(), st.sampled_from([0, 1, 1000]))
def test_its_sieve_hides_nothing(rows, data, many):
    plain, columns = listed(rows)
    one, other = Matcher(looked_for.tests_of([plain])), Matcher(looked_for.tests_of([columns]))
    values = [each.value for each in plain.indicators] or ["evil.example"]
    texts = [said(data.draw(st.sampled_from(values)), data.draw(BEFORE), data.draw(AFTER), upper=False) for _ in "123"]
    raw = "".join(f'{{"text":"{text}"}}\n' for text in texts).replace("\\", "\\\\").encode()
    for reader in (Ndjson(), PlainText()):
        assert hits_in(other, reader, raw, other.sieve(many=many)) == hits_in(one, reader, raw, OpenSieve())


ROW = [
    "domain,evil.example,,,,",
    "ip,192.0.2.17,,,,",
    f"md5,{'a' * 32},,,,",
    "path,C:\\x\\evil.exe,,,,",
    "string,abcd e,,,,",
]


def test_columns_are_the_tuple_that_they_stand_for():
    plain, columns = (each.indicators for each in listed(ROW))
    assert isinstance(columns, Indicators)
    assert (len(columns), list(columns), columns[1:3], columns[-1]) == (5, list(plain), plain[1:3], plain[-1])
    assert columns == plain and plain == columns and columns == pickle.loads(pickle.dumps(columns))
    assert hash(columns) == hash(plain)
    assert plain[2] in columns
    assert columns != plain[:4] and columns != (*plain[:4], plain[0])
    with pytest.raises(IndexError):
        columns[5]


def test_short_lists_and_lists_of_which_each_row_is_another_stay_objects():
    rows = [f"domain,e{number}.example,,,,{number}" for number in range(40)]
    plain, _ = listed(rows)
    assert isinstance(packed(plain.indicators, least=50), tuple)
    assert isinstance(packed(plain.indicators, least=40), tuple)
    plain, _ = listed([f"domain,e{number}.example,,,," for number in range(40)])
    assert isinstance(packed(plain.indicators, least=40), Indicators)


def test_lists_keep_their_numbers_beside_other_packs():
    plain, columns = listed(ROW)
    first = replace(plain, id="first")
    both = looked_for.tests_of([first, columns, replace(columns, id="last")])
    assert isinstance(both, Tests)
    alone = looked_for.tests_of([first, plain, replace(plain, id="last")])
    assert tuple(both) == alone
    assert [number for number, _ in apart(both)] == [0, 1, 2, 3, 4]
    assert list(of_types(both, {"ip", "path"})) == [(n, t) for n, t in enumerate(alone) if t.type in ("ip", "path")]
    asked = record(("host", "x.evil.example"), ("address", "192.0.2.17"))
    assert Matcher(both).match(asked) == Matcher(alone).match(asked)
    assert len(Matcher(both).match(asked)) == 6
    assert tuple(pickle.loads(pickle.dumps(both))) == alone


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("many", [0, 1000])
def test_what_is_kept_compiled_serves_like_what_was_compiled(tmp_path, kept, many):
    _, columns = listed(ROW)
    store = Store(str(tmp_path)) if kept else NOWHERE
    raw = b'{"text":"x evil.example"}\n{"text":"192.0.2.17"}\n{"text":"nothing"}\n'
    found = []
    for _ in range(2):
        matcher = Matcher(looked_for.tests_of([columns]), store)
        found.append(hits_in(matcher, Ndjson(), raw, matcher.sieve(many=many, store=store)))
    assert found[0] == found[1]
    assert len(found[0]) == 2
    assert (tmp_path / "tables").exists() is kept


@pytest.mark.skipif(not available(), reason="the extra big-lists is not installed")
def test_the_planted_values_go_the_way_of_the_list():
    _, columns = listed(ROW)
    planted = control_tests("planted.invalid", "192.0.2.123", "0" * 63 + "c", "C:\\control\\made-up.bin")
    tests = joined(looked_for.tests_of([columns]), planted)
    matcher = Matcher(tests)
    sieve = matcher.sieve(many=0)
    assert isinstance(sieve, TokenSieve)
    assert sieve.admits(b"x planted.invalid") and not sieve._beside.admits(b"x planted.invalid")
    hits = matcher.match(record(("host", "planted.invalid")))
    assert [matcher.tests[hit.test].pack for hit in hits] == [CONTROL]
    assert isinstance(matcher.sieve(many=1000), LiteralSieve)
    assert matcher.sieve(many=1000).admits(b"planted.invalid")


def test_kept_columns_come_back_aligned_and_damaged_ones_not_at_all(tmp_path):
    store = Store(str(tmp_path))
    store.put_columns("kind", "name", [b"abc", b"", bytes(200)])
    assert [bytes(column) for column in store.columns("kind", "name") or ()] == [b"abc", b"", bytes(200)]
    assert store.columns("kind", "other") is None
    path = tmp_path / "kind" / "name"
    whole = path.read_bytes()
    for damaged in (b"", whole[:10], whole[:-1], whole[:100] + b"x" + whole[101:], whole + b"x"):
        path.write_bytes(damaged)
        assert store.columns("kind", "name") is None
    NOWHERE.put_columns("kind", "name", [b"abc"])
    assert NOWHERE.columns("kind", "name") is None

"""What an organisation tells, as bytes: the same for the same, whole or refused, whatever arrives."""

from __future__ import annotations

import json
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sharing.kit import PLAIN, but, notifications, plain

from nachsorge.locale import speaking
from nachsorge.model.words import IndicatorType, Role, Tlp
from nachsorge.sharing.notification import (
    LARGEST,
    SECTORS,
    Channel,
    Contact,
    Notification,
    NotificationError,
    Purposes,
    Region,
    Sector,
    Seen,
    Size,
    decode,
    encode,
    schema,
)


def problems(value: Any) -> list[str]:
    with pytest.raises(NotificationError) as found:
        decode(value if isinstance(value, bytes) else json.dumps(value).encode(), "it")
    return [problem.message for problem in found.value.problems]


@given(notifications())
def test_whatever_the_format_allows_comes_back_as_it_was(found: Notification) -> None:
    body = encode(found)
    assert decode(body) == found
    assert encode(decode(body)) == body


@given(notifications(), st.randoms())
def test_the_order_of_keys_and_the_spaces_change_nothing(found: Notification, random: Any) -> None:
    shuffled = list(plain(found).items())
    random.shuffle(shuffled)
    assert encode(decode(json.dumps(dict(shuffled), indent=random.choice([None, 1, 4])).encode())) == encode(found)


@given(notifications())
@settings(max_examples=30)
def test_what_is_taken_is_what_the_published_schema_takes(found: Notification) -> None:
    jsonschema.Draft202012Validator(schema()).validate(json.loads(encode(found)))


def test_the_schema_itself_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_canonical_bytes_are_those_of_the_standard() -> None:
    body = encode(but(note='\u20ac$\u000a"\\\u00f6'))
    assert body.startswith(b'{"assets":{"rungs":[{')
    assert '"note":"€$\\n\\"\\\\ö"'.encode() in body
    keys = list(json.loads(body))
    assert keys == sorted(keys)


def test_every_problem_is_told_at_once_with_its_place() -> None:
    value = plain()
    value["surprise"] = 1
    del value["made"]
    value["assets"]["verdicts"]["open"] = -1
    value["assets"]["rungs"][1]["rung"] = "nowhere"
    value["indicators"][0]["value"] = ""
    value["contact"] = {"name": "somebody"}
    found = problems(value)
    for place in ("surprise: unknown", "made: missing", "assets.verdicts.open", "assets.rungs[1].rung",
                  "indicators[0].value", "contact.email: missing"):  # fmt: skip
        assert any(message.startswith(place) for message in found), place


@pytest.mark.parametrize("key", list(plain()))
def test_every_key_is_needed(key: str) -> None:
    value = plain()
    del value[key]
    assert problems(value) == [f"{key}: missing"]


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "an asset in no verdict": ({"assets": {**plain()["assets"], "scope": 9}}, "they add up to 8, the scope is 9"),
    "an asset that nobody says was not looked at": (
        {"coverage": [{**plain()["coverage"][0], "none": 1}]},
        "add up to the scope",
    ),
    "a rung with more assets than there are": (
        {"assets": {**plain()["assets"], "rungs": [{**plain()["assets"]["rungs"][0], "shown": 8}]}},
        "more assets than the scope",
    ),
    "a part above the whole": (
        {"labels": {"tlp": "GREEN", "pap": "RED", "parts": {"note": "AMBER"}}},
        "labels.parts.note",
    ),
    "an indicator above the whole": ({"labels": {"tlp": "GREEN", "pap": "RED", "parts": {}}}, "indicators[0].tlp"),
    "passed on against every label": (
        {"purposes": {"count": True, "pass_to": ["community"], "name": False}},
        "community",
    ),
    "named without a name": ({"purposes": {"count": True, "pass_to": [], "name": True}}, "it may be named"),
    "weeks that run backwards": ({"weeks": {"first": "2023-W13", "last": "2023-W10"}}, "later than the last"),
    "a week that no year has": ({"weeks": {"first": "2023-W53", "last": "2023-W53"}}, "no such week"),
    "a day that no month has": ({"made": "2023-02-30T00:00:00Z"}, "no such time"),
    "nothing and something": (
        {"done": [{"what": "nothing", "text": ""}, {"what": "rebuilt", "text": ""}]},
        "nothing, and something",
    ),
    "help and none": ({"help": {"wanted": ["none", "forensics"], "text": ""}}, "none, and something"),
    "other, unsaid": ({"done": [{"what": "other", "text": " "}]}, "say what"),
    "the same rung twice": (
        {"assets": {**plain()["assets"], "rungs": [plain()["assets"]["rungs"][0]] * 2}},
        "the same one stands twice",
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_refused(name: str) -> None:
    change, told = CONTRADICTIONS[name]
    assert any(told in message for message in problems(plain() | change)), name


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"1", b"{", b'"text"', b"\xff\xfe", b"{}" * 2, b"[" * 100_000, b'{"a":' * 50_000,
        b'{"schema":NaN}', b'{"id":"1","id":"2"}', b'{"note":"\\ud800"}', b"9" * 10_000, b" " * (LARGEST + 1),
        b'{"\\ud800":1}', b"\xef\xbb\xbf{}", b'{"a":1e999999}',
    ],
    ids=lambda body: str(body[:20]),
)  # fmt: skip
def test_hostile_bytes_are_refused_and_nothing_else_happens(body: bytes) -> None:
    assert 1 <= len(problems(body)) <= 50


@given(st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*plain(), "x"]), inner, max_size=8),
    max_leaves=20,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_no_bytes_do_anything_but_decode_or_be_refused(body: bytes) -> None:
    with pytest.raises(NotificationError):
        decode(body)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a true notification with one value put in place of another."""
    value = plain()
    junk: Any = draw(st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just([]) | st.just({}))
    inside: Any = value
    while True:
        key = (
            draw(st.sampled_from(sorted(inside))) if isinstance(inside, dict) else draw(st.integers(0, len(inside) - 1))
        )
        if isinstance(inside[key], (dict, list)) and inside[key] and draw(st.booleans()):
            inside = inside[key]
            continue
        inside[key] = junk
        return json.dumps(value).encode()


@given(mutated())
def test_one_changed_value_is_taken_whole_or_refused(body: bytes) -> None:
    try:
        found = decode(body)
    except NotificationError:
        return
    assert json.loads(encode(found)) == json.loads(body)


@pytest.mark.parametrize("bad", ["a\x1b[31m", "a\nb", "a\u202eb", "a\x00", "a\u2028b", "\x9b2J", "a\n"])
def test_a_line_holds_nothing_that_a_terminal_or_a_log_would_obey(bad: str) -> None:
    assert problems(plain() | {"tool": bad})
    assert problems(plain() | {"organisation": {**plain()["organisation"], "name": bad}})


def test_too_many_and_too_long_are_refused() -> None:
    many = [
        {"type": "domain", "value": f"a{n}.example", "role": "malicious", "tlp": "GREEN", "note": ""}
        for n in range(501)
    ]
    assert problems(plain() | {"indicators": many})
    assert problems(plain() | {"note": "x" * 4001})
    assert problems(plain() | {"assets": {**plain()["assets"], "scope": 2**70}})


def test_a_problem_repeats_little_of_what_was_sent() -> None:
    value = plain() | {"x" * 5000: 1, "tool": "marker" * 1000}
    assert max(len(message) for message in problems(value)) < 400


def test_the_same_indicator_twice_is_refused_even_with_another_label() -> None:
    one = Seen(type=IndicatorType.DOMAIN, value="a.example", role=Role.MALICIOUS, tlp=Tlp.GREEN, note="")
    other = Seen(type=IndicatorType.DOMAIN, value="a.example", role=Role.MALICIOUS, tlp=Tlp.AMBER, note="")
    assert problems(encode(but(indicators=(one, other))))


@pytest.mark.parametrize("email", ["a b@c.example", "a@b@c", "<script>@x.example", "@x.example"])
def test_a_mail_address_is_one(email: str) -> None:
    assert problems(encode(but(contact=Contact(name="", email=email, phone="", fingerprint=""))))


def test_passing_on_is_allowed_where_one_part_may_be() -> None:
    value = but(purposes=Purposes(count=True, pass_to=("constituency",), name=False))
    assert decode(encode(value)) == value, "the indicators are AMBER"


def test_plain_is_plain() -> None:
    assert decode(encode(PLAIN)) == PLAIN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"assets": {**plain()["assets"], "scope": 9}}, "zusammen sind es 8, der Umfang ist 9"),
        ({"sequence": "1"}, "hierher gehört ein Wert der Art int, nicht str"),
        ({"sequence": 0}, "weniger als 1"),
        ({"channel": "secret"}, "keines der Wörter, die hier erlaubt sind"),
        ({"id": "x"}, "nicht von der verlangten Form"),
        ({"more": 1}, "unbekannter Schlüssel"),
        ({"note": "x" * 5000}, "länger als 4000"),
        ({"made": "2026-13-01T00:00:00Z"}, "diese Zeit gibt es nicht"),
    ],
)
def test_refusals_are_german_for_those_who_speak_it(changes: dict[str, Any], said: str) -> None:
    body = json.dumps(plain() | changes).encode()
    with speaking("de"), pytest.raises(NotificationError) as found:
        decode(body)
    assert any(said in each.message for each in found.value.problems), found.value.problems
    with pytest.raises(NotificationError) as english:
        decode(body)
    assert not any(said in each.message for each in english.value.problems)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "fehlerhaft in Zeile 1"),
        (b"\xff", "es ist nicht durchgehend UTF-8"),
        (b'{"a": 1, "a": 2}', "ein Schlüssel steht zweimal in einem Objekt"),
        (b"[" * 50 + b"]" * 50, "tiefer als 8 verschachtelt"),
        (b'{"a": NaN}', "NaN ist keine Zahl von JSON"),
        (b"x" * (LARGEST + 1), "höchstens 1048576 werden gelesen"),
    ],
)
def test_what_is_no_json_is_refused_in_german(body: bytes, said: str) -> None:
    with speaking("de"), pytest.raises(NotificationError, match=said):
        decode(body)


def test_sectors_and_regions_are_those_of_the_law() -> None:
    """Directive (EU) 2022/2555: 11 sectors in annex I and 7 in annex II; ISO 3166-2:AT."""
    high = "energy transport banking financial health drinking-water waste-water digital-infrastructure ict-services "
    other = "courier waste-management chemical food manufacturing digital-providers research"
    law = {*high.split(), "public-administration", "space", *other.split()}
    assert len(law) == 18 and set(get_args(Sector)) == {*law, "none", "unknown"} and set(SECTORS) == law
    assert set(get_args(Region)) == {*(f"AT-{number}" for number in range(1, 10)), "several", "unknown"}
    assert set(get_args(Channel)) == {"voluntary", "mandatory"} and "unknown" in get_args(Size)

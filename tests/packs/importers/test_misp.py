"""MISP events: attributes, objects, composite types, `to_ids`, labels, several events, breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.packs.importers.samples import MD5, MISP, SHA1, SHA256

from nachsorge.model.labels import Pap
from nachsorge.model.words import Tlp, Verification, Weight
from nachsorge.packs.importers import choose
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.importers.misp import MispImporter
from nachsorge.packs.importers.seams import Item, Listing, Subject


def event(*attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Event": {"info": "x", "Attribute": list(attributes), **more}}


def read(content: object) -> Listing:
    return listing_of(MispImporter(), json.dumps(content).encode())


def attribute(kind: str, value: str, *, to_ids: bool = True, **more: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "to_ids": to_ids, **more}


def looked_for(item: Item) -> bool:
    return item.fields.get("verification") is not Verification.UNVERIFIED


def test_the_sample_value_by_value() -> None:
    listing = listing_of(MispImporter(), MISP)
    assert [(item.type.value, item.value, looked_for(item)) for item in listing.items] == [
        ("domain", "c2.example", True),
        ("ip", "192.0.2.1", True),
        ("sha256", SHA256, True),
        ("domain", "cdn.example", False),
        ("sha1", SHA1, True),
    ]
    assert listing.lost == 1  # the fingerprint of a TLS client
    assert {item.fields["tlp"] for item in listing.items} == {Tlp.GREEN}
    said = {(each.subject, each.says) for each in listing.statements}
    assert (Subject.ACTOR, "SPARROW") in said
    assert (Subject.PUBLISHER, "Made CERT") in said


def test_to_ids_is_honoured_where_the_event_uses_it_and_told() -> None:
    listing = read(event(attribute("domain", "a.example"), attribute("domain", "b.example", to_ids=False)))
    assert [looked_for(item) for item in listing.items] == [True, False]
    assert "to_ids is not set" in listing.items[1].fields["note"]
    assert any("1 of 2 values have no to_ids" in each for each in listing.not_understood)


def test_an_event_that_sets_it_nowhere_gives_hints_and_hashes() -> None:
    listing = read(event(attribute("domain", "a.example", to_ids=False), attribute("md5", MD5, to_ids=False)))
    assert [(looked_for(item), item.weight) for item in listing.items] == [(True, Weight.HINT), (True, Weight.STRONG)]
    assert any("set nowhere" in each for each in listing.not_understood)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("domain|ip", "a.example|192.0.2.1", [("domain", "a.example"), ("ip", "192.0.2.1")]),
        ("filename|md5", f"a.exe|{MD5}", [("md5", MD5)]),
        ("malware-sample", f"a.exe|{MD5}", [("md5", MD5)]),
        ("ip-src|port", "192.0.2.1|80", [("ip", "192.0.2.1")]),
        ("ip-dst", "192.0.2.0/24", [("cidr", "192.0.2.0/24")]),
        ("filename", r"C:\x\a.exe", [("path", r"C:\x\a.exe")]),
        ("filename", "a.exe", [("file_name", "a.exe")]),
        ("regkey|value", r"HKLM\Software\X|y", [("registry", r"HKLM\Software\X")]),
        ("hostname", "h.a.example", [("domain", "h.a.example")]),
        ("url", "a.example", [("domain", "a.example")]),
        ("url", "hxxp://a[.]example/x", [("url", "http://a.example/x")]),
        ("uri", "a.example/gate.php", [("url_pattern", "a.example/gate.php")]),
        ("user-agent", "Mozilla/9 made", [("user_agent", "Mozilla/9 made")]),
        ("mutex", r"Global\Made", [("named_object", r"Global\Made")]),
        ("text", "words", []),
        ("link", "https://blog.example", []),
    ],
)
def test_types(kind: str, value: str, expected: list[tuple[str, str]]) -> None:
    listing = read(event(attribute("sha1", SHA1), attribute(kind, value, to_ids=False)))
    assert [(item.type.value, item.value) for item in listing.items[1:]] == expected
    assert listing.lost == 0


def test_what_is_flagged_and_cannot_be_looked_for_is_lost() -> None:
    listing = read(event(attribute("text", "Trojan.Made"), attribute("domain", "a.example")))
    assert listing.lost == 1
    assert "Trojan.Made" in listing.not_understood[0]


def test_deleted_attributes_are_gone() -> None:
    assert read(event(attribute("domain", "a.example", deleted=True), attribute("domain", "b.example"))).items[
        0
    ].value == ("b.example")


def test_every_event_is_judged_by_itself() -> None:
    two = [
        event(attribute("domain", "a.example", to_ids=False), Tag=[{"name": "tlp:red"}]),
        event(attribute("domain", "b.example"), attribute("domain", "c.example", to_ids=False)),
    ]
    for content in (two, {"response": two}):
        items = read(content).items
        assert [(item.value, looked_for(item), item.fields["tlp"]) for item in items] == [
            ("a.example", True, Tlp.RED),
            ("b.example", True, Tlp.AMBER_STRICT),
            ("c.example", False, Tlp.AMBER_STRICT),
        ]


def test_an_event_that_breaks_off_gives_what_stands_before_and_the_place() -> None:
    cut = MISP[: MISP.index(b"cdn.example")]
    listing = listing_of(MispImporter(), cut)
    assert [item.value for item in listing.items] == ["c2.example", "192.0.2.1", SHA256]
    assert listing.broken is not None
    assert listing.broken.line == cut.count(b"\n") + 1


def test_it_is_known_by_its_content() -> None:
    assert isinstance(choose(MISP, "x.json"), MispImporter)


@pytest.mark.parametrize(
    ("tags", "tlp", "pap"),
    [
        (["tlp:amber"], Tlp.AMBER, None),
        ([], Tlp.GREEN, None),
        (["tlp:unclear"], Tlp.RED, None),
        (["tlp:purple", "tlp:clear"], Tlp.RED, None),
        (["TLP:Clear", "pap:amber"], Tlp.CLEAR, Pap.AMBER),
        (["PAP:WHITE", "PAP:RED"], Tlp.GREEN, Pap.RED),
        (["PAP:mauve"], Tlp.GREEN, Pap.RED),
    ],
)
def test_no_label_reads_as_less_than_it_says(tags: list[str], tlp: Tlp, pap: Pap | None) -> None:
    own = attribute("domain", "a.example", Tag=[{"name": name} for name in tags])
    [item] = read(event(own, Tag=[{"name": "tlp:green"}])).items
    assert (item.fields["tlp"], item.fields.get("pap")) == (tlp, pap)


YARA = "rule made { condition: true }"


def test_a_rule_in_an_attribute_is_carried_where_the_event_wants_it_looked_for() -> None:
    listing = read(event(attribute("yara", YARA), attribute("domain", "a.example"), Tag=[{"name": "tlp:green"}]))
    [(item, rule)] = listing.rules
    assert (rule.engine, rule.id, item.weight, listing.lost) == ("yara", "made", Weight.HINT, 0)
    quiet = read(event(attribute("yara", YARA, to_ids=False), attribute("domain", "a.example")))
    assert (quiet.rules, quiet.lost) == ((), 0)
    assert any("without to_ids" in each for each in quiet.not_understood)
    broken = read(event(attribute("yara", "rule made {")))
    assert (broken.rules, broken.lost) == ((), 1)


def test_a_rule_for_sensors_in_an_attribute_is_read_for_its_values() -> None:
    rule = 'alert dns any any -> any any (msg:"m"; dns.query; content:"c2.example"; sid:1;)'
    assert [item.value for item in read(event(attribute("snort", rule))).items] == ["c2.example"]

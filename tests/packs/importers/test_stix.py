"""STIX bundles: patterns with their logic, both spellings of hash keys, custom objects, dates that say nothing."""

from __future__ import annotations

import json

import pytest
from tests.packs.importers.samples import MD5, SHA256, STIX, pattern

from nachsorge.model.words import Role, Tlp, Weight
from nachsorge.packs.importers import choose
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.importers.seams import Listing, Subject
from nachsorge.packs.importers.stix import StixImporter
from nachsorge.packs.rule_folder import STAGE


def read(*objects: object) -> Listing:
    return listing_of(StixImporter(), json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode())


def values(text: str) -> list[tuple[str, str, Weight]]:
    return [(item.type.value, item.value, item.weight) for item in read(pattern(text)).items]


S, H = Weight.STRONG, Weight.HINT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[domain-name:value = 'C2.example']", [("domain", "c2.example", S)]),
        (f"[file:hashes.'SHA-256' = '{SHA256}']", [("sha256", SHA256, S)]),
        (f"[file:hashes.sha256='{SHA256}']", [("sha256", SHA256, S)]),
        (f"[file:hashes.MD5 = '{MD5}']", [("md5", MD5, S)]),
        ("[url:value = 'https://c2.example/a']", [("url", "https://c2.example/a", S)]),
        ("[ipv4-addr:value = '192.0.2.0/24']", [("cidr", "192.0.2.0/24", S)]),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", [("cidr", "192.0.2.0/24", S)]),
        ("[process:name = 'bh']", [("file_name", "bh", S)]),
        ("[windows-registry-key:key = 'HKLM\\\\Software\\\\X']", [("registry", r"HKLM\Software\X", S)]),
        ("[email-addr:value = 'a@b.example']", [("email", "a@b.example", S)]),
        ("[domain-name:value IN ('a.example', 'b.example')]", [("domain", "a.example", S), ("domain", "b.example", S)]),
        (
            "[domain-name:value = 'a.example' OR domain-name:value = 'b.example']",
            [("domain", "a.example", S), ("domain", "b.example", S)],
        ),
        (
            "[domain-name:value = 'a.example'] AND [ipv4-addr:value = '192.0.2.1']",
            [("domain", "a.example", H), ("ip", "192.0.2.1", H)],
        ),
        (
            "[domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.1']",
            [("domain", "a.example", H), ("ip", "192.0.2.1", H)],
        ),
        (
            "[process:name = 'x.exe' AND (domain-name:value = 'a.example' OR domain-name:value = 'b.example')]",
            [("file_name", "x.exe", H), ("domain", "a.example", H), ("domain", "b.example", H)],
        ),
        ("[domain-name:value = 'a.example'] REPEATS 5 TIMES", [("domain", "a.example", H)]),
        # A hash names the content whatever else is asked of the file.
        (f"[file:name = 'x.exe' AND file:hashes.md5 = '{MD5}']", [("file_name", "x.exe", H), ("md5", MD5, S)]),
        ("[url:value LIKE 'http://c2.example/%']", [("url_pattern", "http://c2.example/*", S)]),
    ],
)
def test_patterns(text: str, expected: list[tuple[str, str, Weight]]) -> None:
    assert values(text) == expected
    assert read(pattern(text)).lost == 0


@pytest.mark.parametrize(
    "text",
    [
        "[app:id = 'com.example.spy']",
        "[domain-name:value != 'a.example']",
        "[domain-name:value NOT = 'a.example']",
        "[file:name MATCHES '^a.*']",
        "[file:name LIKE 'a_b%']",
        "[domain-name:value = ''",
        "",
        "[domain-name:value = 'no name at all']",
        # One alternative that nobody looks for keeps the whole from being ruled out.
        "[domain-name:value = 'a.example' OR app:id = 'x.y']",
        "(" * 3000 + "[a:b = 'c']" + ")" * 3000,
        "[domain-name:value = '" + "a" * 30_000 + "']",
    ],
)
def test_what_cannot_be_looked_for_is_lost_and_named_with_its_line(text: str) -> None:
    listing = read(pattern(text))
    assert listing.lost == 1
    assert any(each.startswith("line 1:") for each in listing.not_understood)


def test_a_part_of_an_and_that_nobody_knows_loses_nothing() -> None:
    listing = read(pattern("[domain-name:value = 'a.example' AND app:id = 'x.y']"))
    assert (len(listing.items), listing.lost) == (1, 0)
    assert any("app:id" in each for each in listing.not_understood)


def test_custom_objects_are_counted_by_type_at_the_first_ones_line() -> None:
    listing = listing_of(StixImporter(), STIX)
    first = STIX.decode().split("\n").index('   "type": "x-own",')  # counted from 0: the line before, where { stands
    assert f"line {first}: 1 objects of the type 'x-own' are not understood" in listing.not_understood
    assert listing.lost == 2  # the app and the object


def test_places_are_lines_of_the_file() -> None:
    listing = listing_of(StixImporter(), STIX)
    lines = STIX.decode().splitlines()
    for item in listing.items:
        start = int(item.place.removeprefix("line ")) - 1
        assert item.value in "\n".join(lines[start : start + 9])


def test_statements_are_kept_with_their_date() -> None:
    said = [(each.subject, each.says, each.date) for each in listing_of(StixImporter(), STIX).statements]
    assert said == [(Subject.ACTOR, "SPARROW", "2026-01-03"), (Subject.ALIAS, "Operation Sample", "")]


def test_the_time_of_writing_is_no_validity() -> None:
    listing = read(pattern("[domain-name:value = 'a.example']"))
    assert "valid_from" not in listing.items[0].fields
    assert any("not used" in each for each in listing.not_understood)
    dated = read(pattern("[domain-name:value = 'a.example']", valid_from="2025-12-01T00:00:00Z"))
    assert dated.items[0].fields["valid_from"]


@pytest.mark.parametrize(
    ("more", "role"),
    [({"revoked": True}, Role.WITHDRAWN), ({"indicator_types": ["benign"]}, Role.KNOWN_GOOD)],
)
def test_what_its_publisher_takes_back_is_kept_and_not_looked_for(more: dict[str, object], role: Role) -> None:
    [item] = read(pattern("[domain-name:value = 'a.example']", **more)).items
    assert item.fields["role"] is role


@pytest.mark.parametrize(
    ("mark", "tlp"),
    [
        ("613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp.CLEAR),
        ("939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp.AMBER_STRICT),
        ("5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp.RED),
        ("00000000-0000-0000-0000-000000000000", Tlp.AMBER_STRICT),
    ],
)
def test_labels(mark: str, tlp: Tlp) -> None:
    item = pattern("[domain-name:value = 'a.example']", object_marking_refs=[f"marking-definition--{mark}"])
    assert read(item).items[0].fields["tlp"] is tlp


def test_a_bundle_that_breaks_off_gives_what_stands_before_and_the_place() -> None:
    cut = STIX[: STIX.index(b"FOLLOWEDBY")]
    listing = listing_of(StixImporter(), cut)
    assert [item.value for item in listing.items] == ["c2.example", SHA256, MD5]
    assert listing.broken is not None
    line = cut.count(b"\n") + 1
    assert listing.broken.line == line
    assert f"line {line}, column" in str(listing.broken)


SIGMA = "title: made\nlogsource: {category: dns_query}\ndetection: {a: {QueryName: x.example}, condition: a}\n"


@pytest.mark.parametrize(
    ("language", "text", "id_"), [("yara", "rule a { condition: true }", "a"), ("sigma", SIGMA, "made")]
)
def test_a_rule_in_another_language_is_carried_as_a_hint(language: str, text: str, id_: str) -> None:
    listing = read(pattern(text, pattern_type=language))
    [(item, rule)] = listing.rules
    assert (listing.lost, rule.engine, rule.id, rule.text) == (0, language, id_, text)
    assert (item.stage, item.weight, item.value) == (STAGE, Weight.HINT, "")


@pytest.mark.parametrize(
    ("language", "text"), [("yara", "rule a {"), ("sigma", "title: x"), ("sigma", ""), ("spl", "index=*")]
)
def test_a_rule_that_nobody_can_evaluate_is_lost_with_its_line(language: str, text: str) -> None:
    listing = read(pattern(text, pattern_type=language))
    assert (listing.rules, listing.lost) == ((), 1)
    assert listing.not_understood[0].startswith("line 1")


def test_a_rule_that_was_taken_back_is_not_taken() -> None:
    listing = read(pattern("rule a { condition: true }", pattern_type="yara", revoked=True))
    assert (listing.rules, listing.lost) == ((), 0)
    assert "took back" in listing.not_understood[0]


def test_a_network_rule_is_read_for_its_values() -> None:
    rule = 'alert dns any any -> any any (msg:"m"; dns.query; content:"c2.example"; sid:1;)'
    [item] = read(pattern(rule, pattern_type="suricata")).items
    assert (item.value, item.weight) == ("c2.example", Weight.STRONG)


@pytest.mark.parametrize("content", [b'{"type": "bundle", "objects": []}', b'[{"type": "indicator"}]', STIX])
def test_it_is_known_by_its_content(content: bytes) -> None:
    assert isinstance(choose(content, "x.json"), StixImporter)

"""OpenIOC: the tree of AND and OR, conditions, negation, 1.0 and 1.1, breaks, entities."""

from __future__ import annotations

import pytest
from tests.packs.importers.samples import MD5, OPENIOC, SHA1, item, openioc

from nachsorge.model.words import Weight
from nachsorge.packs.importers import choose
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.importers.openioc import OpenIocImporter
from nachsorge.packs.importers.seams import Subject

S, H = Weight.STRONG, Weight.HINT


def found(definition: str) -> list[tuple[str, str, Weight]]:
    listing = listing_of(OpenIocImporter(), openioc(definition))
    return [(each.type.value, each.value, each.weight) for each in listing.items]


def test_the_sample() -> None:
    listing = listing_of(OpenIocImporter(), OPENIOC)
    assert [(each.type.value, each.value, each.weight) for each in listing.items] == [
        ("md5", MD5, S),
        ("domain", "c2.example", S),
        ("file_name", "a.exe", H),
    ]
    assert listing.lost == 0
    assert any("SizeInBytes" in each for each in listing.not_understood)
    assert (Subject.TITLE, "MADE") in {(each.subject, each.says) for each in listing.statements}


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (item("Network/DNS", "a.example"), [("domain", "a.example", S)]),
        (item("PortItem/remoteIP", "192.0.2.1"), [("ip", "192.0.2.1", S)]),
        (item("RegistryItem/Path", r"HKLM\Software\X"), [("registry", r"HKLM\Software\X", S)]),
        (item("FileItem/FilePath", r"\Made\x", "contains"), [("path", r"*\Made\x*", S)]),
        (item("ProcessItem/HandleList/Handle/Name", "MadeMutex"), [("named_object", "MadeMutex", S)]),
        (
            f'<Indicator operator="AND">{item("Network/DNS", "a.example")}{item("FileItem/Sha1sum", SHA1)}</Indicator>',
            [("domain", "a.example", H), ("sha1", SHA1, S)],
        ),
        (
            f'<Indicator operator="AND">{item("Network/DNS", "a.example")}<Indicator operator="OR">'
            f"{item('Network/DNS', 'b.example')}{item('Network/DNS', 'c.example')}</Indicator></Indicator>",
            [("domain", "a.example", H), ("domain", "b.example", H), ("domain", "c.example", H)],
        ),
    ],
)
def test_logic_is_kept(inner: str, expected: list[tuple[str, str, Weight]]) -> None:
    assert found(f'<Indicator operator="OR">{inner}</Indicator>') == expected


@pytest.mark.parametrize(
    "inner",
    [
        item("TaskItem/Comment", "x"),
        item("FileItem/FullPath", "^x", "matches"),
        item("Network/DNS", "a.example", "isnot"),
        item("Network/DNS", "a.example", "is", ' negate="true"'),
        item("FileItem/Md5sum", "zz"),
        f'<Indicator operator="AND">{item("TaskItem/Comment", "x")}{item("TaskItem/Name", "y")}</Indicator>',
    ],
)
def test_what_cannot_be_looked_for_is_lost_with_its_line(inner: str) -> None:
    listing = listing_of(OpenIocImporter(), openioc(f'<Indicator operator="OR">\n{inner}\n</Indicator>'))
    assert (len(listing.items), listing.lost) == (0, 1)
    assert listing.not_understood[-1].startswith("line 6:")


def test_version_1_1() -> None:
    text = (
        '<OpenIOC xmlns="http://openioc.org/schemas/OpenIOC_1.1"><metadata><short_description>M</short_description>'
        f'</metadata><criteria><Indicator operator="OR">{item("FileItem/Md5sum", MD5)}</Indicator></criteria></OpenIOC>'
    )
    assert isinstance(choose(text.encode(), "x"), OpenIocImporter)
    assert [each.value for each in listing_of(OpenIocImporter(), text.encode()).items] == [MD5]


def test_a_file_that_breaks_off_gives_what_stands_before_and_the_place() -> None:
    cut = OPENIOC[: OPENIOC.index(b"SizeInBytes")]
    listing = listing_of(OpenIocImporter(), cut)
    assert [each.value for each in listing.items] == [MD5, "c2.example"]
    assert listing.lost == 1
    assert listing.broken is not None
    assert listing.broken.line == cut.count(b"\n") + 1


def test_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]>' + OPENIOC.removeprefix(b'<?xml version="1.0"?>\n')
    listing = listing_of(OpenIocImporter(), bomb)
    assert listing.broken is not None
    assert not listing.items

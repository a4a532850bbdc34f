"""Every importer on foreign input: broken, cut, nested, huge. A problem with a place, never another error."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.packs.importers.samples import SAMPLES

from nachsorge.packs.importers import IMPORTERS, Importer, choose
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.row_problem import RowProblem


def read(importer: Importer, content: bytes) -> None:
    try:
        listing_of(importer, content)
    except RowProblem as error:
        assert str(error)


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda each: each.name)
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(importer: Importer, content: bytes) -> None:
    assert 0 <= importer.accepts(content, "x.csv") <= 100
    read(importer, content)


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
def test_a_sample_cut_or_damaged_anywhere_is_read_or_refused(name: str, data: st.DataObject) -> None:
    content = SAMPLES[name]
    importer = next(each for each in IMPORTERS if each is choose(content, name))
    at = data.draw(st.integers(0, len(content)))
    read(importer, content[:at])
    read(importer, content[:at] + data.draw(st.binary(max_size=4)) + content[at + 1 :])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"[" * 200_000),
        ("a.json", b'{"type":"bundle","objects":[' + b'{"a":' * 100_000),
        ("a.json", b'{"type":"bundle","objects":[{"type":"indicator","pattern":"' + b"(" * 19_000 + b'"}]}'),
        ("a.json", b'{"Event":{"info":"x","Orgc":{},"Attribute":[' + b"[" * 100_000),
        ("a.json", b'{"type":"bundle","objects":[' + b"9" * 10_000 + b"]}"),
        ("a.ioc", b'<ioc xmlns="http://schemas.mandiant.com/2010/ioc">' + b"<Indicator>" * 50_000),
        (
            "a.ioc",
            b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]><ioc xmlns="http://openioc.org/">&z;</ioc>',
        ),
        ("a.yaml", b"ioc_type: network\nindicator: " + b"[" * 20_000),
        ("a.yaml", b"ioc_type: &a [x]\nindicator: {ips: *a}\n"),
        ("a.html", b"<html>" + b"<" * 500_000),
        ("a.html", b"<html><!--" + b"<!-- " * 100_000),
        ("a.html", b"<html>" + b"<script>" * 50_000),
        ("a.md", b"# x\n" + b"(" * 40_000),
        ("a.md", b"# x\n" + b"a@a." * 10_000),
        ("a.md", b"# x\n" + b"http://" * 6_000),
        ("a.rules", b'alert dns any any -> any any (msg:"' + b"\\" * 49_000),
        ("a.rules", b"alert dns any any -> any any (" + b'content:"a' * 4_000),
        ("a.txt", b"a." * 100_000),
        ("a.txt", b"\\\\." * 100_000 + b";80"),
        ("a.csv", b"sha256\n" + b"a," * 100_000),
        ("a.csv", b'value,type\n"' + b"a" * 2_000_000),
        ("a.pdf", b"%PDF-1.7\n" + b"1 0 obj<<" * 10_000),
    ],
)
def test_what_is_meant_to_harm_is_over_soon(name: str, content: bytes) -> None:
    started = time.process_time()
    importer = choose(content, name)
    if importer is not None:
        read(importer, content)
    assert time.process_time() - started < 20

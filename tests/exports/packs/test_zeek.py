"""Zeek's intelligence file, held against the documented grammar: Zeek itself cannot be installed here."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from hypothesis import given, settings
from tests.exports.packs.kit import body, everything, exported, known, packs, row

from nachsorge.model.words import IndicatorType, Role, Tlp

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack

HEADER = "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\tmeta.do_notice"
SHAPES = {
    "Intel::ADDR": lambda text: ip_address(text),
    "Intel::SUBNET": lambda text: ip_network(text),
    "Intel::URL": lambda text: None if "://" not in text else 1 / 0,
    "Intel::SOFTWARE": lambda text: None,
    "Intel::EMAIL": lambda text: re.fullmatch(r"\S+@\S+", text)[0],  # type: ignore[index]
    "Intel::DOMAIN": lambda text: re.fullmatch(r"[a-z0-9._-]+", text)[0],  # type: ignore[index]
    "Intel::CERT_HASH": lambda text: re.fullmatch(r"[0-9a-f]{40}", text)[0],  # type: ignore[index]
    "Intel::FILE_HASH": lambda text: re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", text)[0],  # type: ignore[index]
    "Intel::FILE_NAME": lambda text: None,
}


def grammatical(text: str) -> list[list[str]]:
    """Read it as the input framework does: a header, then rows with its number of fields, none of them empty."""
    header, *lines = text.splitlines()
    assert header == HEADER
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    for fields in rows:
        assert len(fields) == 6
        assert all(fields)
        SHAPES[fields[1]](fields[0])
        assert fields[5] in ("T", "F")
    return rows


def test_it_is_what_the_manual_describes() -> None:
    rows = grammatical(body(exported("zeek", everything())))
    assert {fields[1] for fields in rows} == set(SHAPES)
    assert ["host.example/a/b?q=1;2", "Intel::URL"] in [fields[:2] for fields in rows]


@given(packs())
@settings(max_examples=50)
def test_whatever_a_pack_holds(incident: Pack) -> None:
    grammatical(body(exported("zeek", incident, most=Tlp.RED)))


def test_hints_and_legitimate_hosts_raise_no_notice() -> None:
    incident = known(
        row(IndicatorType.DOMAIN, "a.example"),
        row(IndicatorType.DOMAIN, "b.example", "lead"),
        row(IndicatorType.DOMAIN, "c.example", role=Role.ABUSED_LEGITIMATE),
    )
    rows = grammatical(body(exported("zeek", incident)))
    assert [(fields[0], fields[5]) for fields in rows] == [("a.example", "T"), ("b.example", "F"), ("c.example", "F")]


def test_what_zeek_would_not_meet_is_named() -> None:
    losses = {loss.what: loss.why for loss in exported("zeek", everything()).losses}
    assert "subdomains" in losses["domain c2.example"]
    assert "wildcards" in losses["file_name ev*l.dll"]
    assert "no type" in losses["package pkg:pypi/evil@0.1"]

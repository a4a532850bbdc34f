"""What may leave: every reason by itself, and all formats held to it by the bytes that come out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.exports.packs.kit import AT, NEVER, NOT_BLOCKED, TRACES, body, door, everything, exported, known, packs, row

from nachsorge.exports.packs import EXPORTERS
from nachsorge.exports.packs.release import Refused, Terms, select
from nachsorge.model.labels import Pap, Withheld
from nachsorge.model.pack import DigestOf, Trace
from nachsorge.model.times import Span
from nachsorge.model.words import IndicatorType, Role, Tlp, Weight

NAMES = [each.name for each in EXPORTERS]
BLOCKING = [each.name for each in EXPORTERS if each.blocks]


def test_the_blocking_lists_are_these() -> None:
    assert BLOCKING == ["rpz", "hosts", "pihole"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("marker", NEVER)
def test_what_must_not_leave_is_in_no_byte_and_is_named(name: str, marker: str) -> None:
    written = exported(name, everything())
    assert f"{marker}.example" not in body(written)
    named = "a row of type domain" if marker == "secret" else f"domain {marker}.example"
    assert [loss.why for loss in written.losses if loss.what == named]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("marker", NOT_BLOCKED)
def test_blocking_lists_leave_out_what_would_hurt(name: str, marker: str) -> None:
    written = exported(name, everything())
    there = f"{marker}.example" in body(written)
    named = any(loss.what == f"domain {marker}.example" for loss in written.losses)
    assert named if name in BLOCKING else there or named
    assert not (there and name in BLOCKING)


@pytest.mark.parametrize("name", BLOCKING)
def test_legitimate_hosts_are_blocked_only_when_asked_for_and_memory_values_never(name: str) -> None:
    text = body(exported(name, everything(), include=frozenset({Role.ABUSED_LEGITIMATE})))
    assert "shared.example" in text
    assert "memory.example" not in text


CARDS = Trace(id="card", stage="installed", weight=Weight.PROOF, digest_of=DigestOf(attribute="mac", spelling="bytes"))
LIMITED = Trace(id="run", stage="installed", weight=Weight.PROOF, within=Span(0, 1))


@pytest.mark.parametrize("name", NAMES)
def test_a_hash_of_an_attribute_leaves_in_no_format_since_others_would_compare_it_with_files(name: str) -> None:
    digest = "0123456789abcdef" * 2
    rows = (row(IndicatorType.MD5, digest, "card"), row(IndicatorType.DOMAIN, "run.example", "run"))
    written = exported(name, known(*rows, traces=(*TRACES, CARDS, LIMITED)))
    assert digest not in body(written)
    assert any(loss.what == f"md5 {digest}" and "not of a file" in loss.why for loss in written.losses)
    assert any(loss.what == "trace run" and "only" in loss.why for loss in written.losses)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_in_the_file_or_among_the_losses(name: str) -> None:
    incident = everything()
    written = exported(name, incident)
    lost = {loss.what for loss in written.losses}
    for rule in incident.rules:
        in_it = rule.title in body(written) or rule.id in body(written)
        assert in_it or f"{rule.engine} rule {rule.id}" in lost
    assert any("stages" in loss.what for loss in written.losses)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_pack_gives_the_same_bytes_under_plain_names(name: str) -> None:
    first, second = exported(name, everything()), exported(name, everything())
    assert first == second
    assert all("/" not in file.name and file.name.startswith("nachsorge-made-2026") for file in first.files)
    assert len({file.name for file in first.files}) == len(first.files)


@pytest.mark.parametrize("name", NAMES)
def test_every_format_carries_the_label(name: str) -> None:
    incident = everything()
    rows = tuple(replace(each, tlp=Tlp.AMBER) for each in incident.indicators if each.tlp is Tlp.CLEAR)
    text = body(exported(name, replace(incident, tlp=Tlp.AMBER, indicators=rows)))
    assert any(word in text for word in ("TLP:AMBER", "tlp:amber", ",AMBER,", "TLP-AMBER"))


@given(packs())
@settings(max_examples=25)
def test_no_pack_makes_an_exporter_fail(incident: object) -> None:
    for name in NAMES:
        if name not in ("splunk", "esql", "lucene", "kql", "sqlite"):
            exported(name, incident, most=Tlp.RED)  # type: ignore[arg-type]


@pytest.mark.parametrize("most", list(Tlp))
@pytest.mark.parametrize("label", list(Tlp))
def test_a_row_above_the_limit_stays_with_the_reason(most: Tlp, label: Tlp) -> None:
    incident = known(row(IndicatorType.DOMAIN, "c2.example", tlp=label))
    selection = select(incident, Terms(decide=door(most), at=AT), blocks=False)
    order = [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED]
    assert bool(selection.rows) == (order.index(label) <= order.index(most))
    if not selection.rows:
        assert f"TLP:{label}" in selection.held[0].why
        assert "c2.example" not in repr(selection.held), "the list of what is held lies beside the export"


def test_a_pack_above_the_limit_does_not_leave_at_all() -> None:
    with pytest.raises(Refused, match="TLP:AMBER does not allow it to the community"):
        exported("csv", replace(everything(), tlp=Tlp.AMBER), most=Tlp.GREEN)


def test_the_whole_is_as_restricted_as_its_most_restricted_row() -> None:
    incident = known(row(IndicatorType.DOMAIN, "a.example"), row(IndicatorType.DOMAIN, "b.example", tlp=Tlp.GREEN))
    assert select(incident, Terms(decide=door(Tlp.RED), at=AT), blocks=False).label is Tlp.GREEN
    assert select(incident, Terms(decide=door(Tlp.CLEAR), at=AT), blocks=False).label is Tlp.CLEAR


def test_another_door_may_decide() -> None:
    incident = known(row(IndicatorType.DOMAIN, "c2.example"), row(IndicatorType.DOMAIN, "d2.example", tlp=Tlp.GREEN))
    usual = door(Tlp.RED)
    terms = Terms(decide=lambda label: Withheld("no") if label and label.tlp is Tlp.GREEN else usual(label), at=AT)
    selection = select(incident, terms, blocks=False)
    assert [row.of.value for row in selection.rows] == ["c2.example"]
    assert selection.held[0].why == "no"


@pytest.mark.parametrize("pap", list(Pap))
def test_only_what_may_be_blocked_is_in_a_blocking_list(pap: Pap) -> None:
    incident = known(row(IndicatorType.DOMAIN, "c2.example", pap=pap), row(IndicatorType.DOMAIN, "plain.example"))
    for name in NAMES:
        written = exported(name, incident)
        if name in BLOCKING:
            assert ("c2.example" in body(written)) == (pap in (Pap.CLEAR, Pap.GREEN)), name
            held = [loss.why for loss in written.losses if "does not allow blocking" in loss.why]
            assert bool(held) == (pap in (Pap.AMBER, Pap.RED))
        elif name in ("stix", "misp", "csv"):
            assert "c2.example" in body(written), "it may be looked for"

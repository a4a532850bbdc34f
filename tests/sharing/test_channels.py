"""Every way out x every label: a planted marker is searched for in all that comes out of it.

Contents, names of files, metadata, the lists beside them, and the texts of errors.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from tests.exports.packs.kit import AT, READERS, RULES, door, known, row
from tests.sharing.kit import PLAIN, TLPS, but, labelled
from tests.sharing.test_platforms import leaving

from nachsorge.errors import UsageError
from nachsorge.exports.notifications import misp, stix
from nachsorge.exports.packs import EXPORTERS
from nachsorge.exports.packs.release import Refused, Terms, select
from nachsorge.model.labels import Audience, Party, Release
from nachsorge.model.words import IndicatorType, Role, Telemetry, Tlp
from nachsorge.sharing import notification as n
from nachsorge.sharing.labels import at_most
from nachsorge.sharing.outgoing import CERT, PARTS, outgoing

MARKER = "markedsecret"
WHERE = [(tlp, most) for tlp in TLPS for most in TLPS]
RECIPIENTS = {
    Tlp.RED: Party(Audience.NAMED, "ada"),
    Tlp.AMBER_STRICT: CERT,
    Tlp.AMBER: Party(Audience.CONSTITUENCY),
    Tlp.GREEN: Party(Audience.COMMUNITY),
    Tlp.CLEAR: Party(Audience.PUBLIC),
}
"""The widest recipients that the organisation itself may hand a label to."""


def laid_open(body: bytes) -> bytes:
    """Give the bytes, and those in an archive."""
    if body[:2] == b"\x1f\x8b":
        return gzip.decompress(body)
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    return body


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda each: each.name)
@pytest.mark.parametrize(("label", "most"), WHERE)
def test_no_export_of_a_pack_has_a_row_that_may_not_leave(exporter, label: Tlp, most: Tlp) -> None:
    rows = [
        row(IndicatorType.DOMAIN, f"{MARKER}.example", tlp=label, note=MARKER),
        row(IndicatorType.SHA256, "5ec7" * 16, tlp=label, first_source=MARKER, sources=(MARKER,)),
        row(IndicatorType.DOMAIN, f"{MARKER}2.example", tlp=label, role=Role.WITHDRAWN),
        row(IndicatorType.DOMAIN, "plain.example"),
    ]
    incident = known(*rows, rules=RULES)
    selection = select(incident, Terms(decide=door(most, blocks=exporter.blocks), at=AT), blocks=exporter.blocks)
    written = exporter.write(selection)
    out = b"".join(file.name.encode() + laid_open(file.content) for file in written.files)
    out += repr(written.losses).encode()
    if not at_most(label, most):
        assert MARKER.encode() not in out and b"5ec7" * 16 not in out
    elif exporter.name in ("stix", "misp", "csv", "rpz", "hosts", "pihole", "suricata", "zeek"):
        assert MARKER.encode() in out, "else the search above finds nothing anywhere"


@pytest.mark.parametrize(("label", "most"), WHERE)
def test_a_pack_that_may_not_leave_is_refused_without_a_word_of_it(label: Tlp, most: Tlp) -> None:
    incident = replace(known(row(IndicatorType.DOMAIN, f"{MARKER}.example")), tlp=label, title=MARKER, summary=MARKER)
    terms = Terms(decide=door(most), at=AT)
    if at_most(label, most):
        assert isinstance(select(incident, terms, blocks=False).release, Release)
    else:
        with pytest.raises(Refused) as found:
            select(incident, terms, blocks=False)
        assert MARKER not in str(found.value)


def test_every_reader_of_the_matrix_is_one_of_the_command_line() -> None:
    assert set(READERS) == set(TLPS) == set(RECIPIENTS)


def seen(label: Tlp) -> n.Seen:
    value = f"{MARKER}.example"
    return n.Seen(type=IndicatorType.DOMAIN, value=value, role=Role.MALICIOUS, tlp=label, note=MARKER)


def marked(part: n.PartName, label: Tlp) -> n.Notification:
    """Give a notification that is CLEAR but for one part, which has the marker in it."""
    every: dict[str, Any] = {
        "incident": {"incident": n.Incident(pack=MARKER, version=MARKER, sha256="", title=MARKER)},
        "organisation": {"organisation": n.Organisation(name=MARKER, sector="food", region="AT-1", size="small")},
        "contact": {"contact": n.Contact(name=MARKER, email=f"{MARKER}@a.example", phone="", fingerprint="")},
        "done": {"done": (n.Done(what="other", text=MARKER),)},
        "help": {"help": n.Help(wanted=("forensics",), text=MARKER)},
        "note": {"note": MARKER},
        "indicators": {"indicators": (seen(label),)},
    }
    changes: dict[str, Any] = every[part]
    parts = dict.fromkeys(PARTS, Tlp.CLEAR) | {part: label}
    return but(**{"indicators": (), "labels": n.Labels(tlp=label, pap=PLAIN.labels.pap, parts=parts)} | changes)


@pytest.mark.parametrize("write", [stix.write, misp.write], ids=["stix", "misp"])
@pytest.mark.parametrize("part", ["incident", "organisation", "contact", "done", "help", "note", "indicators"])
@pytest.mark.parametrize(("label", "most"), WHERE)
def test_no_export_of_a_notification_has_a_part_that_may_not_leave(write, part, label: Tlp, most: Tlp) -> None:
    found = outgoing(marked(part, label), RECIPIENTS[most])
    try:
        body = write(leaving(found))
    except UsageError as error:
        assert label is Tlp.RED and MARKER not in str(error)
        return
    if not at_most(label, most):
        assert MARKER.encode() not in body
        assert MARKER not in repr(found.withheld) and part in found.withheld
        assert found.whole is None, "the file itself, plain or sealed, has all of it"
    else:
        assert MARKER.encode() in body


NUMBERS = {"assets": b"4242", "coverage": b"webserver", "weeks": b"2042-W42"}


@pytest.mark.parametrize("write", [stix.write, misp.write], ids=["stix", "misp"])
@pytest.mark.parametrize(("label", "most"), [each for each in WHERE if each[0] is not Tlp.RED])
def test_numbers_are_parts_like_others(write, label: Tlp, most: Tlp) -> None:
    verdicts = n.Verdicts(compromised=0, suspected=0, open=4242, ruled_out=0)
    parts = {part: label if part in NUMBERS else Tlp.CLEAR for part in PARTS}
    value = but(
        assets=n.Assets(scope=4242, verdicts=verdicts, rungs=()),
        coverage=(n.Coverage(telemetry=Telemetry.WEBSERVER, whole=0, partly=0, none=4242, reasons={}),),
        weeks=n.Weeks(first="2042-W42", last="2042-W42"),
        indicators=(),
        labels=n.Labels(tlp=label, pap=PLAIN.labels.pap, parts=parts),
    )
    body = write(leaving(outgoing(value, RECIPIENTS[most])))
    assert [needle in body for needle in NUMBERS.values()] == [at_most(label, most)] * 3


@pytest.mark.parametrize("label", TLPS)
def test_a_cert_gives_nothing_on_that_its_reporter_did_not_allow(label: Tlp) -> None:
    acme = Party(Audience.ORGANISATION, "acme")
    found = labelled(label, organisation=n.Organisation(name=MARKER, sector="food", region="AT-1", size="small"))
    for recipient in (Party(Audience.CONSTITUENCY), Party(Audience.COMMUNITY), Party(Audience.CERT, "another")):
        gone = outgoing(found, recipient, holder=CERT, origin=acme)
        assert not gone.parts and gone.whole is None and not gone.indicators
    allowed = but(
        labels=n.Labels(tlp=Tlp.GREEN, pap=PLAIN.labels.pap, parts={}),
        indicators=(),
        organisation=found.organisation,
        purposes=n.Purposes(count=True, pass_to=("community",), name=False),
    )
    gone = outgoing(allowed, Party(Audience.COMMUNITY), holder=CERT, origin=acme)
    assert "assets" in gone.parts
    assert gone.withheld["organisation"] == "its source did not allow to be named"
    assert MARKER.encode() not in stix.write(leaving(gone)) + misp.write(leaving(gone))


def test_an_exporter_without_a_decision_cannot_be_called() -> None:
    from nachsorge.exports.notifications.seams import Leaving
    from nachsorge.exports.packs.seams import Selection

    with pytest.raises(TypeError, match="release"):
        Selection(pack=known(), rows=(), rules=(), at=AT)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="releases"):
        Leaving(id="", sequence=1, made="", pap=PLAIN.labels.pap, values={})  # type: ignore[call-arg]

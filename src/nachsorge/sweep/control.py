"""The positive control: would this very format, sieved and matched like the rest, have shown a planted value?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from nachsorge.evidence.read import read_source
from nachsorge.evidence.seams import Opened, Plant, Reader, Sieve
from nachsorge.matching.tests import CONTROL
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from nachsorge.matching.match import Matcher
    from nachsorge.model.evidence import Record

PLANT = Plant(
    host="positive-control.nachsorge.invalid",
    address="192.0.2.123",
    sha256="6e616368736f726765" + "0" * 45 + "c",
    path="C:\\nachsorge\\positive-control.bin",
)
"""Reserved values: a name under .invalid (RFC 6761), an address of TEST-NET-1 (RFC 5737), a digest of no file."""

_FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError, EOFError, RuntimeError)
"""What a reader's fault over a strange head raises; its source then grants no coverage, and the run goes on."""


def control(matcher: Matcher, sieve: Sieve, reader: Reader, head: bytes, name: str) -> tuple[bool | None, str]:
    """Send a planted record of this very dialect through the same reader, sieve and tests.

    Gives None where no record of the format can hold a planted value, which is no failure.
    """
    records = getattr(reader, "control_records", None)
    if records is not None:
        return _sees(matcher, list(records(PLANT))), "from the decoder's output on"
    try:
        body = reader.plant(head, PLANT)
    except _FAULTS as error:
        return False, f"reader {reader.name} could not make the planted record: {type(error).__name__}: {error}"
    if body is None:
        return None, "no record of this file can hold a planted value"
    found: list[Record] = []
    planted = Opened(path="control", name=name, open=lambda: io.BytesIO(body), size=len(body))
    read_source(planted, reader, sieve, found.append)
    if Telemetry.TEXT not in reader.telemetry:
        # A line that its reader could not take apart is searched as text: that is no proof of the reader.
        found = [record for record in found if record.telemetry is not Telemetry.TEXT]
    return _sees(matcher, found), ""


def _sees(matcher: Matcher, records: list[Record]) -> bool:
    return any(matcher.tests[hit.test].pack == CONTROL for record in records for hit in matcher.match(record))

"""What tests of matching share: tests made from bare values, and what they find in one value or in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.evidence_kit import opened

from nachsorge.evidence.ledger import Ledger
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import Test
from nachsorge.model.evidence import Record, Value
from nachsorge.model.pack import Exposure, Indicator, Rule, StoredTime, Trace
from nachsorge.model.words import IndicatorType, Kind, Telemetry, Weight

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader, Sieve
    from nachsorge.model.assessment import Hit

TRACE = Trace(id="t", stage="s", weight=Weight.STRONG)


def value_test(kind: str, value: str) -> Test:
    """Look for one value."""
    origin = Indicator(type=IndicatorType(kind), value=value, trace="t")
    return Test(pack="p", value=value, type=kind, trace=TRACE, origin=origin)


def rule_test(engine: str, text: str, author: str = "") -> Test:
    """Look for what a rule says."""
    origin = Rule(id="r", engine=engine, text=text, trace="t", author=author)
    return Test(pack="p", value="r", type=engine, trace=TRACE, origin=origin, author=author)


def exposure_test(exposure: Exposure) -> Test:
    """Look for a product."""
    return Test(pack="p", value=exposure.id, type="product", trace=TRACE, origin=exposure)


def stored_test(field: str, after: int) -> Test:
    """Look for a time stored in an artefact."""
    trace = Trace(id="t", stage="s", weight=Weight.STRONG, stored_time=StoredTime(field=field, after=after))
    return Test(pack="p", value=field, type="stored_time", trace=trace, origin=trace)


def record(*values: tuple[str, str], **more: object) -> Record:
    """Make a record of (kind, text) values."""
    typed = tuple(Value(Kind(kind), f"f{number}", text) for number, (kind, text) in enumerate(values))
    return Record(telemetry=Telemetry.TEXT, locator="line 1", values=typed, **more)  # type: ignore[arg-type]


def found(kind: str, value: str, field: str, text: str) -> bool:
    """Tell whether an indicator is found in a field of a kind that holds this text."""
    return bool(Matcher([value_test(kind, value)]).match(record((field, text))))


def hits_in(matcher: Matcher, reader: Reader, body: bytes, sieve: Sieve, name: str = "evidence.log") -> list[Hit]:
    """Read bytes through a sieve and match every record."""
    records = reader.read(opened(body, name), sieve, Ledger())
    return [hit for each in records for hit in matcher.match(each)]

"""Incidents in VERIS 1.3 (as the VERIS Community Database publishes them) -> notifications, with honest unknowns.

VERIS knows who was hit, by what and when, roughly; it knows no rungs, no coverage and mostly no number of machines.
What it does not say stays unknown: no rung is filled in, a size that spans two bands is none, a year is no week.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from nachsorge import __version__
from nachsorge.model.labels import Pap
from nachsorge.sharing.notification import (
    SCHEMA,
    Assets,
    Help,
    Incident,
    Labels,
    Notification,
    Organisation,
    Purposes,
    Sector,
    Size,
    Verdicts,
    Weeks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.model.words import Tlp

_MOST = 10_000_000
_SECTORS: tuple[tuple[str, Sector], ...] = (
    ("22131", "drinking-water"),
    ("22132", "waste-water"),
    ("221", "energy"),
    ("211", "energy"),
    ("491", "courier"),
    ("492", "courier"),
    ("48", "transport"),
    ("522", "banking"),
    ("521", "banking"),
    ("523", "financial"),
    ("517", "digital-infrastructure"),
    ("518", "digital-infrastructure"),
    ("519", "digital-providers"),
    ("5415", "ict-services"),
    ("5417", "research"),
    ("562", "waste-management"),
    ("62", "health"),
    ("92", "public-administration"),
    ("325", "chemical"),
    ("311", "food"),
    ("312", "food"),
    ("333", "manufacturing"),
    ("334", "manufacturing"),
    ("335", "manufacturing"),
    ("336", "manufacturing"),
    ("3391", "manufacturing"),
)
"""Beginnings of NAICS 2012 codes and the sector of NIS2 that they fall into. Insurance, schools, shops are in none."""

_SIZES: dict[str, Size] = {
    "1001 to 10000": "large",
    "10001 to 25000": "large",
    "25001 to 50000": "large",
    "50001 to 100000": "large",
    "Over 100000": "large",
}
"""Bands of VERIS that lie within one band of ours; `1 to 10`, `11 to 100` and `101 to 1000` span two each."""


class NotVeris(ValueError):
    """A JSON object that is no incident of VERIS; the message says what is lacking."""


def looks_like_veris(found: Mapping[str, Any]) -> bool:
    """Tell whether an object is meant as VERIS, by keys that the schema demands."""
    return "security_incident" in found and "victim" in found and "action" in found


def from_veris(found: Mapping[str, Any], label: Tlp, count: bool) -> tuple[Notification, str]:
    """Give the notification, and the name of the victim for the registry; the name stays out of the notification.

    Args:
        found: one incident.
        label: what the CERT says it is; VERIS carries no label.
        count: whether the CERT may count it: VERIS carries no consent either.

    Raises:
        NotVeris: something that the schema demands is lacking.
    """
    victim, identity = _part(found, "victim"), str(found.get("incident_id") or "")
    if not identity:
        raise NotVeris("incident_id is lacking")
    return (
        Notification(
            schema=SCHEMA,
            id=_id(str(found.get("source_id") or "veris"), identity),
            sequence=1,
            made=_made(found),
            tool=f"nachsorge {__version__} import",
            incident=Incident(
                pack=f"veris:{_line(found.get('source_id'), 40)}", version="", sha256="", title=_title(found)
            ),
            organisation=Organisation(
                name="",
                sector=sector_of(str(victim.get("industry") or "")),
                region="unknown",
                size=_SIZES.get(str(victim.get("employee_count")), "unknown"),
            ),
            channel="voluntary",
            contact=None,
            assets=_assets(found),
            coverage=(),
            weeks=_weeks(found),
            done=(),
            indicators=(),
            help=Help(wanted=(), text=""),
            labels=Labels(tlp=label, pap=Pap.GREEN, parts={}),
            purposes=Purposes(count=count, pass_to=(), name=False),
            note=_note(found, victim),
        ),
        _line(victim.get("victim_id"), 200),
    )


def sector_of(naics: str) -> Sector:
    """Give the sector of NIS2 that a NAICS code falls into; `none` where there is none, `unknown` without a code."""
    if not naics.isdigit() or not naics.strip("0"):
        return "unknown"
    return next((sector for begin, sector in _SECTORS if naics.startswith(begin)), "none")


def _id(source: str, identity: str) -> str:
    # The same incident gets the same id, so that importing twice is recognised; UUID version 4 by form (RFC 9562, 5.4).
    return str(UUID(bytes=sha256(f"{source}:{identity.lower()}".encode()).digest()[:16], version=4))


def _made(found: Mapping[str, Any]) -> str:
    """Give when it was written down; else the first day of the incident's year, which VERIS demands."""
    plus = _part(found, "plus")
    for name in ("modified", "created"):
        try:
            at = datetime.fromisoformat(str(plus.get(name)))
        except ValueError:
            continue
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    year = _part(found, "timeline", "incident").get("year")
    if not isinstance(year, int) or not 1900 < year < 2200:
        raise NotVeris("timeline.incident.year is lacking")
    return f"{year:04d}-01-01T00:00:00Z"


def _assets(found: Mapping[str, Any]) -> Assets:
    """Give the number of assets where VERIS has one; else the scope is 0, and the note says that it is unknown."""
    total = _part(found, "asset").get("total_amount")
    scope = total if isinstance(total, int) and 0 < total <= _MOST else 0
    kind = {
        "Confirmed": "compromised",
        "Suspected": "suspected",
        "False positive": "ruled_out",
        "Near miss": "ruled_out",
    }
    standing = kind.get(str(found.get("security_incident")), "open")
    names = ("compromised", "suspected", "open", "ruled_out")
    return Assets(
        scope=scope, verdicts=Verdicts(**{name: scope if name == standing else 0 for name in names}), rungs=()
    )


def _weeks(found: Mapping[str, Any]) -> Weeks | None:
    """Give the week where the whole date is known."""
    at = _part(found, "timeline", "incident")
    try:
        year, week, _day = date(at["year"], at["month"], at["day"]).isocalendar()
    except (KeyError, TypeError, ValueError):
        return None
    text = f"{year:04d}-W{week:02d}"
    return Weeks(first=text, last=text)


def _title(found: Mapping[str, Any]) -> str:
    return f"VERIS: {', '.join(sorted(_part(found, 'action'))) or 'unknown'}"[:200]


def _note(found: Mapping[str, Any], victim: Mapping[str, Any]) -> str:
    country = victim.get("country")
    lines = [
        f"VERIS {_line(found.get('schema_version'), 10)}, incident {_line(found.get('incident_id'), 60)}.",
        f"Country: {_line(', '.join(map(str, country)) if isinstance(country, list) else country, 100) or 'unknown'}.",
        "" if isinstance(_part(found, "asset").get("total_amount"), int) else "How many machines is not recorded.",
        _line(found.get("summary"), 3000),
    ]
    return "\n".join(line for line in lines if line)


def _part(found: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        inner = found.get(name)
        found = inner if isinstance(inner, dict) else {}
    return found


def _line(value: object, length: int) -> str:
    text = "" if value is None else str(value)
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:length]

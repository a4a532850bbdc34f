"""The form's fields -> a notification. What was left empty stays unknown; nothing is filled in that nobody said."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core import signing

from nachsorge import __version__
from nachsorge.cert.intake.forms import TELEMETRY
from nachsorge.model.labels import Pap
from nachsorge.model.words import IndicatorType, Role, Telemetry, Tlp
from nachsorge.sharing.notification import (
    SCHEMA,
    Assets,
    Contact,
    Coverage,
    Done,
    Help,
    Incident,
    Labels,
    Notification,
    Organisation,
    Purposes,
    Rung,
    RungWord,
    Seen,
    Verdicts,
    Weeks,
)

if TYPE_CHECKING:
    from nachsorge.cert.registry.models import Campaign

MOST_INDICATORS = 100
_SALT = "report-draft"
_DAY = 86400
_RUNGS: tuple[RungWord, ...] = ("exposed", "executed", "contacted", "collected", "implanted", "hands-on")
_HASHES = {32: IndicatorType.MD5, 40: IndicatorType.SHA1, 64: IndicatorType.SHA256}
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE)


class Unclear(ValueError):
    """A line of the indicators that is none; `args` are its number and text."""


def new_draft() -> str:
    """Give id and time of a report that begins now, signed: sent twice, it is the same report."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return signing.dumps([str(uuid4()), now], salt=_SALT)


def read_draft(text: str) -> tuple[str, str]:
    """Give id and time; of a form that is older than a day or not ours, new ones."""
    try:
        identity, made = signing.loads(text, salt=_SALT, max_age=_DAY)
    except signing.BadSignature:
        identity, made = signing.loads(new_draft(), salt=_SALT)
    return str(identity), str(made)


def composed(values: dict[str, Any]) -> Notification:
    """Make the notification.

    Raises:
        Unclear: a line of the indicators is none.
    """
    identity, made = read_draft(values["draft"])
    tlp = Tlp(values["tlp"])
    return Notification(
        schema=SCHEMA,
        id=identity,
        sequence=1,
        made=made,
        tool=f"nachsorge {__version__} form",
        incident=_incident(values["campaign"]),
        organisation=Organisation(
            name=values["name"], sector=values["sector"], region=values["region"], size=values["size"]
        ),
        channel=values["channel"],
        contact=_contact(values),
        assets=_assets(values),
        coverage=_coverage(values),
        weeks=_weeks(values["first"], values["last"]),
        done=_done(values),
        indicators=tuple(_seen(line, number, tlp) for number, line in _lines(values["indicators"])),
        help=Help(wanted=tuple(values["wanted"]), text=_text(values["help_text"])),
        labels=Labels(tlp=tlp, pap=Pap.GREEN, parts={}),
        purposes=Purposes(count=values["count"] == "yes", pass_to=tuple(values["pass_to"]), name=bool(values["named"])),
        note=_text(values["note"]),
    )


def _incident(campaign: Campaign) -> Incident:
    pack = campaign.packs[0] if campaign.packs else campaign.slug
    return Incident(pack=pack, version="", sha256="", title=campaign.title)  # by hand: no pack has judged


def _contact(values: dict[str, Any]) -> Contact | None:
    found = Contact(
        name=values["person"], email=values["email"], phone=values["phone"], fingerprint=values["fingerprint"]
    )
    return found if any((found.name, found.email, found.phone, found.fingerprint)) else None


def _assets(values: dict[str, Any]) -> Assets:
    scope = values["scope"]
    known = {name: values[name] or 0 for name in ("compromised", "suspected", "ruled_out")}
    # Whoever is in scope and in none of the three was not settled: open, whatever was looked at.
    verdicts = Verdicts(**known, open=scope - sum(known.values()))
    rungs = [each for word in _RUNGS if (each := _rung(values, word, scope)) is not None]
    return Assets(scope=scope, verdicts=verdicts, rungs=tuple(rungs))


def _rung(values: dict[str, Any], word: RungWord, scope: int) -> Rung | None:
    told = [values[f"{part}_{word}"] for part in ("shown", "suspected", "out")]
    if all(each is None for each in told):
        return None
    shown, suspected, out = (each or 0 for each in told)
    return Rung(rung=word, shown=shown, suspected=suspected, ruled_out=out, open=scope - shown - suspected - out)


def _coverage(values: dict[str, Any]) -> tuple[Coverage, ...]:
    """Give the rows that were filled in. A row that was left empty is not "none": nobody said anything of it."""
    found = []
    for word, _label in TELEMETRY:
        told = [values[f"{part}_{word}"] for part in ("whole", "partly")]
        if any(each is not None for each in told):
            whole, partly = (each or 0 for each in told)
            none = values["scope"] - whole - partly
            found.append(Coverage(telemetry=Telemetry(word), whole=whole, partly=partly, none=none, reasons={}))
    return tuple(found)


def _weeks(first: date | None, last: date | None) -> Weeks | None:
    ends = [each for each in (first, last) if each is not None]
    return Weeks(first=_week(ends[0]), last=_week(ends[-1])) if ends else None


def _week(day: date) -> str:
    year, week, _day = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _done(values: dict[str, Any]) -> tuple[Done, ...]:
    found = [Done(what=word, text="") for word in values["done"]]
    return (*found, *([Done(what="other", text=values["done_other"])] if values["done_other"] else []))


def _lines(text: str) -> list[tuple[int, str]]:
    found = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    once = {line: number for number, line in reversed(found)}
    return sorted((number, line) for line, number in once.items())[: MOST_INDICATORS + 1]


def _seen(line: str, number: int, tlp: Tlp) -> Seen:
    if number > 10 * MOST_INDICATORS:
        raise Unclear(number, line[:80])
    value = re.sub(r"\[(\.|dot)\]", ".", re.sub(r"^hxxp", "http", line))
    kind = kind_of(value)
    if kind is None:
        raise Unclear(number, line[:80])
    return Seen(type=kind, value=value, role=Role.MALICIOUS, tlp=tlp, note="")


def kind_of(value: str) -> IndicatorType | None:
    """Tell what an indicator is by its form; None where it is none that the form takes."""
    if len(value) in _HASHES and re.fullmatch(r"[0-9A-Fa-f]+", value):
        return _HASHES[len(value)]
    if re.match(r"https?://\S+\Z", value):
        return IndicatorType.URL
    try:
        ip_address(value)
    except ValueError:
        pass
    else:
        return IndicatorType.IP
    try:
        ip_network(value)
    except ValueError:
        return IndicatorType.DOMAIN if _DOMAIN.fullmatch(value) else None
    return IndicatorType.CIDR


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")

"""Which column of somebody's list says what: by the inventory's own names, by a mapping, else guessed and told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FIELDS = (
    "asset",
    "names",
    "addresses",
    "platform",
    "role",
    "watched",
    "networks",
    "seen",
    "serial",
    "uuid",
    "machine_guid",
    "mac",
    "card",
)
"""What a row may say. `seen` is the time at which its addresses were true; `networks` makes the row a sensor."""

OWN = {
    **{field: field for field in FIELDS},
    "host": "asset",
    "hostname": "asset",
    "name": "asset",
    "ip": "addresses",
    "address": "addresses",
    "os": "platform",
    "macs": "mac",
}
"""The inventory's own spellings; they mean what they say and need no report."""

_GUESSES = {
    "asset": """computername devicename machinename displayname assetname nodename systemname host hostname
        hostidentifier endpoint endpointname computer device machine rechnername rechner geraetename gerätename dnsname
        fqdn name""",
    "names": """fqdn dnsname dnshostname fullyqualifieddomainname netbiosname netbios aliases alias computername
        displayname""",
    "addresses": """ipaddress ipaddresses ipv4 ipv4address ipv6 ipv6address primaryip lastip lastknownip lanip privateip
        localip ipadresse""",
    "platform": "operatingsystem osname osplatform osversion betriebssystem platform os",
    "role": "rolle devicerole serverrole",
    "seen": """lastcheckin lastseen seentime lastsyncdatetime lastcontact lastcommunication detailupdatedat lastreported
        lastreport zuletztgesehen""",
    "serial": "serialnumber hardwareserial hardwareserialnumber seriennummer servicetag biosserialnumber",
    "uuid": "hardwareuuid hostuuid smbiosuuid biosuuid uuid",
    "machine_guid": "machineguid",
    "card": """primarymac macaddress wifimac wifimacaddress ethernetmac ethernetmacaddress macadresse mac
        physicaladdress wlanmac""",
}
GUESSES: Mapping[str, tuple[str, ...]] = {name: tuple(words.split()) for name, words in _GUESSES.items()}
"""Spellings of exports (Intune, Fleet, Active Directory, Defender, CMDBs), the likeliest first."""

_MANY = frozenset({"names", "addresses", "mac", "card", "serial", "uuid", "machine_guid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """For each field the columns that say it; `guessed` are those that only their spelling spoke for."""

    of: Mapping[str, tuple[str, ...]]
    guessed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    twice: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strict: bool = True
    """The list is written for this program, so that what is not understood is a mistake."""

    def report(self) -> str:
        """Say what was guessed; empty where nothing was."""
        pairs = (f"{name} from {' and '.join(map(repr, found))}" for name, found in self.guessed.items())
        return ", ".join(pairs)


def columns_of(header: Sequence[str], mapped: Mapping[str, Sequence[str]] | None = None) -> Columns:
    """Say what each column is for. With a mapping nothing is guessed."""
    if mapped is not None:
        return Columns(of={name: tuple(found) for name, found in mapped.items()}, strict=False)
    of: dict[str, list[str]] = {}
    for column in header:
        if name := OWN.get(column.strip().lower()):
            of.setdefault(name, []).append(column)
    twice = {name: tuple(found) for name, found in of.items() if len(found) > 1}
    guessed = _guess([c for c in header if OWN.get(c.strip().lower()) is None], of)
    for name, found in guessed.items():
        of.setdefault(name, []).extend(found)
    return Columns(of={n: tuple(c) for n, c in of.items()}, guessed=guessed, twice=twice, strict=not guessed)


def plain(column: str) -> str:
    """Spell a column's name for comparison: `Device name`, `device_name` and `deviceName` are one."""
    return re.sub(r"[\W_]+", "", column.lower())


def _guess(free: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    spelled = {plain(column): column for column in reversed(free)}
    found: dict[str, tuple[str, ...]] = {}
    for name, words in GUESSES.items():
        if name in known and name not in _MANY:
            continue
        fitting = [spelled.pop(word) for word in words if word in spelled][: None if name in _MANY else 1]
        if name not in _MANY and not fitting:
            continue
        if fitting:
            found[name] = tuple(fitting)
    return found

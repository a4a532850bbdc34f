"""The story in figures: who there is, when what happened. Everything else only spells it in some format.

Published hashes of real samples stand here as text, and reach the evidence as text in logs. No file in the evidence has
one of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SEED = "almtal-keramik-2023"
DOMAIN = "almtal-keramik.example"
BEGIN = datetime(2023, 2, 1, tzinfo=UTC)
END = datetime(2023, 5, 1, 12, tzinfo=UTC)
"""The pack's windows on Windows end with 30 April; evidence that ended there would prove one second too little."""

HOLE = (datetime(2023, 3, 20, tzinfo=UTC), datetime(2023, 3, 27, tzinfo=UTC))
"""The week that the name server in Wels did not log."""


def at(text: str) -> datetime:
    """Read `2023-03-14 08:12:07` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Host:
    """A machine; `address` is empty where DHCP gives it out (then the leases below say which)."""

    name: str
    user: str = ""
    address: str = ""

    @property
    def fqdn(self) -> str:
        """The name as Windows writes it into its events."""
        return f"{self.name}.{DOMAIN}"


THEFT = Host("gm-ws-07", "lena.huber")
DORMANT = Host("gm-ws-12", "jonas.pichler", "10.20.1.32")
CLEANED = Host("gm-ws-15", "mara.ebner")
MAC = Host("gm-mac-01", "paul.gruber", "10.20.1.41")
RULED_OUT = Host("gm-ws-20", "ines.wallner", "10.20.1.40")
HOLED = Host("we-ws-03", "tobias.lang", "10.20.2.23")
SERVER = Host("gm-pbx-01", "", "10.20.1.10")

SHARED_ADDRESS = "10.20.1.131"
LATER_ADDRESS = "10.20.1.147"
LEASES = (
    # (from, until, address, host): one address, two owners.
    (BEGIN, at("2023-03-10 00:00:00"), SHARED_ADDRESS, THEFT),
    (at("2023-03-10 06:00:00"), END, LATER_ADDRESS, THEFT),
    (BEGIN, at("2023-03-19 00:00:00"), "10.20.1.135", CLEANED),
    (at("2023-03-20 06:00:00"), END, SHARED_ADDRESS, CLEANED),
)


def address_of(host: Host, when: datetime) -> str:
    """Give the address a host has at a time; between two leases its next one."""
    if host.address:
        return host.address
    mine = [lease for lease in LEASES if lease[3] is host]
    return next((address for start, end, address, _ in mine if start <= when < end), mine[-1][2])


# What the affected versions leave (published values; sources in the pack).
APP_416 = "fad482ded2e25ce9e1dd3d3ecc3227af714bdfbbde04347dbc1b21d6a3670405"
LIBRARY = "7986bbaee8940da11ce089383521ab420c443ab7b15ed42aed91fd31ce833896"
STEALER = "8ab3a5eaaf8c296080fadf56b265194681d7da5da7c02562953a4cb60e147423"
ICON = "https://raw.githubusercontent.com/IconStorages/images/main/icon3.ico"
C2_THEFT = "msstorageazure.com"
C2_THEFT_URL = "https://msstorageazure.com/window"
C2_CLEANED = "pbxphonenetwork.com"

# gm-ws-07: installed, ran, waited, fetched its address, spoke to it, lost the browser history.
INSTALLED_THEFT = at("2023-03-14 08:12:07")
FIRST_RUN = at("2023-03-14 08:13:31")
FORWARDER_BEGIN = at("2023-03-13 16:40:00")
ICON_TIME = at("2023-03-23 09:41:18")
BEACON_TIMES = (at("2023-03-23 09:41:22"), at("2023-03-23 10:43:09"), at("2023-03-24 07:58:40"))
STEALER_TIME = at("2023-03-24 08:02:55")

# gm-ws-12: installed and started, and the loader's clock was set beyond the take-down.
INSTALLED_DORMANT = at("2023-03-21 13:05:44")
DUE = at("2023-04-11 04:37:12")
COLLECTED_DORMANT = at("2023-04-03 10:20:00")

# gm-ws-15: the antivirus cleaned it; two days later it spoke all the same.
INSTALLED_CLEANED = at("2023-03-09 07:30:12")
QUARANTINE = at("2023-03-29 15:40:26")
TALK_AFTER = at("2023-03-31 09:12:03")

# we-ws-03: a week after the installation lies in the hole.
INSTALLED_HOLED = at("2023-03-16 11:25:30")

CLEAN_VERSION = "18.12.425"
CLEAN_INSTALLS = {
    THEFT.name: at("2023-04-05 07:10:00"),
    CLEANED.name: at("2023-04-04 12:00:00"),
    RULED_OUT.name: at("2023-04-12 08:45:00"),
    HOLED.name: at("2023-04-06 06:50:00"),
}

DECOYS = ("www.3cx.com", "raw.githubusercontent.com", "notazureonlinestorage.com", "22612azureonlinestorage.com")
"""Names that must not be sightings: the vendor, a shared service, a longer name, a published copying error."""

EVERYDAY = (
    "intranet.almtal-keramik.example",
    "mail.almtal-keramik.example",
    "shop.almtal-keramik.example",
    "wetter.example.org",
    "nachrichten.example.net",
    "update.example.com",
    "kartendienst.example.org",
    "www.3cx.com",
)


def dice(name: str) -> random.Random:
    """Give the dice for one file. Only `random()` is used: it alone is the same in every version of Python."""
    return random.Random(f"{SEED}/{name}")


def pick(rng: random.Random, listed: tuple[str, ...]) -> str:
    """Choose one."""
    return listed[int(rng.random() * len(listed))]


def ticks(name: str, start: datetime, end: datetime, minutes: float) -> list[datetime]:
    """Give times from start to before end, about `minutes` apart (0.6 to 1.4 times), never on each other."""
    rng, found, now = dice(f"ticks/{name}"), [], start + timedelta(seconds=7)
    while now < end:
        found.append(now)
        now += timedelta(seconds=int(minutes * 60 * (0.6 + 0.8 * rng.random())), microseconds=int(rng.random() * 1e6))
    return found

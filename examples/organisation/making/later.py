"""What was found in June when somebody asked for it: the evidence that settles what the first look left open."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from . import network, story, windows
from .collections import _STAND_IN
from .files import gz, tarred, zipped
from .story import BEGIN, END, Host, at, dice, pick, ticks

FIELD = Host("we-ws-05", "erik.moser")
_SECURITY = ("Security", "Microsoft-Windows-Security-Auditing")
_SINCE_1601 = 11_644_473_600
_JANUARY = at("2022-12-31 00:00:00")
_COLLECTED = at("2023-06-12 08:00:00")
_ADMIN = "adm.wimmer"

_DAILY = (
    "https://wetter.example.org/ooe",
    "https://nachrichten.example.net/wirtschaft",
    "https://intranet.almtal-keramik.example/rechnungen",
    "https://mail.almtal-keramik.example/owa/",
    "https://kartendienst.example.org/route",
    "https://shop.almtal-keramik.example/bestellung",
)
_TELLING = {
    # (number of the row, counted from the first): what a thief would look for
    40: "https://kassa.lieferant.example/archiv",
    310: "https://ebanking.haus-bank.example/login",
    355: "https://vpn.lieferant.example/remote/login",
    402: "https://vcenter.almtal-keramik.example/ui/",
    455: "https://www.bitpanda.com/de/wallet",
    640: "https://git.almtal-keramik.example/erp",
}


def later() -> dict[str, bytes]:
    """Give the files, by their place."""
    return {
        "we-ws-05/Sysmon.ndjson.gz": _lines(windows._sysmon(FIELD, BEGIN, END)),
        "gm-ws-07/Sysmon.ndjson.gz": _lines(windows._sysmon(story.THEFT, BEGIN, at("2023-03-14 06:00:00"))),
        "gm-ws-07/Security.xml.gz": gz(windows._xml(_logons(story.THEFT))),
        "gm-ws-07/triage.zip": _history(),
        "gm-ws-15/Sysmon.ndjson.gz": _lines(_cleaned()),
        "gmunden/zeek/dns.2023-01.log.gz": gz(_january().encode()),
        "wels/dns/queries.log.backup.gz": gz(_hole().encode()),
        "gm-pbx-01/access.log.gz": gz(_web().encode()),
        "gm-pbx-01/collection.tar.gz": _server(),
    }


def _lines(events: list[windows.Event]) -> bytes:
    ordered = sorted(events, key=lambda event: event.when)
    return gz("".join(windows._line(event, 500 + number) for number, event in enumerate(ordered)).encode())


def _cleaned() -> list[windows.Event]:
    """Tell what gm-ws-15's own Sysmon log holds, which nobody had forwarded: the app ran, and started nothing."""
    host = story.CLEANED
    app = windows._APP_FOLDER.format(user=host.user) + "3CXDesktopApp.exe"
    run = windows._process(
        host, story.INSTALLED_CLEANED + timedelta(minutes=3), app, "3CX Desktop App", "18.12.407", f"{0x3C407:064x}"
    )
    return [*windows._sysmon(host, BEGIN, END), run]


def _logons(host: Host) -> list[windows.Event]:
    """Give log-ons: its user's without privileges, the administrator's with (4672 beside 4624), the system's own."""
    found = []
    for number, when in enumerate(ticks("logons", BEGIN, at("2023-04-20 00:00:00"), 900)):
        user = _ADMIN if number % 9 == 4 else host.user
        who = {"TargetUserName": user, "TargetDomainName": "ALMTAL", "LogonType": "2"}
        found.append(windows.Event(when, host, *_SECURITY, 4624, who))
        special = {"SubjectUserSid": "S-1-5-18", "SubjectUserName": "SYSTEM", "SubjectDomainName": "NT AUTHORITY"}
        if user == _ADMIN:
            sid = "S-1-5-21-1004336348-1177238915-682003330-1107"
            special = {"SubjectUserSid": sid, "SubjectUserName": user, "SubjectDomainName": "ALMTAL"}
        found.append(windows.Event(when + timedelta(seconds=1), host, *_SECURITY, 4672, special))
    return found


def _history() -> bytes:
    """Make a triage archive with the history of one browser: 760 addresses, of which the user deleted some later."""
    folder = f"C/Users/{story.THEFT.user}/AppData/Local/Google/Chrome/User Data/Default"
    return zipped(
        [
            ("C/Windows/System32/drivers/etc/hosts", b"# no entries\r\n", at("2023-02-01 06:00:00")),
            ("C/Windows/System32/config/README.txt", _STAND_IN, _COLLECTED),
            (f"{folder}/History", _database(), _COLLECTED),
        ]
    )


def _database() -> bytes:
    rng, begin = dice("history"), at("2023-02-20 07:00:00")
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(
            "CREATE TABLE urls(id INTEGER PRIMARY KEY AUTOINCREMENT, url LONGVARCHAR, title LONGVARCHAR, visit_count "
            "INTEGER DEFAULT 0 NOT NULL, typed_count INTEGER DEFAULT 0 NOT NULL, last_visit_time INTEGER NOT NULL, "
            "hidden INTEGER DEFAULT 0 NOT NULL)"
        )
        database.execute(
            "CREATE TABLE visits(id INTEGER PRIMARY KEY, url INTEGER NOT NULL, visit_time INTEGER NOT NULL)"
        )
        for number in range(1, 761):
            when = begin + timedelta(minutes=72 * number, seconds=int(rng.random() * 60))
            url = _TELLING.get(number, f"{pick(rng, _DAILY)}/{number}")
            stamp = (int(when.timestamp()) + _SINCE_1601) * 1_000_000
            database.execute("INSERT INTO urls VALUES (?, ?, '', 1, 0, ?, 0)", (number, url, stamp))
            database.execute("INSERT INTO visits VALUES (?, ?, ?)", (number, number, stamp))
        # In May the user removed one morning.
        database.execute("DELETE FROM visits WHERE url BETWEEN 380 AND 391")
        database.execute("DELETE FROM urls WHERE id BETWEEN 380 AND 391")
        database.commit()
        return database.serialize()


def _january() -> str:
    """Give the DNS log of January, from the archive of the sensor in Gmunden."""
    rng, clients = dice("january"), (story.DORMANT, story.MAC, story.RULED_OUT)
    rows = []
    for when in ticks("january", _JANUARY, BEGIN + timedelta(hours=24), 30):
        client = clients[int(rng.random() * len(clients))].address
        rows.append(network._dns_row(when, client, pick(rng, story.EVERYDAY), rng.random()))
    head = network._header("dns", _JANUARY, network._DNS_FIELDS, network._DNS_TYPES)
    return head + "".join(rows) + f"#close\t{BEGIN:%Y-%m-%d-%H-%M-%S}\n"


def _hole() -> str:
    """Give the week that the name server in Wels had lost, from a backup of the machine."""
    rng, lines = dice("hole"), []
    for when in ticks("hole", story.HOLE[0] - timedelta(hours=2), story.HOLE[1] + timedelta(hours=2), 12):
        client = story.HOLED.address if rng.random() < 0.5 else "10.20.2.90"
        lines.append(network._bind_line(when, client, pick(rng, story.EVERYDAY), int(rng.random() * 60_000)))
    return "".join(lines)


def _web() -> str:
    """Give the web log of the telephone server: nobody fetched the affected installer from it."""
    rng, lines = dice("web"), []
    for when in ticks("web", _JANUARY, END, 60):
        path = pick(rng, ("/webclient/", "/provisioning/ping", "/api/status"))
        client = f"10.20.1.{32 + int(rng.random() * 10)}"
        lines.append(f'{client} - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" 200 512 "-" "-"\n')
    return "".join(lines)


def _server() -> bytes:
    """Make a whole copy of the telephone server after it was cleaned: the affected installer is gone."""
    old = at("2023-02-01 06:00:00")
    electron = "var/lib/3cxpbx/Instance1/Data/Http/electron"
    members = [
        ("etc/hostname", f"{story.SERVER.name}\n".encode(), old),
        ("etc/os-release", b'PRETTY_NAME="Debian GNU/Linux 10 (buster)"\nID=debian\n', old),
        (f"{electron}/windows/3CXDesktopApp-18.12.425.msi", _STAND_IN, at("2023-04-03 02:11:00")),
        ("var/log/lastlog", b"\0" * 292, _COLLECTED),
    ]
    members += [(f"usr/bin/tool{number:03d}", _STAND_IN, old - timedelta(days=number)) for number in range(160)]
    # A system in use writes all the time; by that its copy is dated.
    spool = [_COLLECTED - timedelta(hours=number) for number in range(40)]
    members += [(f"var/spool/calls/{number:02d}.txt", _STAND_IN, when) for number, when in enumerate(spool)]
    return tarred(sorted(members))

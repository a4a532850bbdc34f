"""Histories of DNF and yum (`history.sqlite`, `transaction_history.sqlite`): every transaction with its packages.

Three schemas: yum 3 (`/var/lib/yum/history/history-*.sqlite`), DNF 4 with PackageKit and microdnf (`/var/lib/dnf`), DNF
5 (`/usr/lib/sysimage/libdnf5`). Times are of the transaction, in UTC. The history covers installations through these
programs from transaction to transaction, as far as no silence is too long; `rpm -i` alone leaves nothing here. What is
not marked as done was not changed, and no version is taken from it. Schemas: libdnf `swdb/sql`, dnf5
`libdnf5/transaction/db/sql`, yum `history.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.clocks import unix_seconds
from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.databases import MAGIC, columns, opened_copy, rows, serialised
from nachsorge.evidence.linux.rpm_header import purls
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_MARKS = (b"trans_item", b"trans_data_pkgs")
_NAMES = ("history.sqlite", "transaction_history.sqlite")
_ACTIONS = {
    **{1: "install", 2: "downgrade", 3: "downgraded", 4: "obsolete", 5: "obsoleted", 6: "upgrade", 7: "upgraded"},
    **{8: "remove", 9: "reinstall", 10: "reinstalled", 11: "reason change"},
}
"""DNF 4's numbers (libdnf `TransactionItemAction`); DNF 5 has a table of its own, yum writes words."""


class DnfHistory:
    """Reader of the databases by their tables."""

    name = "dnf_history"
    telemetry: tuple[Telemetry, ...] = (Telemetry.SOFTWARE_INSTALL,)
    tells = Tells(
        proves="Which package DNF or yum installed, upgraded or removed when, which user asked for it, and with which "
        "command; the version that an upgrade takes away was there until then",
        rules_out="Installations through DNF or yum, in stretches with transactions",
        not_told="Packages that `rpm` alone installed, and programs that came another way; transactions of another "
        "history (yum begins a new file now and then)",
        covers=telemetry,
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the tables' names in the first pages; the file's name where these do not hold them."""
        if not head.startswith(MAGIC):
            return 0
        if any(mark in head for mark in _MARKS):
            return 95
        called = last_part(name).lower()
        return 60 if called in _NAMES or (called.startswith("history-") and called.endswith(".sqlite")) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a transaction and one a package of it; ReadError where it is no such database."""
        ledger.platform = ledger.platform or Platform.LINUX
        with opened_copy(source, ledger) as database:
            if columns(database, "trans_item"):
                runs, changes = _dnf(database)
            elif columns(database, "trans_data_pkgs"):
                runs, changes = _yum(database)
            else:
                raise ReadError(Reason.NOT_SUPPORTED, "a database without the transactions of DNF or yum")
            for run in runs.values():
                ledger.count(Telemetry.SOFTWARE_INSTALL, 1, source.host)
                _cover(run, source, ledger)
                if sieve.everything or sieve.admits(run.command.encode("utf-8", "replace")):
                    yield run.record(source.host)
            for change in changes:
                ledger.count(Telemetry.SOFTWARE_INSTALL, 1, source.host)
                if change.run not in runs or not change.name:
                    ledger.spoil(change.locator)
                if sieve.everything or sieve.admits(change.texts().encode("utf-8", "replace")):
                    yield change.record(runs.get(change.run), source.host)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a history of yum of one package that is called as the planted host."""
        return serialised(
            "CREATE TABLE trans_beg (tid INTEGER PRIMARY KEY, timestamp INTEGER, loginuid INTEGER)",
            "CREATE TABLE trans_data_pkgs (tid INTEGER, pkgtupid INTEGER, done BOOL, state TEXT)",
            "CREATE TABLE pkgtups (pkgtupid INTEGER PRIMARY KEY, name, arch, epoch, version, release)",
            "INSERT INTO trans_beg VALUES (1, 1680000000, 0)",
            "INSERT INTO trans_data_pkgs VALUES (1, 1, 'TRUE', 'Install')",
            f"INSERT INTO pkgtups VALUES (1, '{plant.host}', 'noarch', '0', '1', '1')",
        )


@dataclass(frozen=True, slots=True)
class _Run:
    number: object
    begin: Instant | None
    end: Instant | None
    user: str
    command: str

    def record(self, host: str | None) -> Record:
        event = {"command": self.command, "user": self.user}
        return Record(
            telemetry=Telemetry.SOFTWARE_INSTALL,
            locator=f"transaction {self.number}",
            time=self.begin,
            values=(Value(Kind.TEXT, "command", self.command),) if self.command else (),
            event={name: text for name, text in event.items() if text},
            host=host,
            product="linux",
        )


@dataclass(frozen=True, slots=True)
class _Change:
    run: object
    locator: str
    action: str
    done: bool
    name: str
    version: str
    arch: str
    epoch: str

    @property
    def nevra(self) -> str:
        """Give the full name, as lists of packages have it."""
        return f"{self.name}-{self.version}.{self.arch}".strip("-.")

    def purls(self) -> list[str]:
        """Give the package URLs that a list may name it by."""
        return purls(self.name, self.version, "")

    def texts(self) -> str:
        """Give all that may be looked for, a line each."""
        return "\n".join((self.name, self.version, self.nevra, *self.purls()))

    def record(self, run: _Run | None, host: str | None) -> Record:
        event = {"action": self.action, "package": self.name, "version": self.version, "arch": self.arch}
        event |= {"epoch": self.epoch if self.epoch != "0" else "", "state": "" if self.done else "not done"}
        event |= {"command": run.command, "user": run.user} if run else {}
        values = [Value(Kind.TEXT, "package", self.name), Value(Kind.TEXT, "nevra", self.nevra)]
        values += [Value(Kind.PACKAGE, "package", purl) for purl in self.purls()] if self.done else []
        known = self.done and self.name and self.version
        return Record(
            telemetry=Telemetry.SOFTWARE_INSTALL,
            locator=self.locator,
            time=run.begin if run else None,
            values=tuple(value for value in values if value.text),
            event={name: text for name, text in event.items() if text},
            host=host,
            software=Software(name=self.name, version=self.version, platform=Platform.LINUX) if known else None,
            product="linux",
        )


def _cover(run: _Run, source: Opened, ledger: Ledger) -> None:
    if run.begin is None:
        note = "transactions without a usable time"
        ledger.gap(Reason.NO_TIME, note, telemetry=Telemetry.SOFTWARE_INSTALL)
        return
    end = run.end if run.end is not None and run.end >= run.begin else run.begin
    ledger.saw(Telemetry.SOFTWARE_INSTALL, run.begin, end, source.host)


def _dnf(database: sqlite3.Connection) -> tuple[dict[object, _Run], Iterator[_Change]]:
    wanted = ("id", "dt_begin", "dt_end", "user_id", "cmdline", "description")
    runs = {
        row["id"]: _Run(
            row["id"],
            unix_seconds(row["dt_begin"]),
            unix_seconds(row["dt_end"]),
            _text(row["user_id"]),
            _text(row["cmdline"]) or _text(row["description"]),
        )
        for row in rows(database, "trans", wanted, "id")
    }
    return runs, _dnf_changes(database)


def _dnf_changes(database: sqlite3.Connection) -> Iterator[_Change]:
    names = _table(database, "pkg_name") or _table(database, "pkg_names")
    arches = _table(database, "arch") or _table(database, "archs")
    actions = _table(database, "trans_item_action") or _ACTIONS
    wanted = ("item_id", "name", "name_id", "epoch", "version", "release", "arch", "arch_id")
    packages = {row["item_id"]: row for row in rows(database, "rpm", wanted, "item_id")}
    wanted = ("id", "trans_id", "item_id", "action", "action_id", "done", "state", "state_id")
    for row in rows(database, "trans_item", wanted, "id"):
        package = packages.get(row["item_id"])
        if package is None:
            continue  # groups and environments: their packages are items of their own
        action = row["action"] if row["action_id"] is None else row["action_id"]
        done = row["state_id"] == 2 if row["state_id"] is not None else 1 in (row["done"], row["state"])
        said = str(actions.get(action, "")).lower() or _text(action)
        name = package["name"] or names.get(package["name_id"], "")
        arch = package["arch"] or arches.get(package["arch_id"], "")
        yield _change(row["trans_id"], f"trans_item {row['id']}", said, done, {**package, "name": name, "arch": arch})


def _yum(database: sqlite3.Connection) -> tuple[dict[object, _Run], Iterator[_Change]]:
    ends = {row["tid"]: row["timestamp"] for row in rows(database, "trans_end", ("tid", "timestamp"), "tid")}
    commands = {row["tid"]: row["cmdline"] for row in rows(database, "trans_cmdline", ("tid", "cmdline"), "tid")}
    runs = {
        row["tid"]: _Run(
            row["tid"],
            unix_seconds(row["timestamp"]),
            unix_seconds(ends.get(row["tid"])),
            _text(row["loginuid"]),
            _text(commands.get(row["tid"])),
        )
        for row in rows(database, "trans_beg", ("tid", "timestamp", "loginuid"), "tid")
    }
    return runs, _yum_changes(database)


def _yum_changes(database: sqlite3.Connection) -> Iterator[_Change]:
    wanted = ("pkgtupid", "name", "arch", "epoch", "version", "release")
    packages = {row["pkgtupid"]: row for row in rows(database, "pkgtups", wanted, "pkgtupid")}
    listed = rows(database, "trans_data_pkgs", ("tid", "pkgtupid", "done", "state"), "tid")
    for number, row in enumerate(listed, 1):
        done = _text(row["done"]).upper() in ("1", "TRUE")
        package = packages.get(row["pkgtupid"], {})
        yield _change(row["tid"], f"trans_data_pkgs {number}", _text(row["state"]).lower(), done, package)


def _change(run: object, locator: str, action: str, done: bool, package: Mapping[str, Any]) -> _Change:
    version = "-".join(part for part in (_text(package.get("version")), _text(package.get("release"))) if part)
    texts = (_text(package.get("name")), version, _text(package.get("arch")), _text(package.get("epoch")))
    return _Change(run, locator, action, done, *texts)


def _table(database: sqlite3.Connection, table: str) -> dict[object, object]:
    return {row["id"]: row["name"] for row in rows(database, table, ("id", "name"), "id")}


def _text(value: object) -> str:
    return "" if value is None else str(value)

r"""Windows registry hives (SOFTWARE, SYSTEM, NTUSER.DAT and others), with transaction logs that lie beside them.

Installed programs, what starts by itself, what ran (see `windows/software_keys`, `autostart_keys`, `execution_keys`
for what each can prove), and every other key with its values, so that any key, path, name or text is met. Keys that
were deleted are not looked for.

Coverage: what ran and what starts by itself covers nothing; a hive proves, it never clears. The Uninstall list counts
as a snapshot of INSTALLED_SOFTWARE only in SOFTWARE, at the newest change that the hive holds, and only where the
hives of all people whose profiles it names lie in the same tree and can be read: a program that one user installed
stands in that user's NTUSER.DAT alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.seams import Opened, Sieve, Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.windows import machine_keys
from nachsorge.evidence.windows.autostart_keys import autostarts, current_control_set, services
from nachsorge.evidence.windows.execution_keys import assists, moderated, shims
from nachsorge.evidence.windows.hive import MAGIC, Hive, Key
from nachsorge.evidence.windows.hive_open import open_hive
from nachsorge.evidence.windows.profiles import unread_users
from nachsorge.evidence.windows.software_keys import people, programs
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import Instant
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.seams import Plant

_NAME = r"Control\ComputerName\ComputerName"


class RegistryHives:
    """Reader of hives by their signature."""

    name = "registry_hives"
    telemetry: tuple[Telemetry, ...] = (
        Telemetry.INSTALLED_SOFTWARE,
        Telemetry.PERSISTENCE,
        Telemetry.PROGRAM_EXECUTION,
        Telemetry.REGISTRY_SET,
    )
    tells = Tells(
        proves="that a key or value stood in the registry, since the key's last change at the latest: installed "
        "programs, what starts by itself, what ran; which address the machine says it had, but not where",
        rules_out="an installed program at the hive's newest change, in `SOFTWARE` alone, and only where the hives of "
        "all its users lie in the same tree and could be read",
        not_told="deleted keys, when a single value was written (keys have one time for all their values), programs "
        "without an entry in the list of installed programs",
        covers=(Telemetry.INSTALLED_SOFTWARE,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature; Amcache has its own reader."""
        return 90 if head.startswith(MAGIC) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the known artefacts, then all other keys that the sieve admits; ReadError where it is no whole hive."""
        hive = open_hive(source, ledger)
        if hive is None:
            return
        run = _Run(source, sieve, ledger, hive)
        yield from run.records()
        run.close()

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a program's key becomes: there is no writer of hives."""
        yield Record(
            telemetry=Telemetry.INSTALLED_SOFTWARE,
            locator="control",
            values=(Value(Kind.TEXT, "displayname", plant.host), Value(Kind.PATH, "installlocation", plant.path)),
            software=Software(name=plant.host, version="1", platform=Platform.WINDOWS),
        )


@dataclass(slots=True)
class _Run:
    source: Opened
    sieve: Sieve
    ledger: Ledger
    hive: Hive
    newest: Instant | None = None
    current: Key | None = None

    def records(self) -> Iterator[Record]:
        """Give the records of the known places, then of the rest."""
        root = self.hive.root
        names = {key.name.lower() for key in root.subkeys()}
        self.newest = self.hive.written
        if {"microsoft", "classes"} <= names:
            yield from self._software(root)
            name = r"HKLM\SOFTWARE"
        elif "select" in names:
            yield from self._system()
            name = r"HKLM\SYSTEM"
        elif "software" in names:
            yield from self._user(root)
            name = "HKCU"
        else:
            name = _unknown(self.source)
        yield from self._rest(root, name)

    def _software(self, root: Key) -> Iterator[Record]:
        name = r"HKLM\SOFTWARE"
        if identity := machine_keys.installed(root, self._host, self.source.path):
            self.ledger.identify(identity)
        yield from self._known(Telemetry.INSTALLED_SOFTWARE, programs(root, name))
        yield from self._known(Telemetry.PERSISTENCE, autostarts(root, name))
        self.ledger.count(Telemetry.INSTALLED_SOFTWARE, 0, self._host)
        missing = unread_users(self.source, people(root))
        if missing:
            note = f"programs that single users installed are not in this hive; not readable beside it: {missing}"
            self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.INSTALLED_SOFTWARE, host=self._host)
        elif self.newest is not None and not self.ledger.gaps and not self.hive.faults.count:
            self.ledger.saw(Telemetry.INSTALLED_SOFTWARE, self.newest, self.newest, self._host)

    def _system(self) -> Iterator[Record]:
        current = self.current = current_control_set(self.hive)
        if current is None:
            self.ledger.gap(Reason.CORRUPT, "the SYSTEM hive has no control set")
            return
        if (key := current.find(_NAME)) is not None and (value := key.table().get("computername")):
            self.ledger.host = self.ledger.host or value.text or None
        self.ledger.identify(machine_keys.named(current, self._host, self.source.path))
        name = r"HKLM\SYSTEM"
        yield from self._known(Telemetry.PERSISTENCE, services(current, name))
        yield from self._known(Telemetry.PROGRAM_EXECUTION, moderated(current, name))
        yield from self._known(Telemetry.PROGRAM_EXECUTION, shims(current, name, self.ledger))

    def _user(self, root: Key) -> Iterator[Record]:
        top = root.find("Software")
        if top is not None:
            yield from self._known(Telemetry.INSTALLED_SOFTWARE, programs(top, "HKCU"))
            yield from self._known(Telemetry.PERSISTENCE, autostarts(top, "HKCU"))
            yield from self._known(Telemetry.PROGRAM_EXECUTION, assists(top, "HKCU"))

    @property
    def _host(self) -> str | None:
        return self.ledger.host or self.source.host

    def _known(self, telemetry: Telemetry, found: Iterable[tuple[Key, Record]]) -> Iterator[Record]:
        for key, record in found:
            self._date(key)
            self.ledger.count(telemetry, 1, self._host)
            yield replace(record, host=self._host)

    def _rest(self, root: Key, name: str) -> Iterator[Record]:
        """Walk all keys. Those of known artefacts come a second time: their records hold only some of the values."""
        waiting, seen = [root], {root.at}
        while waiting:
            key = waiting.pop()
            self._date(key)
            self.ledger.count(Telemetry.REGISTRY_SET, 1, self._host)
            record = _plain(key, name, self._host)
            if self._admits(record):
                yield record
            for below in key.subkeys():
                if below.at not in seen:
                    seen.add(below.at)
                    waiting.append(below)

    def _admits(self, record: Record) -> bool:
        if self.sieve.everything:
            return True
        return self.sieve.admits("\n".join(value.text for value in record.values).encode("utf-8", "replace"))

    def _date(self, key: Key) -> None:
        if key.written is not None and (self.newest is None or key.written > self.newest):
            self.newest = plausible(key.written)

    def close(self) -> None:
        """Account for what could not be decoded, and for the machine's addresses."""
        for lease in machine_keys.leases(self.current, self._host or "", self.newest) if self.current else ():
            if lease.host:
                self.ledger.lease(lease)
        faults = self.hive.faults
        if faults.count:
            self.ledger.count(Telemetry.REGISTRY_SET, faults.count, self._host)
            for place in faults.named:
                self.ledger.spoil(place)
            self.ledger.unreadable += faults.count - len(faults.named)
            self.ledger.gap(Reason.CORRUPT, faults.says("keys or values could not be decoded"))


def _plain(key: Key, name: str, host: str | None) -> Record:
    """Make the record of any key: its path, and each value under its own path with its text."""
    path = f"{name}\\{key.path}" if key.path else name
    values = [Value(Kind.REGISTRY, "key", path)]
    event = {"key": path}
    for value in key.values():
        label = value.name or "(default)"
        values.append(Value(Kind.REGISTRY, "value", f"{path}\\{label}"))
        text = value.text
        if text:
            values.append(Value(Kind.TEXT, label, text))
            event[label] = text
    return Record(
        telemetry=Telemetry.REGISTRY_SET,
        locator=path,
        time=key.written,
        values=tuple(values),
        event=event,
        host=host,
        product="windows",
    )


def _unknown(source: Opened) -> str:
    """Name the hive by its file where its place in the registry is not known; SAM and SECURITY keep their names."""
    bare = source.name.rpartition(".")[0] if source.name.lower().endswith(".hiv") else source.name
    return {"sam": r"HKLM\SAM", "security": r"HKLM\SECURITY", "usrclass.dat": r"HKCU\Software\Classes"}.get(
        bare.lower(), bare
    )

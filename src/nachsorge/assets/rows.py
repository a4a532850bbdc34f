"""Rows of an inventory as assets, leases and sensors. Two machines with one name stay two where a mark tells them."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from nachsorge.assets.mapping import sensor
from nachsorge.assets.marks import KINDS, mark, same, tell
from nachsorge.assets.roll import marks_of_asset
from nachsorge.errors import Problem
from nachsorge.model.assessment import Asset
from nachsorge.model.evidence import Lease
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Instant, Span, parse_end, parse_instant
from nachsorge.model.words import SENSOR, Platform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nachsorge.assets.columns import Columns
    from nachsorge.assets.sensors import Sensor

_LINUX = """ubuntu debian rhel redhat red centos fedora suse sles opensuse arch amzn amazon alma almalinux rocky oracle
    kali gentoo alpine raspbian mint""".split()  # noqa: SIM905
_PLATFORMS = {
    **dict.fromkeys(("mac", "osx", "darwin", "macmdm"), "macos"),
    **dict.fromkeys(("win", "microsoft"), "windows"),
    **dict.fromkeys(_LINUX, "linux"),
}
"""First words of names of operating systems, as lists of machines write them."""


_VALUES = re.compile(r"'[^']*'|\d[\d.:a-f]*")


@dataclass(slots=True)
class _Taken:
    asset: Asset
    line: int
    seen: Instant | None
    leases: list[Lease]


class Rows:
    """Collects assets and problems row by row."""

    def __init__(self, path: str, columns: Columns, platforms: Mapping[str, Platform]) -> None:
        """Read rows with these columns; `platforms` are spellings that people explain."""
        self.path = path
        self.problems: list[Problem] = []
        self.sensors: list[Sensor] = []
        self.remarks: list[str] = []
        self._columns = columns
        self._platforms = platforms
        self._used = {column for listed in columns.of.values() for column in listed}
        self._taken: dict[str, list[_Taken]] = defaultdict(list)
        self._passed: Counter[str] = Counter()
        self._unclear: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def problem(self, line: int, message: str, remedy: str = "") -> None:
        """Report a mistake."""
        self.problems.append(Problem(path=self.path, line=line, message=message, remedy=remedy))

    def no_asset(self, header: Sequence[str]) -> None:
        """Report that no column names the machines."""
        close = next((name for name in header if get_close_matches(name.lower(), ["asset"], 1, 0.5)), "")
        remedy = f"rename {close!r} to asset" if close else "the first line names the columns; one must be asset"
        self.problem(1, "no column `asset`", f"{remedy}, or give a mapping with --inventory-map")

    def take(self, row: Mapping[str, str], line: int) -> None:
        """Read one row."""
        name = self._text(row, "asset")
        if not name:
            self._amiss(line, "a row without a name", "fill the column asset or delete the row")
        elif networks := self._many(row, "networks"):
            kinds = tuple(self._many(row, "watched")) or tuple(sorted(SENSOR))
            self.sensors.append(sensor(name, kinds, tuple(networks), lambda text, why: self.problem(line, text, why)))
        else:
            self._asset(row, name, line)

    def close(self) -> tuple[tuple[Asset, ...], tuple[Lease, ...]]:
        """Give the assets, in the order of their first rows, and the leases."""
        assets: list[Asset] = []
        leases: list[Lease] = []
        taken = [one for listed in self._taken.values() for one in self._parted(listed)]
        for one in sorted(taken, key=lambda one: one.line):
            assets.append(one.asset)
            leases += [replace(lease, host=one.asset.id) for lease in one.leases]
        assets = self._one_owner(assets, {one.asset.id: one.line for one in taken})
        self.remarks += [f"{count} {what}" for what, count in self._passed.items()]
        self.remarks += [f"{self._unclear[one]} not understood, such as {text}" for one, text in self._examples.items()]
        return tuple(assets), tuple(leases)

    def _asset(self, row: Mapping[str, str], name: str, line: int) -> None:
        seen = self._time(row, line)
        fixed, leases = self._addresses(row, name, seen, line)
        asset = Asset(
            id=name,
            names=tuple(dict.fromkeys([name, *self._many(row, "names")])),
            addresses=fixed,
            platform=self._platform(self._text(row, "platform"), line),
            role=self._text(row, "role").lower(),
            watched=self._watched(row, line),
            declared=True,
            attributes=self._attributes(row),
        )
        self._taken[name.lower()].append(_Taken(asset, line, seen, leases))

    def _text(self, row: Mapping[str, str], name: str) -> str:
        return next((row[c] for c in self._columns.of.get(name, ()) if row.get(c)), "")

    def _many(self, row: Mapping[str, str], name: str) -> list[str]:
        return [part for column in self._columns.of.get(name, ()) for part in split(row.get(column, ""))]

    def _amiss(self, line: int, message: str, remedy: str) -> None:
        """Report a mistake in a list that is ours; in another program's, count what is passed over."""
        if self._columns.strict:
            self.problem(line, message, remedy)
        else:
            pattern = _VALUES.sub("", message)
            self._examples.setdefault(pattern, f"row {line}: {message}")
            self._unclear[pattern] += 1

    def _attributes(self, row: Mapping[str, str]) -> dict[str, str]:
        found = {column.lower(): text for column, text in row.items() if text and column not in self._used}
        for kind in (*KINDS, "card"):
            values = [value for text in self._many(row, kind) if (value := mark(kind, text) or self._odd(kind))]
            if values:
                found[kind] = ";".join(dict.fromkeys(values))
        return found

    def _odd(self, kind: str) -> str:
        """Pass a placeholder over; it tells nobody apart."""
        self._passed[f"values of `{kind}` tell no machine from another and were left out"] += 1
        return ""

    def _platform(self, text: str, line: int) -> Platform | None:
        if not text:
            return None
        word = text.lower().split()[0]
        if found := self._platforms.get(text.lower()):
            return found
        try:
            return Platform(_PLATFORMS.get(word, word))
        except ValueError:
            self._amiss(line, f"unknown platform {text!r}", f"one of {', '.join(Platform)}, or empty")
            return None

    def _watched(self, row: Mapping[str, str], line: int) -> tuple[str, ...]:
        found = []
        for entry in self._many(row, "watched"):
            word, at, part = (piece.strip() for piece in entry.partition("@"))
            if at and not part:
                self.problem(
                    line, f"{entry!r} names no sensor", f"write {word} alone, or {word}@ and a part of its path"
                )
            elif word in {t.value for t in SENSOR}:
                found.append(f"{word}{at}{part}")
            else:
                close = get_close_matches(word, [t.value for t in SENSOR], 1)
                remedy = f"did you mean {close[0]}?" if close else f"one of {', '.join(sorted(SENSOR))}"
                self.problem(line, f"{word!r} is nothing a sensor watches", remedy)
        return tuple(found)

    def _time(self, row: Mapping[str, str], line: int) -> Instant | None:
        text = self._text(row, "seen")
        try:
            found = parse_instant(text) if text else None
        except ValueError:
            self._amiss(line, f"no time {text!r} in `seen`", "write 2023-03-29T10:00:00Z")
            return None
        return found if found is not None and found >= EARLIEST_PLAUSIBLE else None

    def _addresses(
        self, row: Mapping[str, str], name: str, seen: Instant | None, line: int
    ) -> tuple[tuple[str, ...], list[Lease]]:
        fixed: list[str] = []
        leases: list[Lease] = []
        for part in self._many(row, "addresses"):
            address, at, span = part.partition("@")
            try:
                address = ipaddress.ip_address(address.strip()).compressed
                stretch = _stretch(span) if at else None
            except ValueError:
                self._amiss(line, f"{part!r} is no address", "write 10.0.0.5 or 10.0.0.5@2023-01-01/2023-03-01")
                continue
            if "seen" in self._columns.of and stretch is None:
                if seen is None:
                    self._passed["addresses have no time at which they were true, and were left out"] += 1
                    continue
                stretch = Span(seen, seen)
            if stretch is not None:
                leases.append(Lease(address=address, host=name, span=stretch))
            else:
                fixed.append(address)
        return tuple(dict.fromkeys(fixed)), leases

    def _parted(self, listed: list[_Taken]) -> list[_Taken]:
        """Tell rows of one name apart by their marks; what is one machine's becomes one row, the latest first."""
        if len(listed) == 1:
            return listed
        latest = sorted(listed, key=lambda one: (one.seen is None, -(one.seen or 0), one.line))
        out: list[_Taken] = []
        for one in latest:
            marks = marks_of_asset(one.asset)
            twin = next((other for other in out if same(marks, marks_of_asset(other.asset)) is not False), None)
            if twin is None:
                out.append(one)
            elif self._columns.strict or not same(marks, marks_of_asset(twin.asset)):
                remedy = "two machines with one name need two names here, or a `serial` or `mac` each"
                self.problem(max(one.line, twin.line), f"asset {one.asset.id!r} stands here twice", remedy)
            else:
                self._passed["rows are of a machine that stands there already, and were joined to it"] += 1
                twin.leases += one.leases
        if len(out) == 1:
            return out
        for one in out:
            row = f"{one.asset.id} ({tell(marks_of_asset(one.asset))})"
            one.asset = replace(one.asset, id=row)
        self._passed["rows share their name with another machine, and were kept apart by their marks"] += len(out)
        return out

    def _one_owner(self, assets: list[Asset], lines: Mapping[str, int]) -> list[Asset]:
        owners: dict[str, list[str]] = defaultdict(list)
        for asset in assets:
            for address in asset.addresses:
                owners[address].append(asset.id)
        twice = {address: names for address, names in owners.items() if len(names) > 1}
        for address, names in twice.items():
            remedy = "limit it in time, 10.0.0.5@2023-01-01/2023-03-01, or leave it out"
            for name in names[1:]:
                self._amiss(lines[name], f"{address} is the address of {names[0]!r} as well", remedy)
        if not twice:
            return assets
        return [replace(a, addresses=tuple(x for x in a.addresses if x not in twice)) for a in assets]


def split(text: str) -> list[str]:
    """Read several values of one field."""
    return [part.strip() for part in text.replace(",", ";").split(";") if part.strip()]


def _stretch(text: str) -> Span:
    """Read `2023-01-01/2023-03-01`; ValueError where it is no stretch of time or ends before it begins."""
    start, slash, end = (piece.strip() for piece in text.partition("/"))
    stretch = Span(parse_instant(start), parse_end(end))
    if not slash or stretch.start > stretch.end:
        raise ValueError(f"no stretch of time: {text!r}")
    return stretch

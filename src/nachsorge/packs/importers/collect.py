"""What an importer finds between two yields: items, what it lost and where, what the file states."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nachsorge.model.words import IndicatorType, Weight
from nachsorge.packs.importers.seams import Carried, Found, Item, Remark, Statement, Subject
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.values import ValueProblem, checked, guess, refang

if TYPE_CHECKING:
    from nachsorge.model.pack import Rule

MOST_ITEMS = 20_000_000
"""More values than any list in use has (the largest measured: 1.2 million); a file with more is not read on."""
MOST_STATEMENTS = 10_000
"""Feeds of malicious packages title every record; beyond these the titles are counted."""
MOST_RULES = 10_000
"""Each is compiled when it is read; the largest public collections have half as many in all their files."""
LONGEST = 300
"""So many characters of a note or a quoted value are kept."""


@dataclass(slots=True)
class Collector:
    """What was found since it was last handed on."""

    found: list[Found] = field(default_factory=list)
    items: int = 0
    rules: int = 0
    stated: set[tuple[Subject, str]] = field(default_factory=set)
    unstated: int = 0

    def drain(self) -> list[Found]:
        """Hand on what was found."""
        found, self.found = self.found, []
        return found

    def take(
        self, place: str, kind: IndicatorType, value: str, *, weight: Weight = Weight.STRONG, **fields: Any
    ) -> bool:
        """Take a value that is written plainly or defanged; one that its type does not allow is lost, and named."""
        try:
            kind, value = as_meant(kind, refang(value))
            usual = checked(kind, value)
        except ValueProblem as error:
            self.lose(place, f"{shorten(str(error))}" + (f" ({error.remedy})" if error.remedy else ""))
            return False
        self.keep(Item(place=place, type=kind, value=usual, weight=weight, fields=fields))
        return True

    def keep(self, item: Item) -> None:
        """Take an item that was checked."""
        self.items += 1
        if self.items > MOST_ITEMS:
            raise RowProblem(f"{item.place}: more than {MOST_ITEMS:,} values", "split the file")
        self.found.append(item)

    def keep_rule(self, place: str, item: Item, rule: Rule) -> None:
        """Take a rule that was checked."""
        self.rules += 1
        if self.rules > MOST_RULES:
            self.lose(place, f"more than {MOST_RULES:,} rules")
        else:
            self.found.append(Carried(place, item, rule))

    def lose(self, place: str, why: str, count: int = 1) -> None:
        """Note something that nobody can look for."""
        self.found.append(Remark(f"{place}: {why}" if place else why, count))

    def remark(self, place: str, what: str) -> None:
        """Note what a reader has to know of the file although nothing is lost."""
        self.lose(place, what, 0)

    def state(self, subject: Subject, says: str, place: str, *, date: str = "", basis: str = "") -> None:
        """Note a statement of the file, once."""
        text = " ".join(says.split())[:LONGEST]
        if not text or (subject, text) in self.stated:
            return
        if len(self.stated) >= MOST_STATEMENTS:
            self.unstated += 1
            return
        self.stated.add((subject, text))
        self.found.append(Statement(subject=subject, says=text, place=place, date=date, basis=basis))

    def close(self, *notes: str) -> list[Found]:
        """Hand on the rest, with notes on the file as a whole."""
        for note in filter(None, notes):
            self.remark("", note)
        if self.unstated:
            self.remark("", f"{self.unstated:,} more titles and names are not listed")
        return self.drain()


def as_meant(kind: IndicatorType, value: str) -> tuple[IndicatorType, str]:
    """Give type and value as meant where publishers take a type loosely.

    A name or an address under `url`, an address under `domain`, a port after an address, a folder in a file name.
    """
    match kind:
        case IndicatorType.URL if "://" not in value:
            plain = without_port(value)
            looks = guess(plain)
            return (looks, plain) if looks in _LIKE_URL else (kind, value)
        case IndicatorType.DOMAIN | IndicatorType.IP if value[-1:].isdigit() or "/" in value or ":" in value:
            plain = without_port(value)
            looks = guess(plain)
            return (looks, plain) if looks in _LIKE_URL and looks is not IndicatorType.URL_PATTERN else (kind, value)
        case IndicatorType.FILE_NAME if "/" in value or "\\" in value:
            return IndicatorType.PATH, value
        case IndicatorType.PATH if "/" not in value and "\\" not in value:
            return IndicatorType.FILE_NAME, value
        case _:
            return kind, value


def without_port(value: str) -> str:
    """Take the port off `192.0.2.1:443` and `[2001:db8::1]:443`; other values stay as they are."""
    host, colon, port = value.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and len(port) <= 5):
        return value
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1]
    return value if ":" in host else host


_LIKE_URL = frozenset({IndicatorType.DOMAIN, IndicatorType.IP, IndicatorType.CIDR, IndicatorType.URL_PATTERN})


def shorten(text: str, longest: int = LONGEST) -> str:
    """Give a text on one line, cut where it is very long."""
    line = " ".join(text[: longest * 4].split())
    return line if len(line) <= longest else line[: longest - 1] + "…"

"""What an importer gathers while it walks through a file: items, what it lost and where, what the file states."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nachsorge.model.pack import Rule
from nachsorge.model.words import IndicatorType, Weight
from nachsorge.packs.importers.seams import Item, Listing, Statement, Subject
from nachsorge.packs.rows import RowProblem
from nachsorge.packs.values import ValueProblem, checked, guess, refang

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST_ITEMS = 5_000_000
"""More values than any list in use has (the largest measured: 1.2 million); a file with more is not read on."""
MOST_REMARKS = 100_000
MOST_RULES = 10_000
"""Each is compiled when it is read; the largest public collections have half as many in all their files."""
LONGEST = 300
"""So many characters of a note or a quoted value are kept."""


@dataclass(slots=True)
class Collector:
    """Gathers the listing of one file."""

    items: list[Item] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    lost: int = 0
    statements: list[Statement] = field(default_factory=list)
    broken: RowProblem | None = None
    untold: int = 0
    stated: set[tuple[Subject, str]] = field(default_factory=set)
    rules: list[tuple[Item, Rule]] = field(default_factory=list)

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
        if len(self.items) >= MOST_ITEMS:
            raise RowProblem(f"{item.place}: more than {MOST_ITEMS:,} values", "split the file")
        self.items.append(item)

    def keep_rule(self, place: str, item: Item, rule: Rule) -> None:
        """Take a rule that was checked."""
        if len(self.rules) >= MOST_RULES:
            self.lose(place, f"more than {MOST_RULES:,} rules")
        else:
            self.rules.append((item, rule))

    def lose(self, place: str, why: str) -> None:
        """Note something that nobody can look for."""
        self.lost += 1
        self.remark(place, why)

    def remark(self, place: str, what: str) -> None:
        """Note what a reader has to know of the file although nothing is lost."""
        if len(self.unclear) < MOST_REMARKS:
            self.unclear.append(f"{place}: {what}" if place else what)
        else:
            self.untold += 1

    def state(self, subject: Subject, says: str, place: str, *, date: str = "", basis: str = "") -> None:
        """Note a statement of the file, once."""
        text = " ".join(says.split())[:LONGEST]
        if text and (subject, text) not in self.stated:
            self.stated.add((subject, text))
            self.statements.append(Statement(subject=subject, says=text, place=place, date=date, basis=basis))

    def listing(self, notes: Sequence[str] = ()) -> Listing:
        """Give what was gathered; notes on the file as a whole stand first."""
        more = (f"{self.untold:,} more such lines are not listed",) if self.untold else ()
        return Listing(
            items=tuple(self.items),
            not_understood=(*notes, *self.unclear, *more),
            lost=self.lost,
            statements=tuple(self.statements),
            broken=self.broken,
            rules=tuple(self.rules),
        )


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

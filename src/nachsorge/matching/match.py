"""The matcher: all tests of all packs, asked about one record at a time. One hit a test and record."""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from nachsorge.matching import normal, sigma
from nachsorge.matching.lookup import LookUp
from nachsorge.matching.tables import Tables
from nachsorge.matching.tokens import MANY, choose_sieve
from nachsorge.matching.yara import YaraScanner
from nachsorge.model.assessment import Hit
from nachsorge.model.pack import Exposure, Rule, StoredTime
from nachsorge.model.times import parse_instant
from nachsorge.model.words import IndicatorType, Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.matching.literals import Literals
    from nachsorge.matching.store import Store
    from nachsorge.matching.tests import Test
    from nachsorge.matching.tokens import Sieve
    from nachsorge.model.evidence import Record

_SHOWN = 24
"""How many fields of a matching record are kept for people; those that matched come first."""

_LONGEST = 400
"""Longer field texts are cut in what is kept; matching saw them whole."""


class Matcher:
    """Built once per process from the tests; holds tables, compiled rules and the sieve."""

    def __init__(self, tests: Sequence[Test]) -> None:
        """Compile. Sigma rules that cannot be evaluated are listed in `unsupported` as (test, why)."""
        self.tests = tuple(tests)
        self.tables = Tables()
        self._look_up = LookUp(self.tables)
        self.products: list[tuple[Exposure, int]] = []
        self.stored: list[tuple[StoredTime, int]] = []
        self.rules: list[tuple[sigma.CompiledRule, int]] = []
        self.unsupported: dict[int, str] = {}
        self._twins: dict[tuple[str, str, str], list[int]] | None = None
        for index, test in enumerate(self.tests):
            self._file(index, test)
        yara_rules = [
            (i, t.origin.text) for i, t in enumerate(self.tests) if t.type == "yara" and isinstance(t.origin, Rule)
        ]
        self.yara = YaraScanner(yara_rules)

    def _file(self, index: int, test: Test) -> None:
        match test.origin:
            case Exposure() as exposure:
                self.products.append((exposure, index))
            case Rule(engine="sigma", text=text):
                try:
                    self.rules.append((sigma.compile_rule(text), index))
                except sigma.NotSupported as why:
                    self.unsupported[index] = str(why)
            case Rule():
                pass  # YARA looks at files, not records
            case _ if test.type == "stored_time" and test.trace.stored_time is not None:
                self.stored.append((test.trace.stored_time, index))
            case _:
                self.tables.add(test.type, test.value, index)

    @property
    def algorithms(self) -> frozenset[str]:
        """Give the hash algorithms that occur in the tests, so that no other is computed."""
        wanted = {IndicatorType.MD5.value, IndicatorType.SHA1.value, IndicatorType.SHA256.value}
        return frozenset(test.type for test in self.tests if test.type in wanted)

    def sieve(self, enabled: bool = True, many: int = MANY, store: Store | None = None) -> Sieve:
        """Compile what all tests must meet: literals, or from `many` names, addresses and hashes on a table."""
        return choose_sieve(self.tests, self._rule_literals, enabled=enabled, many=many, store=store)

    def _rule_literals(self, test: Test) -> Literals | None:
        if test.type == "yara":
            return frozenset()  # files are scanned whole, never sieved
        return next((rule.literals for rule, index in self.rules if self.tests[index] is test), frozenset())

    def match(self, record: Record) -> list[Hit]:
        """Give the hits of a record, one a test, in the order of the tests."""
        matched: dict[int, list[str]] = defaultdict(list)
        typed: set[int] = set()
        for value in record.values:
            for test in self._look_up.tests_in(value.kind, value.text):
                if value.field not in matched[test]:
                    matched[test].append(value.field)
                if value.kind is not Kind.TEXT:
                    typed.add(test)
        for test, name in (*self._products(record), *self._stored(record)):
            matched[test].append(name)
            typed.add(test)
        for rule, test in self.rules:
            if rule.concerns(record) and rule.predicate(record.event):
                matched[test].append("rule")
                typed.add(test)
        return [
            self.hit(record, test, tuple(fields), test not in typed)
            for test, fields in sorted(matched.items())
            if self.is_meant(test, record.telemetry)
        ]

    def is_meant(self, test: int, telemetry: Telemetry) -> bool:
        """Tell whether a value counts for this test in this telemetry.

        A hash of a file on disk and of a library in a process are two traces: each takes its own telemetry. In
        telemetry that no trace of the value names, all of them count (as hints: see sweep.attribute.weigh), since a
        value that was met must not vanish.
        """
        if self.tests[test].accepts(telemetry):
            return True
        return not any(self.tests[twin].accepts(telemetry) for twin in self._twins_of(self.tests[test]))

    def _twins_of(self, test: Test) -> list[int]:
        """Give all tests of the same value. Long lists have none that need to be asked for, so the table is late."""
        if self._twins is None:
            self._twins = defaultdict(list)
            for index, each in enumerate(self.tests):
                self._twins[each.key].append(index)
        return self._twins[test.key]

    def hit(self, record: Record, test: int, fields: tuple[str, ...], as_text: bool = False) -> Hit:
        """Make a hit that keeps the fields of the record that people will want to see."""
        names = [name for name in (*fields, *record.event) if name in record.event]
        kept = {name: _cut(record.event[name]) for name in list(dict.fromkeys(names))[:_SHOWN]}
        for value in record.values:
            if value.field in fields and value.field not in kept:
                kept[value.field] = _cut(value.text)
        return Hit(
            test=test,
            telemetry=record.telemetry,
            locator=record.locator,
            time=record.time,
            host=record.host,
            addresses=record.addresses,
            fields=kept,
            matched=fields,
            as_text=as_text,
            platform=record.software.platform if record.software else None,
            software=f"{record.software.name} {record.software.version}" if record.software else "",
        )

    def _products(self, record: Record) -> Iterator[tuple[int, str]]:
        software = record.software
        if software is None:
            return
        version = normal.version(software.version)
        for exposure, test in self.products:
            if exposure.platform and software.platform and exposure.platform is not software.platform:
                continue
            if _named(exposure.names, software.name) and (exposure.any_version or _listed(exposure.affected, version)):
                yield test, "software"

    def _stored(self, record: Record) -> Iterator[tuple[int, str]]:
        for stored, test in self.stored:
            for value in record.values:
                if value.kind is not Kind.INSTANT or value.field != stored.field:
                    continue
                if (parse_instant(value.text) > stored.after) is self.tests[test].later:
                    yield test, value.field


def _named(patterns: Iterable[str], name: str) -> bool:
    folded = normal.fold(name.strip())
    return any(fnmatchcase(folded, normal.fold(pattern).replace("[", "[[]")) for pattern in patterns)


def _listed(versions: Iterable[str], version: str) -> bool:
    return any(fnmatchcase(version, normal.version(wanted)) for wanted in versions)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

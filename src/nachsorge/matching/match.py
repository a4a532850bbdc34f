"""The matcher: all tests of all packs, asked about one record at a time. One hit a test and record."""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from nachsorge.matching import normal, sigma
from nachsorge.matching.bulk import Bulk
from nachsorge.matching.concern import Concern
from nachsorge.matching.logsources import may_concern
from nachsorge.matching.lookup import LookUp
from nachsorge.matching.rule_sieve import RuleSieve
from nachsorge.matching.ruleset import RuleSet
from nachsorge.matching.store import NOWHERE
from nachsorge.matching.tables import Tables
from nachsorge.matching.tests import CLEAN, CONTROL, Tests, apart, lists
from nachsorge.matching.tokens import MANY, choose_sieve
from nachsorge.matching.yara import YaraScanner
from nachsorge.model.assessment import Hit
from nachsorge.model.evidence import LateValues
from nachsorge.model.pack import Exposure, Indicator, Rule, StoredTime
from nachsorge.model.times import parse_instant
from nachsorge.model.words import IndicatorType, Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.matching.store import Store
    from nachsorge.matching.tests import Test
    from nachsorge.matching.tokens import Sieve
    from nachsorge.model.evidence import Record

_SHOWN = 24
"""How many fields of a matching record are kept for people; those that matched come first."""

MANY_RULES = 100
"""From so many rules on, records of their log sources are all decoded."""

_NO_FIELDS = frozenset({"rule", "software", "content"})

_LONGEST = 400
"""Longer field texts are cut in what is kept; matching saw them whole."""


_HASHES = frozenset({IndicatorType.MD5.value, IndicatorType.SHA1.value, IndicatorType.SHA256.value})


class Matcher:
    """Built once per process from the tests; holds tables, compiled rules and the sieve."""

    def __init__(self, tests: Sequence[Test], store: Store = NOWHERE) -> None:
        """Compile. Sigma rules that cannot be evaluated are listed in `unsupported` as (test, why)."""
        self.tests = tests if isinstance(tests, Tests) else tuple(tests)
        self.tables = Tables()
        self._look_up = LookUp(self.tables)
        self.products: list[tuple[Exposure, int]] = []
        self.stored: list[tuple[StoredTime, int]] = []
        self.rules: list[tuple[sigma.CompiledRule, int]] = []
        self._rule_set: RuleSet | None = None
        self._gate: Sieve | None = None
        self._opens: bool | None = None
        self._by_origin: RuleSieve | None = None
        self._sieves: dict[object, Sieve] = {}
        self.unsupported: dict[int, str] = {}
        self._twins: dict[tuple[str, str, str], list[int]] | None = None
        self._apart = list(apart(self.tests))
        for index, test in self._apart:
            self._file(index, test)
        self._file_lists(store)
        yara_rules = [(i, t.origin.text) for i, t in self._apart if t.type == "yara" and isinstance(t.origin, Rule)]
        self.yara = YaraScanner(yara_rules, {i: self.tests[i].value for i, _ in yara_rules})
        self._products_named = Concern(name for exposure, _ in self.products for name in exposure.names)

    def _file(self, index: int, test: Test) -> None:
        match test.origin:
            case Exposure() as exposure:
                self.products.append((exposure, index))
            case Rule(engine="sigma") as rule:
                try:
                    self.rules.append((sigma.compiled(rule), index))
                except sigma.NotSupported as why:
                    self.unsupported[index] = str(why)
            case Rule():
                pass  # YARA looks at files, not records
            case _ if test.type == "stored_time" and test.trace.stored_time is not None:
                self.stored.append((test.trace.stored_time, index))
            case _:
                self.tables.add(test.type, test.value, index)

    def _file_lists(self, store: Store) -> None:
        bulks = [Bulk(rows, start, store) for start, rows in lists(self.tests)]
        for bulk in bulks:
            for row in bulk.rest:
                self.tables.add(*bulk.rows.typed(row), bulk.start + row)
        if bulks:
            self.tables.add_lists(bulks)

    @cached_property
    def algorithms(self) -> frozenset[str]:
        """Give the hash algorithms that occur in the tests, so that no other is computed."""
        found = {sample.type.value for _, rows in lists(self.tests) for sample in rows.samples}
        return frozenset(_HASHES & (found | {test.type for _, test in self._apart}))

    @cached_property
    def sizes(self) -> frozenset[int] | None:
        """Give the sizes of files whose hash is looked for; None where one of them is not known."""
        hashed = [test.origin for _, test in self._apart if test.type in _HASHES and test.pack != CONTROL]
        hashed += [each for _, rows in lists(self.tests) for each in rows.samples if each.type.value in _HASHES]
        sizes = {origin.size if isinstance(origin, Indicator) else None for origin in hashed}
        return None if None in sizes else frozenset(size for size in sizes if size is not None)

    def sieve(self, enabled: bool = True, many: int = MANY, store: Store | None = None) -> Sieve:
        """Compile what all tests must meet: literals, or from `many` names, addresses and hashes on a table."""
        return self._sieve(self.rules, enabled, many, store)

    def sieve_for(
        self,
        telemetry: Sequence[Telemetry],
        enabled: bool = True,
        store: Store | None = None,
        *,
        by_origin: bool = False,
    ) -> Sieve | RuleSieve:
        """Compile the sieve of a reader whose records are of these kinds: rules about other log sources open it not.

        `by_origin` says that the reader knows of each record its log source before it decodes it.
        """
        if by_origin and enabled:
            return self._origin_sieve(store)
        asked = [(rule, index) for rule, index in self.rules if may_concern(rule.plan, telemetry)]
        key = (enabled, *(index for _, index in asked))
        if not asked and enabled:
            return self._of_values(store)
        if key not in self._sieves:
            self._sieves[key] = self._sieve(asked, enabled, MANY, store)
        return self._sieves[key]

    def _origin_sieve(self, store: Store | None) -> RuleSieve:
        if self._by_origin is None:
            self._by_origin = RuleSieve(self._of_values(store), self._rules_asked())
        return self._by_origin

    def _of_values(self, store: Store | None) -> Sieve:
        if self._gate is None:
            self._gate = self._sieve((), True, MANY, store)
        return self._gate

    @property
    def rules_open_the_sieve(self) -> bool:
        """Tell whether rules make one sieve for all readers useless: there are many, or one has no literal."""
        if self._opens is None:
            self._opens = len(self.rules) > MANY_RULES or any(rule.literals is None for rule, _ in self.rules)
        return self._opens

    def _rules_asked(self) -> RuleSet:
        if self._rule_set is None:
            self._rule_set = RuleSet(rule.plan for rule, _ in self.rules)
        return self._rule_set

    def _sieve(
        self, rules: Sequence[tuple[sigma.CompiledRule, int]], enabled: bool, many: int, store: Store | None
    ) -> Sieve:
        # The words of many rules are in most records: finding them costs more than it saves.
        many_rules = len(rules) > MANY_RULES
        literals = {id(self.tests[index]): None if many_rules else rule.literals for rule, index in rules}
        return choose_sieve(
            self.tests, lambda test: literals.get(id(test), frozenset()), enabled=enabled, many=many, store=store
        )

    def concerns(self, path: str) -> bool:
        """Tell whether what lies at this path may be one of the products: the path holds a product's name."""
        return self._products_named.concerns(path)

    def match(self, record: Record) -> list[Hit]:
        """Give the hits of a record, one a test, in the order of the tests."""
        matched: dict[int, list[str]] = defaultdict(list)
        typed: set[int] = set()
        for value in record.values if self._is_worth_asking(record) else ():
            for test in self._look_up.tests_in(value.kind, value.text):
                if value.field not in matched[test]:
                    matched[test].append(value.field)
                if value.kind is not Kind.TEXT:
                    typed.add(test)
        for test, name in (*self._products(record), *self._stored(record)):
            matched[test].append(name)
            typed.add(test)
        for test in self._rules_met(record):
            matched[test].append("rule")
            typed.add(test)
        return [
            self.hit(record, test, tuple(fields), test not in typed)
            for test, fields in sorted(matched.items())
            if self.is_meant(test, record.telemetry)
        ]

    def _is_worth_asking(self, record: Record) -> bool:
        """Tell whether values that are not typed yet can meet anything: their texts hold what every match must hold."""
        if not isinstance(record.values, LateValues) or not self.rules_open_the_sieve:
            return True  # a sieve has found something in it already
        gate = self._of_values(None)
        return gate.everything or gate.admits("\n".join(record.event.values()).encode("utf-8", "replace"))

    def _rules_met(self, record: Record) -> list[int]:
        if not self.rules:
            return []
        return [self.rules[number][1] for number in self._rules_asked().meeting(record)]

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
        """Give all tests of the same value. Rows of long lists count in any telemetry, so of them nobody asks."""
        if self._twins is None:
            self._twins = defaultdict(list)
            for index, each in self._apart:
                self._twins[each.key].append(index)
        return self._twins[test.key]

    def hit(self, record: Record, test: int, fields: tuple[str, ...], as_text: bool = False) -> Hit:
        """Make a hit that keeps the fields of the record that people will want to see."""
        names = [name for name in (*fields, *record.event) if name in record.event]
        kept = {name: _cut(record.event[name]) for name in list(dict.fromkeys(names))[:_SHOWN]}
        elsewhere = [name for name in fields if name not in kept and name not in _NO_FIELDS]
        for value in record.values if elsewhere else ():
            if value.field in elsewhere and value.field not in kept:
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
            weak=record.weak,
        )

    def _products(self, record: Record) -> Iterator[tuple[int, str]]:
        software = record.software
        if software is None:
            return
        version = normal.version(software.version)
        for exposure, test in self.products:
            if exposure.platform and software.platform and exposure.platform is not software.platform:
                continue
            if not self._is_version(exposure, test, version):
                continue
            if any(_named(exposure.names, name) for name in (software.name, *software.aliases)):
                yield test, "software"

    def _is_version(self, exposure: Exposure, test: int, version: str) -> bool:
        if self.tests[test].type == CLEAN:
            return _listed(exposure.clean, version)
        return exposure.any_version or _listed(exposure.affected, version)

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

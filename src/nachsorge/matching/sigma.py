"""Sigma rules: parsed by pySigma, evaluated here over flat records.

Supported: and/or/not, 1/all of, string modifiers, cased, wildcards, re, cidr, numbers, comparison, null, exists,
fieldref, neq, windash, base64offset (pySigma expands these). Not supported, and reported with the rule: expand
placeholders, parts of times (`hour`), query expressions, correlation rules.
A rule is asked only about records of its own log source; category and product are checked before any field.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)
from yaml import YAMLError

from nachsorge.matching.literals import Literals, rarest, rarity
from nachsorge.matching.normal import address, fold

if TYPE_CHECKING:
    from nachsorge.model.evidence import Record

Event = Mapping[str, str]
Predicate = Callable[[Event], bool]


class NotSupported(Exception):
    """A rule uses what this program cannot evaluate; the message names it."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to be asked. `category` may be empty: then `product` and `service` alone choose the records."""

    id: str
    category: str
    product: str
    service: str
    predicate: Predicate
    literals: Literals | None

    def concerns(self, record: Record) -> bool:
        """Tell whether the record belongs to the rule's log source."""
        return (
            (not self.category or self.category == record.telemetry.value)
            and (not self.product or not record.product or self.product == record.product)
            and (not self.service or self.service == record.service)
        )


def compile_rule(text: str) -> CompiledRule:
    """Parse and compile one rule.

    Raises:
        NotSupported: the rule is no valid Sigma, or uses what is not supported.
    """
    try:
        rule = SigmaRule.from_yaml(text)
        trees = [condition.parsed for condition in rule.detection.parsed_condition]
    except (SigmaError, YAMLError, AttributeError) as error:  # pySigma asks what is no mapping for its keys
        raise NotSupported(str(error)) from error
    predicates = [_compile(tree) for tree in trees]
    source = rule.logsource
    return CompiledRule(
        id=str(rule.id or rule.title),
        category=source.category or "",
        product=source.product or "",
        service=source.service or "",
        predicate=lambda event: _any(predicates, _by_name(event)),
        literals=_join([_literals(tree) for tree in trees]),
    )


def _compile(node: Any) -> Predicate:
    match node:
        case ConditionAND():
            parts = [_compile(arg) for arg in node.args]
            return lambda event: all(part(event) for part in parts)
        case ConditionOR():
            parts = [_compile(arg) for arg in node.args]
            return lambda event: any(part(event) for part in parts)
        case ConditionNOT():
            inner = _compile(node.args[0])
            return lambda event: not inner(event)
        case ConditionFieldEqualsValueExpression():
            return _field(fold(str(node.field)), node.value)
        case ConditionValueExpression():
            test = _value(node.value)
            return lambda event: any(test(text) for text in event.values())
    raise NotSupported(f"condition element {type(node).__name__}")


def _any(predicates: Iterable[Predicate], event: Event) -> bool:
    return any(predicate(event) for predicate in predicates)


def _by_name(event: Event) -> Event:
    """Let fields be found without regard to case, and nested ones (ECS) by their last part; a whole name goes first."""
    named = {fold(key): text for key, text in event.items()}
    for key, text in list(named.items()):
        named.setdefault(key.rpartition(".")[2], text)
    return named


def _field(name: str, value: Any) -> Predicate:
    match value:
        case SigmaNull():
            return lambda event: event.get(name) in (None, "", "-")
        case SigmaExists():
            return lambda event: (event.get(name) is not None) is bool(value.exists)
        case SigmaFieldReference():
            other = fold(value.field)
            return lambda event: (left := event.get(name)) is not None and _same(left, event.get(other), value)
        case _:
            test = _value(value)
            return lambda event: (text := event.get(name)) is not None and any(test(part) for part in text.split("\n"))


def _same(left: str, right: str | None, reference: Any) -> bool:
    if right is None:
        return False
    left, right = fold(left), fold(right)
    if reference.starts_with:
        return left.startswith(right)
    return left.endswith(right) if reference.ends_with else left == right


def _value(value: Any) -> Callable[[str], bool]:
    match value:
        case SigmaExpansion():
            tests = [_value(one) for one in value.values]
            return lambda text: any(test(text) for test in tests)
        case SigmaString():
            return _string(value)
        case SigmaRegularExpression():
            pattern = re.compile(str(value.regexp), _flags(value))
            return lambda text: pattern.search(text) is not None
        case SigmaCIDRExpression():
            network = ipaddress.ip_network(str(value.cidr), strict=False)
            return lambda text: _in_network(text, network)
        case SigmaCompareExpression():
            return _compare(value.op.name, float(value.number.number))
        case SigmaTimestampPart():
            raise NotSupported("modifier for a part of a time")
        case SigmaNumber() | SigmaBool():
            wanted = fold(str(value))
            return lambda text: fold(text) == wanted
    raise NotSupported(f"value of type {type(value).__name__}")


def _string(value: SigmaString) -> Callable[[str], bool]:
    parts: list[str] = []
    for part in value.s:
        if part is SpecialChars.WILDCARD_MULTI:
            parts.append(".*")
        elif part is SpecialChars.WILDCARD_SINGLE:
            parts.append(".")
        elif isinstance(part, str):
            parts.append(re.escape(part))
        else:
            raise NotSupported(f"placeholder in {value}")
    case = 0 if isinstance(value, SigmaCasedString) else re.IGNORECASE
    pattern = re.compile("".join(parts) + r"\Z", re.DOTALL | case | re.ASCII)
    return lambda text: pattern.match(text) is not None


def _flags(value: Any) -> int:
    flags = 0
    for flag in value.flags:
        flags |= getattr(re, flag.name, 0)
    return flags


def _in_network(text: str, network: Any) -> bool:
    found = address(text)
    return found is not None and ipaddress.ip_address(found) in network


def _compare(operator: str, number: float) -> Callable[[str], bool]:
    compare: Callable[[float], bool] = {
        "LT": lambda left: left < number,
        "LTE": lambda left: left <= number,
        "GT": lambda left: left > number,
        "GTE": lambda left: left >= number,
    }[operator]

    def test(text: str) -> bool:
        try:
            return compare(float(text))
        except ValueError:
            return False

    return test


def _literals(node: Any) -> Literals | None:
    """Give literals of which every record that meets the node holds one; None where there is no such set."""
    match node:
        case ConditionAND():
            named = [found for arg in node.args if (found := _literals(arg)) is not None]
            return max(named, key=lambda found: min((rarity(one) for one in found), default=0), default=None)
        case ConditionOR():
            return _join([_literals(arg) for arg in node.args])
        case ConditionFieldEqualsValueExpression() | ConditionValueExpression():
            return _value_literals(node.value)
    return None


def _join(parts: Iterable[Literals | None]) -> Literals | None:
    joined: set[str] = set()
    for part in parts:
        if part is None:
            return None
        joined |= part
    return frozenset(joined)


def _value_literals(value: Any) -> Literals | None:
    match value:
        case SigmaExpansion():
            return _join([_value_literals(one) for one in value.values])
        case SigmaString():
            return rarest(part for part in value.s if isinstance(part, str))
    return None

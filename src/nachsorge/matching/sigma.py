"""Sigma rules: parsed by pySigma, evaluated by `ruleset` over flat records.

Supported: and/or/not, 1/all of, string modifiers, cased, wildcards, re, cidr, numbers, comparison, null, exists,
fieldref, neq, windash, base64offset (pySigma expands these). Not supported, and reported with the rule: expand
placeholders, parts of times (`hour`), query expressions, correlation rules, rules over several documents.
A rule is asked only about records of its own log source; see `logsources`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml
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

from nachsorge.matching import detection as d
from nachsorge.matching import logsources
from nachsorge.matching.literals import Literals, rarest, rarity
from nachsorge.matching.normal import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nachsorge.model.evidence import Record
    from nachsorge.model.pack import Rule


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_OTHERS = {
    "correlation": "a correlation rule: it counts over several records, which is not done here",
    "filter": "a filter: it changes other rules, which is not done here",
}

_KEY_EVENTS = {"registry_add": "Create", "registry_delete": "Delete"}


class NotSupported(Exception):
    """A rule uses what this program cannot evaluate; the message names it."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to be asked. `category` may be empty: then `product` and `service` alone choose the records."""

    plan: d.Plan
    literals: Literals | None

    @property
    def id(self) -> str:
        """Give the rule's id."""
        return self.plan.id

    @property
    def category(self) -> str:
        """Give the category of its log source."""
        return self.plan.category

    @property
    def predicate(self) -> Callable[[Mapping[str, str]], bool]:
        """Give the rule alone as a question about an event."""
        from nachsorge.matching.ruleset import alone

        return alone(self.plan)

    def concerns(self, record: Record) -> bool:
        """Tell whether the record belongs to the rule's log source."""
        return logsources.concerns(self.plan, logsources.origin_of(record))


def compiled(rule: Rule) -> CompiledRule:
    """Give a pack's rule compiled: from its plan, where a process made one already, else from its text.

    Raises:
        NotSupported: as `compile_rule`.
    """
    return _of_plan(rule.plan) if rule.plan else compile_rule(rule.text)


@lru_cache(maxsize=8192)
def _of_plan(body: bytes) -> CompiledRule:
    plan = d.unpacked(body)
    return CompiledRule(plan, literals_in(plan.condition))


@lru_cache(maxsize=4096)
def compile_rule(text: str) -> CompiledRule:
    """Parse and compile one rule.

    Raises:
        NotSupported: the rule is no valid Sigma, or uses what is not supported.
    """
    try:
        tree = yaml.load(text, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise NotSupported(_said(error)) from error
    if not isinstance(tree, dict):
        raise NotSupported("no Sigma rule: no mapping")
    for kind, why in _OTHERS.items():
        if kind in tree:
            raise NotSupported(why)
    try:
        rule = SigmaRule.from_dict(tree)
    except (SigmaError, AttributeError, TypeError, ValueError) as error:  # pySigma asks what is no mapping for its keys
        raise NotSupported(_said(error)) from error
    return _compiled(rule)


def _compiled(rule: SigmaRule) -> CompiledRule:
    try:
        trees = [condition.parsed for condition in rule.detection.parsed_condition]
    except (SigmaError, AttributeError, RecursionError) as error:
        raise NotSupported(_said(error)) from error
    if not trees:
        raise NotSupported("the rule has no condition")
    source = rule.logsource
    try:
        nodes = tuple(_node(tree) for tree in trees)
    except re.error as error:
        raise NotSupported(f"regular expression: {error}") from error
    category, condition = (source.category or "").lower(), nodes[0] if len(nodes) == 1 else d.Either(nodes)
    if category in _KEY_EVENTS:
        # Sysmon writes keys that are made and keys that are deleted under one number.
        condition = d.All((d.Text("eventtype", (_KEY_EVENTS[category], d.MANY)), condition))
    plan = d.Plan(
        id=str(rule.id or rule.title),
        category=category,
        product=(source.product or "").lower(),
        service=(source.service or "").lower(),
        condition=condition,
    )
    return CompiledRule(plan, literals_in(plan.condition))


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _node(node: Any) -> d.Node:
    match node:
        case ConditionAND():
            return d.All(tuple(_node(arg) for arg in node.args))
        case ConditionOR():
            return d.Either(tuple(_node(arg) for arg in node.args))
        case ConditionNOT():
            return d.No(_node(node.args[0]))
        case ConditionFieldEqualsValueExpression():
            return _field(fold(str(node.field)), node.value)
        case ConditionValueExpression():
            return _keyword(node.value)
    raise NotSupported(f"condition element {type(node).__name__}")


def _field(name: str, value: Any) -> d.Node:
    match value:
        case SigmaNull():
            return d.Null(name)
        case SigmaExists():
            return d.Exists(name, bool(value.exists))
        case SigmaFieldReference():
            return d.Refers(name, fold(value.field), bool(value.starts_with), bool(value.ends_with))
        case SigmaExpansion():
            return d.Either(tuple(_field(name, one) for one in value.values))
        case SigmaString():
            return d.Text(name, _pieces(value), isinstance(value, SigmaCasedString))
        case SigmaRegularExpression():
            flags = _flags(value)
            re.compile(str(value.regexp), flags)
            return d.Expression(name, str(value.regexp), flags)
        case SigmaCIDRExpression():
            return d.Network(name, str(ipaddress.ip_network(str(value.cidr), strict=False)))
        case SigmaCompareExpression():
            return d.Compare(name, value.op.name, float(value.number.number))
        case SigmaTimestampPart():
            raise NotSupported("modifier for a part of a time")
        case SigmaNumber() | SigmaBool():
            return d.Text(name, (str(value),), number=True)
    raise NotSupported(f"value of type {type(value).__name__}")


def _keyword(value: Any) -> d.Node:
    """Search a word without a field anywhere in the record (Sigma specification, "Keywords")."""
    match value:
        case SigmaExpansion():
            return d.Either(tuple(_keyword(one) for one in value.values))
        case SigmaString():
            return d.Text("", (d.MANY, *_pieces(value), d.MANY), isinstance(value, SigmaCasedString))
        case SigmaNumber():
            return d.Text("", (d.MANY, str(value), d.MANY), number=True)
    return _field("", value)


def _pieces(value: SigmaString) -> d.Pieces:
    pieces: list[str | int] = []
    for part in value.s:
        if part is SpecialChars.WILDCARD_MULTI:
            pieces.append(d.MANY)
        elif part is SpecialChars.WILDCARD_SINGLE:
            pieces.append(d.ONE)
        elif isinstance(part, str):
            pieces.append(part)
        else:
            raise NotSupported(f"placeholder in {value}: what it stands for is known at the place of the rule only")
    return tuple(pieces)


def _flags(value: Any) -> int:
    flags = 0
    for flag in value.flags:
        flags |= getattr(re, flag.name, 0)
    return int(flags)


def literals_in(node: d.Node) -> Literals | None:
    """Give literals of which every record that meets the node holds one; None where there is no such set."""
    match node:
        case d.All(parts):
            named = [found for part in parts if (found := literals_in(part)) is not None]
            return max(named, key=lambda found: min((rarity(one) for one in found), default=0), default=None)
        case d.Either(parts):
            return _join(literals_in(part) for part in parts)
        case d.Text(_, pieces, _, number):
            return None if number else rarest(piece for piece in pieces if isinstance(piece, str))
    return None


def _join(parts: Iterable[Literals | None]) -> Literals | None:
    joined: set[str] = set()
    for part in parts:
        if part is None:
            return None
        joined |= part
    return frozenset(joined)

"""The text of a Sigma rule, parsed by pySigma, as a plan that asks records. Importing this brings pySigma.

See `sigma` for what is supported.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

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
from nachsorge.matching.normal import fold
from nachsorge.matching.sigma import NotSupported

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_OTHERS = {
    "correlation": "a correlation rule: it counts over several records, which is not done here",
    "filter": "a filter: it changes other rules, which is not done here",
}

_KEY_EVENTS = {"registry_add": "Create", "registry_delete": "Delete"}


def plan_of(text: str) -> d.Plan:
    """Parse one rule.

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
    return _planned(rule)


def _planned(rule: SigmaRule) -> d.Plan:
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
    return d.Plan(
        id=str(rule.id or rule.title),
        category=category,
        product=(source.product or "").lower(),
        service=(source.service or "").lower(),
        condition=condition,
    )


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

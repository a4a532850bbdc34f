"""Sigma and YARA rules of a pack. Each file holds one rule and says itself to which trace it belongs."""

from __future__ import annotations

from typing import Any

import yara_x
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from nachsorge.model.pack import Rule
from nachsorge.packs.findings import Findings, Place

_MARK = "nachsorge_trace"


def sigma_rule(text: str, path: str, findings: Findings) -> Rule | None:
    """Read one Sigma rule; its custom field `nachsorge: {trace: ID}` names the trace."""
    place = Place(path, 1, 1)
    try:
        content = YAML(typ="safe", pure=True).load(text)
        rule = SigmaRule.from_dict(content, collect_errors=True) if isinstance(content, dict) else None
    except (YAMLError, SigmaError, ValueError, TypeError, AttributeError, RecursionError) as error:
        findings.problem(place, f"not a Sigma rule: {str(error).splitlines()[0]}", "see the Sigma specification")
        return None
    if rule is None:
        findings.problem(place, "not a Sigma rule: no mapping", "see the Sigma specification")
        return None
    for flaw in rule.errors:
        findings.problem(place, f"Sigma: {flaw}", "see the Sigma specification")
    ours = content.get("nachsorge")
    facts = {
        "id": content.get("id"),
        "title": content.get("title"),
        "author": content.get("author"),
        "licence": content.get("license"),
        "trace": ours.get("trace") if isinstance(ours, dict) else None,
    }
    return _rule("sigma", text, facts, path, findings)


def yara_rule(text: str, path: str, findings: Findings) -> Rule | None:
    """Read one YARA rule; its meta `nachsorge_trace` names the trace, `author` and `license` are needed too."""
    try:
        compiled = list(yara_x.compile(text))
    except yara_x.CompileError as error:
        findings.problem(Place(path, 1, 1), f"YARA: {str(error).splitlines()[0]}", "yara-x must compile the rule")
        return None
    if len(compiled) != 1:
        findings.problem(
            Place(path, 1, 1), f"{len(compiled)} rules in one file", "one rule a file, called like the file"
        )
        return None
    meta = dict(compiled[0].metadata)
    facts = {
        "id": compiled[0].identifier,
        "title": meta.get("description"),
        "author": meta.get("author"),
        "licence": meta.get("license"),
        "trace": meta.get(_MARK),
    }
    return _rule("yara", text, facts, path, findings)


def _rule(engine: str, text: str, facts: dict[str, Any], path: str, findings: Findings) -> Rule | None:
    place = Place(path, 1, 1)
    for key, value in facts.items():
        if not isinstance(value, str) or not value.strip():
            findings.problem(place, f"the rule has no {key}", _REMEDY[engine][key])
    if not all(isinstance(value, str) for value in facts.values()):
        return None
    findings.define("rule", facts["id"], place)
    findings.refer(("trace",), facts["trace"], Place(path, _line_of(text, facts["trace"]), 1))
    return Rule(engine=engine, text=text, **facts)


def _line_of(text: str, trace: str) -> int:
    # Both engines give no line numbers; the line that names our mark and the trace is unambiguous.
    for number, line in enumerate(text.splitlines(), 1):
        if trace in line and ("trace:" in line or _MARK in line):
            return number
    return 1


_CREDIT = "DRL 1.1 (section 4) demands it with every match"
_REMEDY = {
    "sigma": {
        "id": "a UUID of its own",
        "title": "say in a few words what it finds",
        "author": _CREDIT,
        "licence": "add `license: ...`",
        "trace": "add `nachsorge: {trace: ID}`",
    },
    "yara": {
        "id": "name the rule",
        "title": "add meta `description`",
        "author": f"add meta `author`: {_CREDIT}",
        "licence": "add meta `license`",
        "trace": f"add meta `{_MARK}`",
    },
}

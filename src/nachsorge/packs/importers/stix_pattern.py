"""A STIX pattern -> a condition. Grammar by the OASIS library `stix2-patterns`; simple patterns are read directly.

STIX 2.1, part 9 (2.0: part 5). Both spellings of hash keys occur in the wild (`hashes.'SHA-256'`, `hashes.sha256`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nachsorge.model.words import IndicatorType as T
from nachsorge.packs.importers.logic import All, Either, Node, Test, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_PATTERN = 20_000
"""Characters; longer patterns are lists of alternatives that a bundle should hold as single indicators."""

_SIMPLE = re.compile(r"\s*\[\s*([a-z0-9-]+:[\w.'-]+)\s*=\s*'((?:[^'\\]|\\['\\])*)'\s*\]\s*\Z")
_PATHS = {
    "domain-name:value": T.DOMAIN,
    "hostname:value": T.DOMAIN,
    "ipv4-addr:value": T.IP,
    "ipv6-addr:value": T.IP,
    "url:value": T.URL,
    "email-addr:value": T.EMAIL,
    "email-message:from_ref.value": T.EMAIL,
    "email-message:sender_ref.value": T.EMAIL,
    "file:name": T.FILE_NAME,
    "process:name": T.FILE_NAME,
    "process:image_ref.name": T.FILE_NAME,
    "directory:path": T.PATH,
    "file:parent_directory_ref.path": T.PATH,
    "file:path": T.PATH,
    "windows-registry-key:key": T.REGISTRY,
    "mutex:name": T.NAMED_OBJECT,
    "network-traffic:dst_ref.value": T.IP,
    "network-traffic:src_ref.value": T.IP,
    "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'": T.USER_AGENT,
    "http-request-ext:request_header.'User-Agent'": T.USER_AGENT,
    "x509-certificate:serial_number": T.CERTIFICATE,
    "user-agent:value": T.USER_AGENT,
    "software:purl": T.PACKAGE,
}
_HASH = re.compile(
    r"(file|artifact|x509-certificate|app|process)\b.*?hashes\.'?(?:sha-?(256|1)|(md5))'?\Z", re.IGNORECASE
)
_CERT = re.compile(r"[a-z0-9-]+:(?:[a-z_]+\.)*cert\.(?:sha256|sha1|md5)\Z")


class PatternProblem(ValueError):
    """A pattern that is none."""


def condition(pattern: str) -> Node:
    """Read a pattern.

    Raises:
        PatternProblem: it breaks the grammar, or is too long.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise PatternProblem(f"a pattern of {len(pattern):,} characters is not read")
    simple = _SIMPLE.match(pattern)
    if simple:
        return _comparison(simple[1], "=", [_unquoted(f"'{simple[2]}'")])
    return _parsed(pattern)


def _unquoted(literal: str) -> str:
    """Give the text of a string literal: backslash escapes itself and the quote (STIX 2.1, 9.3)."""
    return re.sub(r"\\(['\\])", r"\1", literal[1:-1])


def _type_of(path: str) -> T | None:
    digest = _HASH.match(path)
    if digest:
        if path.startswith("x509"):
            return T.CERTIFICATE
        return T.MD5 if digest[3] else T(f"sha{digest[2]}")
    return T.CERTIFICATE if _CERT.match(path) else _PATHS.get(path)


def _comparison(path: str, operator: str, values: list[str], *, negated: bool = False) -> Node:
    shown = f"{path} {operator} {values[0][:80]!r}" if values else path
    kind = _type_of(path)
    if negated or operator in ("!=", "<>", "<", ">", "<=", ">="):
        return Unknown(f"{shown}: only equality can be looked for")
    if kind is None:
        return Unknown(f"{shown}: no indicator type of this program")
    if operator == "MATCHES":
        return Unknown(f"{shown}: regular expressions are not looked for")
    if operator == "EXISTS":
        return Unknown(f"{shown}: names no value")
    make: Callable[[T, str], Node] = {"LIKE": _like, "ISSUBSET": _subset}.get(operator, _equal)
    parts = tuple(make(kind, value) for value in values)
    return parts[0] if len(parts) == 1 else Either(parts)


def _equal(kind: T, value: str) -> Node:
    if kind is T.IP and "/" in value:
        return _subset(kind, value)
    if kind is T.FILE_NAME and ("/" in value or "\\" in value):
        kind = T.PATH
    return Test(kind, value)


def _subset(kind: T, value: str) -> Node:
    if "/" not in value:
        return Test(kind, value)
    address, _, prefix = value.partition("/")
    return Test(T.IP, address) if prefix in ("32", "128") else Test(T.CIDR, value)


def _like(kind: T, value: str) -> Node:
    if kind is T.DOMAIN and value.startswith("%.") and "%" not in value[2:] and "_" not in value:
        return Test(kind, value[2:])
    if kind in (T.URL, T.PATH, T.FILE_NAME) and "_" not in value:
        wider = T.URL_PATTERN if kind is T.URL else kind
        return Test(wider, value.replace("%", "*"))
    return Unknown(f"LIKE {value[:80]!r} on a {kind}: not looked for")


def _parsed(pattern: str) -> Node:
    broken, versions = _grammars()
    try:
        return _node(_tree(pattern, broken, versions))
    except (broken, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
        raise PatternProblem(f"not a STIX pattern: {why[:200]}") from error


@lru_cache(maxsize=1)
def _grammars() -> tuple[type[Exception], tuple[Any, ...]]:
    # Loaded where the first composite pattern stands: most bundles have none.
    broken: type[Exception] = import_module("stix2patterns.exceptions").ParseException
    return broken, tuple(import_module(f"stix2patterns.{version}.pattern").Pattern for version in ("v21", "v20"))


def _tree(pattern: str, broken: type[Exception], versions: tuple[Any, ...]) -> Any:
    try:
        parsed = versions[0](pattern)
    except broken:
        parsed = versions[1](pattern)
    return parsed._Pattern__parse_tree  # the library offers visitors only, one class for each version


_JOINTS: dict[str, type[Either] | type[All]] = {"OR": Either, "AND": All, "FOLLOWEDBY": All}
_QUALIFIERS = ("WITHIN", "REPEATS", "START")


def _node(tree: Any) -> Node:
    """Turn a tree of the grammar into a condition; rules are known by their names, which both versions share."""
    children = list(tree.getChildren())
    rules = [each for each in children if _is_rule(each)]
    name = type(tree).__name__
    if name.startswith("PropTest") and "Paren" not in name:
        return _test(name, tree)
    joints = {each.getText() for each in children if not _is_rule(each)} & _JOINTS.keys()
    qualifiers = [each.getText() for each in rules if each.getText().startswith(_QUALIFIERS)]
    if qualifiers:
        # They ask for more than the value: met alone it is a hint.
        named = " ".join(qualifiers)[:80]
        return All((_node(rules[0]), Unknown(f"{named}: how often and when is not looked at")))
    if len(rules) == 1:
        return _node(rules[0])
    if len(joints) != 1:
        return Unknown(f"{tree.getText()[:80]!r} is not understood")
    return _JOINTS[joints.pop()](tuple(_node(each) for each in rules))


def _is_rule(tree: Any) -> bool:
    return type(tree).__name__.endswith("Context")


def _test(name: str, tree: Any) -> Node:
    children = list(tree.getChildren())
    operators = {"PropTestLike": "LIKE", "PropTestRegex": "MATCHES", "PropTestIsSubset": "ISSUBSET"}
    operators |= {"PropTestIsSuperset": "ISSUPERSET", "PropTestSet": "IN", "PropTestExists": "EXISTS"}
    operator = operators.get(name.removesuffix("Context"), "")
    texts = [each.getText() for each in children]
    if operator == "EXISTS":
        return _comparison(texts[-1], operator, [])
    negated = "NOT" in texts
    if not operator:
        operator = "=" if texts[-2] in ("=", "==") else texts[-2]
    if operator == "ISSUPERSET":
        return Unknown(f"{tree.getText()[:80]}: not looked for")
    values = _values(children[-1]) if operator == "IN" else [_literal(texts[-1])]
    return _comparison(texts[0], operator, values, negated=negated)


def _values(literals: Any) -> list[str]:
    return [_literal(each.getText()) for each in literals.getChildren() if _is_rule(each)]


def _literal(text: str) -> str:
    return _unquoted(text) if text.startswith("'") else text

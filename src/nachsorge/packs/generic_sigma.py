"""Sigma files as others write them: several documents a file, any of them broken. Nothing is refused, all is listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is there: ten times as fast."""

LARGEST = 4 * 1024 * 1024
"""A larger file is no rule."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: the line it begins in, its text, and what it says; `fault` where it cannot be read."""

    line: int
    text: str
    content: Mapping[str, Any]
    fault: str = ""


def documents(text: str) -> Iterator[Document]:
    """Give every document that is not empty."""
    for line, part in _parts(text):
        try:
            content = yaml.load(part, Loader=_LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            yield Document(line + (mark.line if mark else 0), part, {}, f"no YAML: {_first(error)}")
            continue
        except (ValueError, RecursionError) as error:
            yield Document(line, part, {}, f"no YAML: {error}")
            continue
        if content is None:
            continue
        fault = _no_rule(content)
        yield Document(line, part, {} if fault else content, fault)


def _parts(text: str) -> Iterable[tuple[int, str]]:
    """Cut a file at its `---` lines; libyaml gives up a file at its first fault, and the rest would be lost."""
    start, lines = 1, list[str]()
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if line.rstrip() == "---":
            yield start, "".join(lines)
            start, lines = number + 1, []
        else:
            lines.append(line)
    yield start, "".join(lines)


def _first(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error).splitlines()[0]


def _no_rule(content: object) -> str:
    if not isinstance(content, dict):
        return "no Sigma rule: no mapping"
    if "action" in content:
        return "a collection of the old kind (`action`), which the Sigma specification no longer has"
    if not {"detection", "correlation", "filter"} & content.keys():
        return "no Sigma rule: no `detection`"
    return ""


def text_of(content: Mapping[str, Any], key: str) -> str:
    """Give a text of a rule; a list's first entry, empty where there is none."""
    value = content.get(key)
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(str(value).split()) if value is not None else ""


def source_of(content: Mapping[str, Any]) -> tuple[str, str, str]:
    """Give category, product and service of a rule's log source, as far as it names them."""
    source = content.get("logsource")
    named = source if isinstance(source, dict) else {}
    category, product, service = (str(named.get(key) or "").lower() for key in ("category", "product", "service"))
    return category, product, service

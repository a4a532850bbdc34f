"""YARA files as others write them: many rules a file, includes, some of which do not compile. All is listed."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yara_x

if TYPE_CHECKING:
    from pathlib import Path

GLOBALS = ("filename", "filepath", "extension", "filetype", "owner")
"""Variables that public collections use (signature-base); they are known for every file, some of them always empty."""

_INCLUDE = re.compile(r'^[ \t]*include[ \t]+"([^"\n]+)"[ \t]*$', re.MULTILINE)
_PRIVATE = re.compile(r"\b(?:private\s+(?:global\s+)?|global\s+private\s+)rule\s+(\w+)")
_RULE = re.compile(r"^[ \t]*(?:(?:private|global)\s+)*rule\s+(\w+)", re.MULTILINE)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One rule of a file that compiles and can be reported."""

    id: str
    line: int
    title: str
    author: str
    reference: str
    licence: str


class Unresolved(Exception):
    """An include that is not followed; the message says which and why."""


def with_includes(path: Path, root: Path, text: str, depth: int = 0) -> str:
    """Put included files in the place of their names; only files below `root` are read.

    Raises:
        Unresolved: one lies elsewhere, is missing, or they include each other.
    """

    def put(found: re.Match[str]) -> str:
        target = (path.parent / found[1].replace("\\", "/")).resolve()
        if not target.is_relative_to(root.resolve()):
            raise Unresolved(f"includes {found[1]!r}, which lies outside the folder")
        if depth >= _DEEPEST:
            raise Unresolved(f"includes go deeper than {_DEEPEST} files")
        try:
            inner = target.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            raise Unresolved(f"includes {found[1]!r}, which cannot be read: {error.strerror}") from error
        return with_includes(target, root, inner, depth + 1)

    return _INCLUDE.sub(put, text)


def compiled(text: str, own: str) -> tuple[list[Found], list[tuple[int, str]]]:
    """Compile a file with its includes: its own rules (those that stand in `own`), and what failed, with its line."""
    compiler = yara_x.Compiler(relaxed_re_syntax=True)
    compiler.ignore_invalid_rules(True)
    compiler.enable_includes(False)
    for name in GLOBALS:
        compiler.define_global(name, "")
    with suppress(yara_x.CompileError):  # each error is in the list below
        compiler.add_source(text)
    faults = [(error["line"] if text == own else 0, error["title"]) for error in compiler.errors()]
    lines = {found[1]: own.count("\n", 0, found.start(1)) + 1 for found in _RULE.finditer(own)}
    private = set(_PRIVATE.findall(text))
    rules = [r for r in compiler.build() if r.identifier not in private and r.identifier in lines]
    return [_found(rule, lines[rule.identifier]) for rule in rules], faults


def _found(rule: yara_x.Rule, line: int) -> Found:
    meta = {key.lower(): str(value) for key, value in reversed(rule.metadata)}
    return Found(
        id=rule.identifier,
        line=line,
        title=meta.get("description", "") or rule.identifier,
        author=meta.get("author", ""),
        reference=meta.get("reference", "") or meta.get("url", ""),
        licence=meta.get("license", "") or meta.get("licence", ""),
    )

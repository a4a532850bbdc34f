"""YARA rules over file contents, with yara-x. Rules are compiled once for all packs; a match names its rule."""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING

import yara_x

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FILE = 256 * 1024 * 1024
"""Larger files are not scanned, and the gap says so: yara-x wants the whole file in memory."""


_KEPT = 4
_OF_THREAD = local()


def _scanner(rules: tuple[tuple[int, str], ...]) -> yara_x.Scanner:
    """Compile once a thread, and keep it: yara-x lets a scanner be used and dropped only in the thread that made it.

    Left to the garbage collector, it would be dropped in whichever thread collects; a thread's own store goes with it.
    """
    kept: dict[tuple[tuple[int, str], ...], yara_x.Scanner] = _OF_THREAD.__dict__.setdefault("scanners", {})
    if rules not in kept:
        compiler = yara_x.Compiler(relaxed_re_syntax=True)
        for test, text in rules:
            compiler.new_namespace(f"t{test}")
            compiler.add_source(text)
        while len(kept) >= _KEPT:
            del kept[next(iter(kept))]
        kept[rules] = yara_x.Scanner(compiler.build())
    return kept[rules]


class YaraScanner:
    """Compiled rules; the namespace of each is its index among the tests."""

    def __init__(self, rules: Iterable[tuple[int, str]]) -> None:
        """Compile (test, rule text) pairs. The pack's lint has proven that each compiles."""
        listed = tuple(rules)
        self._tests = {f"t{test}": test for test, _ in listed}
        self._scanner = _scanner(listed) if listed else None

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to scan for."""
        return self._scanner is None

    def scan(self, body: bytes) -> list[int]:
        """Give the tests whose rule matches the bytes, sorted."""
        if self._scanner is None:
            return []
        found = self._scanner.scan(body).matching_rules
        return sorted({self._tests[rule.namespace] for rule in found})

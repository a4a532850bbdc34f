"""YARA rules over file contents, with yara-x. Rules are compiled once for all packs; a match names its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yara_x

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FILE = 256 * 1024 * 1024
"""Larger files are not scanned, and the gap says so: yara-x wants the whole file in memory."""


class YaraScanner:
    """Compiled rules; the namespace of each is its index among the tests."""

    def __init__(self, rules: Iterable[tuple[int, str]]) -> None:
        """Compile (test, rule text) pairs. The pack's lint has proven that each compiles."""
        compiler = yara_x.Compiler(relaxed_re_syntax=True)
        self._tests: dict[str, int] = {}
        for test, text in rules:
            compiler.new_namespace(f"t{test}")
            compiler.add_source(text)
            self._tests[f"t{test}"] = test
        self._scanner = yara_x.Scanner(compiler.build()) if self._tests else None

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

"""YARA rules over file contents, with yara-x. Rules are compiled once for all packs; a match names its rule."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from threading import local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import yara_x

MAX_FILE = 256 * 1024 * 1024
"""Larger files are not scanned, and the gap says so: yara-x wants the whole file in memory."""

LONGEST_SCAN = 60
"""Seconds after which a scan of one file is given up, and the gap says so."""

_GLOBALS = ("filename", "filepath", "extension", "filetype", "owner")
"""Variables of public collections; what is not known of a file is empty."""

_KEPT = 4
_OF_THREAD = local()


_NAME = re.compile(r"\brule\s+(\w+)")


@lru_cache(maxsize=64)
def _named(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text))


class Slow(Exception):
    """A scan took longer than it may."""


def _scanner(texts: tuple[str, ...]) -> yara_x.Scanner:
    """Compile once a thread, and keep it: yara-x lets a scanner be used and dropped only in the thread that made it.

    Left to the garbage collector, it would be dropped in whichever thread collects; a thread's own store goes with it.
    """
    import yara_x  # few runs have such a rule

    kept: dict[tuple[str, ...], yara_x.Scanner] = _OF_THREAD.__dict__.setdefault("scanners", {})
    if texts not in kept:
        compiler = yara_x.Compiler(relaxed_re_syntax=True)
        # What does not compile was listed when the rules were loaded; the others of its file still look.
        compiler.ignore_invalid_rules(True)
        compiler.enable_includes(False)
        for name in _GLOBALS:
            compiler.define_global(name, "")
        for number, text in enumerate(texts):
            compiler.new_namespace(f"n{number}")
            compiler.add_source(text)
        while len(kept) >= _KEPT:
            del kept[next(iter(kept))]
        kept[texts] = yara_x.Scanner(compiler.build())
        kept[texts].set_timeout(LONGEST_SCAN)
    return kept[texts]


class YaraScanner:
    """Compiled rules. A text may hold several; those of one text share a namespace."""

    def __init__(self, rules: Iterable[tuple[int, str]], names: Mapping[int, str] | None = None) -> None:
        """Compile (test, rule text) pairs.

        `names` says which rule of its text a test is about; a test that names none of them is about all.
        """
        tests: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for test, text in rules:
            name = (names or {}).get(test, "")
            tests[text][name if name in _named(text) else ""].append(test)
        self._texts = tuple(tests)
        self._tests = {f"n{number}": tests[text] for number, text in enumerate(self._texts)}
        self._scanner = _scanner(self._texts) if tests else None
        self._bodies: frozenset[bytes] | None = None
        self._sizes: frozenset[int] = frozenset()

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to scan for."""
        return self._scanner is None

    def is_rule_text(self, body: bytes) -> bool:
        """Tell whether a file is one of the rules themselves, which would meet each of its own strings."""
        if self._bodies is None:
            self._bodies = frozenset(text.encode() for text in self._texts)
            self._sizes = frozenset(map(len, self._bodies))
        bare = body.removeprefix(b"\xef\xbb\xbf")
        return len(bare) in self._sizes and bare in self._bodies

    def scan(self, body: bytes, path: str = "") -> list[int]:
        """Give the tests whose rule matches the bytes, sorted.

        Raises:
            Slow: the scan was given up.
        """
        if self._scanner is None:
            return []
        import yara_x

        name = path.replace("\\", "/").rpartition("/")[2]
        for variable, value in (("filepath", path), ("filename", name), ("extension", _ending(name))):
            self._scanner.set_global(variable, value)
        try:
            found = self._scanner.scan(body).matching_rules
        except yara_x.TimeoutError as error:
            raise Slow(f"not scanned to the end within {LONGEST_SCAN} s") from error
        return sorted({test for rule in found for test in self._of(rule)})

    def _of(self, rule: yara_x.Rule) -> list[int]:
        tests = self._tests[rule.namespace]
        return [*tests.get(rule.identifier, ()), *tests.get("", ())]


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""

"""Packages that package managers say in their output, as logs of CI keep it, that they fetched, listed or installed.

Sources: the output of pip ("Successfully installed"), npm (`npm ls`, fetches in its verbose log), Yarn (berry's
YN0013), pnpm's and Yarn's trees, and cargo ("Downloaded", "Compiling"). Lengths are bounded, as npm bounds its names:
a log may hold lines of any length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.packages import Package

if TYPE_CHECKING:
    from collections.abc import Iterator

SPELLED = (b"Successfully installed ", b"Collecting ", b"%2f", b"%2F")
"""What lines hold in which a name may be spelled otherwise than lists of packages spell it."""

_INSTALLED = re.compile(r"\bSuccessfully installed (\S.*)")
_COLLECTED = re.compile(r"\bCollecting ([A-Za-z0-9][\w.-]{0,200})(?:\[[^\]]{0,200}\])?===?(\d[^\s,;()]{0,80})")
_VERSION = r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]{1,80})?(?:\+[0-9A-Za-z.-]{1,80})?"
_TARBALL = re.compile(
    r"/((?:@[\w.~-]{1,214}(?:/|%2[fF]))?[\w.~-]{1,214})/-/[\w.~-]{1,214}?-(\d+\.\d+\.\d+(?:-[\w.+-]{1,80}?)?)\.tgz\b"
)
_LISTED = re.compile(
    r"(?:^|[\s│├└─┬+`|])((?:@[\w.~-]{1,214}/)?[A-Za-z0-9][\w.~-]{0,213})@(?:npm:)?(" + _VERSION + r")(?=[\s,;)\]]|\Z)"
)
_CARGO = re.compile(r"\b(?:Downloaded|Compiling) ([A-Za-z][\w-]{0,200}) v(" + _VERSION + ")")


def packages(message: str, locator: str) -> Iterator[Package]:
    """Give the packages, at their versions, that a line of such output names."""
    if installed := _INSTALLED.search(message):
        for word in installed[1].split():
            name, _, version = word.rpartition("-")
            if name and version[:1].isdigit():
                yield Package(type="pypi", name=name, version=version, locator=locator)
    if found := _COLLECTED.search(message):
        yield Package(type="pypi", name=found[1], version=found[2], locator=locator)
    if found := _CARGO.search(message):
        yield Package(type="cargo", name=found[1], version=found[2], locator=locator)
    for form in (_TARBALL, _LISTED):
        for found in form.finditer(message):
            name = re.sub(r"%2[fF]", "/", found[1])
            yield Package(type="npm", name=name, version=found[2], locator=locator)

"""How RPM spells a package: `name-epoch:version-release.arch`, the epoch here or before the name, or nowhere."""

from __future__ import annotations

import re
from typing import NamedTuple

ARCH = r"(?:noarch|x86_64|i[3-6]86|aarch64|armv7hl|ppc64le|ppc64|s390x|riscv64|src)"
_WORD = r"[\w.+~^]"
_NEVRA = re.compile(
    rf"(?:(?P<e1>\d{{1,9}}):)?(?P<name>[A-Za-z0-9][\w.+-]{{0,200}})-(?:(?P<e2>\d{{1,9}}):)?"
    rf"(?P<version>{_WORD}{{1,100}}-{_WORD}{{1,100}}?)(?:\.(?P<arch>{ARCH}|\(none\)))?\Z"
)


class Nevra(NamedTuple):
    """The parts of a package's full name; `version` is version and release."""

    name: str
    version: str
    arch: str
    epoch: str


def nevra_of(text: str) -> Nevra | None:
    """Take a full name apart; None where it is none."""
    found = _NEVRA.match(text)
    if not found:
        return None
    return Nevra(found["name"], found["version"], found["arch"] or "", found["e1"] or found["e2"] or "")

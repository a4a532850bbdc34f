"""Which files hold rules, told without what reads them: an indicator file need not wait for YAML and YARA."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_HEAD = 64 * 1024
"""Bytes in which a Sigma rule names its log source."""

SIGMA_FILES = (".yml", ".yaml")
YARA_FILES = (".yar", ".yara")


def is_rule_file(path: Path) -> bool:
    """Tell by name and content whether a file holds YARA or Sigma rules."""
    if path.suffix.lower() in YARA_FILES:
        return True
    if path.suffix.lower() not in SIGMA_FILES:
        return False
    try:
        with path.open("rb") as stream:
            head = stream.read(LARGEST_HEAD)
    except OSError:
        return False
    return b"\nlogsource:" in head or head.startswith(b"logsource:")

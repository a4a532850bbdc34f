"""What is broken: small undamaged samples, of each reader, container, collection and importer."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tests.evidence_kit import PLANT
from tests.fuzz.harvest import LARGEST, VARIABLE

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Reader

TESTS = ("tests/evidence/readers", "tests/evidence/containers", "tests/evidence/images", "tests/evidence/test_units.py")
"""The tests whose samples are harvested."""

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Seed:
    """One sample, and the name of its file, which some formats need."""

    name: str
    body: bytes


def harvest(folder: Path) -> None:
    """Run the tests once and keep what they feed; a folder that is there already is not filled again."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True)
    # What is made to be too much takes too long to be broken often.
    asked = [
        *TESTS,
        "--ignore=tests/evidence/containers/test_limits.py",
        "-q",
        "-p",
        "tests.fuzz.harvest",
        "-p",
        "no:cacheprovider",
        "--no-header",
    ]
    environment = os.environ | {VARIABLE: str(folder), "CI": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "pytest", *asked], cwd=ROOT, env=environment, check=False)


def harvested(folder: Path | None, name: str) -> list[Seed]:
    """Give what was kept for one reader or container."""
    places = sorted((folder / name).iterdir()) if folder is not None and (folder / name).is_dir() else []
    return [Seed(place.name.partition("--")[2], place.read_bytes()) for place in places]


def of_reader(reader: Reader, folder: Path | None) -> list[Seed]:
    """Give a reader's samples: harvested, or the constants of its test; and the positive control's files."""
    seeds = harvested(folder, reader.name) or constants(f"tests.evidence.readers.test_{reader.name}")
    planted = {reader.plant(head, PLANT) for head in [b"", *(seed.body[:65536] for seed in seeds)]} - {None}
    return [*seeds, *(Seed(f"planted.{reader.name}", body) for body in sorted(filter(None, planted))[:8])]


def constants(module: str) -> list[Seed]:
    """Give the samples that a test module holds as constants: cheap, and the same everywhere."""
    try:
        found = vars(import_module(module))
    except ModuleNotFoundError:
        return []
    texts = {name: _bytes(value) for name, value in found.items() if name.isupper()}
    return [Seed(f"{name.lower()}.log", body) for name, body in texts.items() if 20 < len(body) <= LARGEST]


def _bytes(value: object) -> bytes:
    match value:
        case bytes():
            return value
        case str():
            return value.encode("utf-8", "replace")
        case _:
            return b""

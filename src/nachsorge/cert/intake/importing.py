"""Old reports taken over: notifications as JSON, one a file or one a line, and incidents in VERIS."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from nachsorge.cert.intake.models import Source
from nachsorge.cert.intake.receive import Refused, keep
from nachsorge.cert.intake.veris import NotVeris, from_veris, looks_like_veris
from nachsorge.cert.registry.models import Organisation
from nachsorge.model.words import Tlp
from nachsorge.sharing.notification import LARGEST, NotificationError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from nachsorge.sharing.notification import Notification

BATCH = 200
"""So many are stored in one transaction: each with its own would wait for the disk each time."""

SUFFIXES = (".json", ".ndjson", ".jsonl")


@dataclass(slots=True)
class Imported:
    """What became of an import. `refused` has a place and a reason for each; nothing is left out silently."""

    taken: int = 0
    known: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def import_files(paths: Sequence[Path], *, label: Tlp = Tlp.AMBER_STRICT, count: bool = False) -> Imported:
    """Take over every report in these files and folders; what is there already is recognised.

    Args:
        paths: files, or folders of files ending in `.json`, `.ndjson` or `.jsonl`.
        label: for what carries none (VERIS); notifications keep their own.
        count: whether what carries no consent may be counted.
    """
    result = Imported()
    batch: list[tuple[str, bytes]] = []
    for entry in _entries(paths, result):
        batch.append(entry)
        if len(batch) == BATCH:
            _store(batch, result, label, count)
            batch = []
    _store(batch, result, label, count)
    return result


def _entries(paths: Iterable[Path], result: Imported) -> Iterator[tuple[str, bytes]]:
    """Give each report with its place."""
    for path in paths:
        inner = sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES) if path.is_dir() else [path]
        if not inner:
            result.refused.append((str(path), f"no file ending in {', '.join(SUFFIXES)}"))
        for each in inner:
            try:
                with each.open("rb") as file:
                    if each.suffix == ".json":
                        yield str(each), file.read(LARGEST + 1)
                    else:
                        yield from ((f"{each}:{n}", line) for n, line in enumerate(file, 1) if line.strip())
            except OSError as error:
                result.refused.append((str(each), error.strerror or "cannot be read"))


def _store(batch: Sequence[tuple[str, bytes]], result: Imported, label: Tlp, count: bool) -> None:
    with transaction.atomic():
        for place, body in batch:
            try:
                known = _one(body, label, count)
            except NotificationError as error:
                result.refused.append((place, "; ".join(each.message for each in error.problems)))
            except (Refused, NotVeris) as error:
                result.refused.append((place, str(error)))
            else:
                result.known += known
                result.taken += not known


def _one(body: bytes, label: Tlp, count: bool) -> bool:
    """Store one; give True where it was there."""
    veris = _veris(body)
    content, name = (decode(body), "") if veris is None else _sound(from_veris(veris, label, count))
    name = name or content.organisation.name
    owner = _organisation(name, content.organisation.sector, content.organisation.size) if name else None
    at = datetime.fromisoformat(content.made)
    return keep(content, Source.IMPORT, organisation=owner, received=at).known


def _sound(made: tuple[Notification, str]) -> tuple[Notification, str]:
    """Hold what was made of a foreign format to the same rules as what comes in."""
    return decode(encode(made[0])), made[1]


def _veris(body: bytes) -> dict[str, Any] | None:
    """Give the object if it is meant as VERIS; all else is for the notification's own reader to judge."""
    if len(body) > LARGEST:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and looks_like_veris(found) else None


def _organisation(name: str, sector: str, size: str) -> Organisation:
    found, _new = Organisation.objects.get_or_create(name=name, defaults={"sector": sector, "size": size})
    return found

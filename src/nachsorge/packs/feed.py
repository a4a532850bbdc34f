"""A MISP feed in a folder: `manifest.json` names the events, each a file called after its UUID."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.packs.adhoc import Gathering, digest_of, found_in
from nachsorge.packs.importers.misp import MispImporter
from nachsorge.packs.importers.seams import Remark

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.pack import Pack

_UUID = re.compile(r"[0-9a-fA-F-]{36}\Z")
MOST_EVENTS = 100_000


def is_feed(folder: Path) -> bool:
    """Tell whether a folder is a feed."""
    return (folder / "manifest.json").is_file()


def events_of(folder: Path) -> tuple[list[Path], list[str]]:
    """Give the files of a feed's events, and what the manifest names that is not there.

    Raises:
        PackError: the manifest cannot be read.
    """
    path = folder / "manifest.json"
    try:
        named = json.loads(path.read_bytes())
    except OSError as error:
        raise PackError([Problem(path=str(path), message=f"cannot be read: {error.strerror}")]) from error
    except (ValueError, RecursionError) as error:
        raise PackError([Problem(path=str(path), message=f"not JSON: {error}", remedy="fetch it again")]) from error
    if not isinstance(named, dict) or not all(isinstance(each, str) and _UUID.match(each) for each in named):
        raise PackError([Problem(path=str(path), message="no manifest of a MISP feed", remedy="UUIDs name events")])
    paths = [folder / f"{uuid}.json" for uuid in sorted(named)[:MOST_EVENTS]]
    missing = [f"{each.name}: named in the manifest, but not there" for each in paths if not each.is_file()]
    if len(named) > MOST_EVENTS:
        missing.append(f"only the first {MOST_EVENTS:,} of {len(named):,} events are read")
    return [each for each in paths if each.is_file()], missing


def load_feed(folder: Path) -> Pack:
    """Load a feed as one ad-hoc pack; an event that is missing or broken is listed and keeps every stage open.

    Raises:
        PackError: the manifest cannot be read, or nothing can be looked for.
    """
    paths, missing = events_of(folder)
    gathering, digest = Gathering(), hashlib.sha256()
    for each in missing:
        gathering.add(Remark(each, lost=1))
    for path in paths:
        digest.update(bytes.fromhex(digest_of(path)))
        for found in found_in(path, importer=MispImporter(), partial=True):
            gathering.add(found, path.name)
    pack = gathering.pack(folder.name, digest.hexdigest())
    if not any(sample.drives for sample in pack.indicators) and not pack.rules:
        raise PackError([Problem(path=str(folder), message="no event holds anything that can be looked for")])
    return pack

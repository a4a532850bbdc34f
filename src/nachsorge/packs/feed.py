"""A MISP feed in a folder: `manifest.json` names the events, each a file called after its UUID."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.packs.adhoc import pack_of, read_content, read_listing
from nachsorge.packs.importers import Listing
from nachsorge.packs.importers.misp import MispImporter

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
        named = json.loads(read_content(path))
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
    whole = Listing(items=(), not_understood=tuple(missing), lost=len(missing))
    digest = hashlib.sha256()
    for path in paths:
        content = read_content(path)
        digest.update(hashlib.sha256(content).digest())
        one = read_listing(path, content, importer=MispImporter(), partial=True)
        items = tuple(replace(item, place=f"{path.name}: {item.place}") for item in one.items)
        named = tuple(f"{path.name}: {each}" for each in one.not_understood)
        whole = replace(
            whole,
            items=whole.items + items,
            not_understood=whole.not_understood + named,
            lost=whole.lost + one.lost,
            statements=whole.statements + one.statements,
            rules=whole.rules + one.rules,
        )
    pack = pack_of(whole, folder.name, digest.hexdigest())
    if not any(indicator.drives for indicator in pack.indicators) and not pack.rules:
        raise PackError([Problem(path=str(folder), message="no event holds anything that can be looked for")])
    return pack

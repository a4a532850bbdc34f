"""From the paths a person gives to units of work: one file each, or the file system of one host in a folder."""

from __future__ import annotations

import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.collections import Holders, orders
from nachsorge.evidence.containers import ARCHIVES, Limits, container_of, head_of
from nachsorge.evidence.containers.names import shown as named
from nachsorge.evidence.entries import OnDisk
from nachsorge.evidence.identify import names_machines
from nachsorge.evidence.images.segments import begun, part_of
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.parts import Part
from nachsorge.evidence.read import close, unread
from nachsorge.evidence.remote import base_of, is_url, listed, local_path, opened_url, public
from nachsorge.evidence.roots import find_roots, owner
from nachsorge.evidence.seams import Opened, ReadError, Root
from nachsorge.evidence.trees import Entry, walk
from nachsorge.model.evidence import Reading
from nachsorge.model.times import Instant
from nachsorge.model.words import Reason, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_HEADS = 16
"""How many objects' first bytes are asked for at a time; a store takes its time for each."""


_SMALL = 256 * 1024
_LIKE_A_LOG = re.compile(
    r"(?:^[^.]*|\.(?:log|txt|csv|tsv|jsonl?|ndjson|eve|lease|leases|xml|gz|zst|xz|bz2|vmdk|[es]x?[0-9a-z]{2}(?<!exe)))"
    r"(?:[.-][\d.-]*)?\Z",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(
    r"\.(?:exe|dll|sys|ocx|drv|cpl|mui|pdb|msi|cab|so|o|a|dylib|bin|pyc|class|jar|whl"
    r"|png|jpe?g|gif|ico|bmp|webp|tiff?|ttf|otf|woff2?|mp[34]|pdf|docx|xlsx|pptx)\Z",
    re.IGNORECASE,
)
"""How programs, libraries, pictures and documents are called. A look at one, which takes as long as reading a small
file, would say that it is no text, and so to be read early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One task for a worker.

    `shown` is the path as people gave it; `host` comes from `--asset`. With a `root` it is the file system of a host
    below `path`, else one file. `trouble` stands where there is nothing to read. `early` units may name machines
    (leases, what is a host's own) and are read before all others. With a `part` only that much of the file is meant.
    `url` stands in the place of `path` where the evidence is in a store. `modified` is what the store says, or the
    folder in which a file was found; a path that a person names has none, and may be a link.
    """

    path: Path
    shown: str
    size: int = 0
    host: str | None = None
    root: Root | None = None
    trouble: Reading | None = None
    early: bool = False
    part: Part | None = None
    url: str = ""
    modified: Instant | None = None


def units(paths: Iterable[str], assets: Mapping[str, str]) -> Iterator[Unit]:
    """Walk the evidence in a stable order. `assets` maps a path, however spelled, to the asset whose it is.

    A file or folder that is given by itself is not read a second time with a given folder that holds it, nor where it
    is given again in another spelling.
    """
    places: dict[Path, str] = {}
    for shown in paths:
        places.setdefault(_place(shown), shown)
    owners = {_place(named): host for named, host in assets.items()}
    for place, shown in places.items():
        path, host = Path(local_path(shown)), owners.get(place)
        if is_url(shown):
            yield from _remote(shown, host)
            continue
        try:
            kind = _kind(path)
        except OSError as error:
            kind = f"cannot be looked at: {error.strerror}"
        match kind:
            case "folder":
                yield from _folder(path, shown.rstrip("/") or "/", host, frozenset(places) - {place})
            case "file":
                yield _file(path, shown, path.stat().st_size, host, given=places)
            case trouble:
                reason = Reason.MISSING if "no such" in trouble else Reason.NOT_SUPPORTED
                yield Unit(path=path, shown=shown, host=host, trouble=unread(shown, reason, trouble))


def _place(shown: str) -> Path:
    """Resolve a path's spelling; a link that leads to itself, which pathlib refuses, stays as it is."""
    return Path(os.path.realpath(local_path(shown)))


def _kind(path: Path) -> str:
    if path.is_dir():
        return "folder"
    if path.is_file():
        return "file"
    return "is no file or folder" if path.exists() else "there is no such file or folder; check the spelling"


def _folder(path: Path, shown: str, host: str | None, alone: frozenset[Path]) -> Iterator[Unit]:
    ledger = Ledger(host=host)
    here = path.resolve()
    found = list(walk(path, shown, ledger))
    entries = [entry for entry in found if not _given(here / entry.path, here, alone)] if alone else found
    roots = find_roots(entries, ledger, named=host is not None, label=shown)
    if not found and not ledger.gaps:
        yield Unit(path=path, shown=shown, host=host, trouble=unread(shown, Reason.EMPTY, "an empty folder"))
    elif ledger.gaps or ledger.notes:
        yield Unit(
            path=path, shown=shown, host=host, trouble=close(Opened(path=shown, name="", open=_nothing), "tree", ledger)
        )
    sizes, files = _shared_out(entries, roots)
    for root in roots:
        yield Unit(path=path, shown=shown, size=sizes[root], host=owner(root, roots, host), root=root, early=True)
    images = begun(entry.path for entry in files)
    for entry in files:
        if entry.source is not None and entry.source.local:
            beside = entry.path.rpartition(".")[0] in images
            yield _found(entry.source.local, entry.source.path, entry, host, beside)


def _shared_out(entries: Iterable[Entry], roots: Sequence[Root]) -> tuple[Counter[Root], list[Entry]]:
    """Give the size of every root's file system, and the entries that are in none. Orders of a hunt are nobody's."""
    holders, sizes, rest = Holders(roots), Counter[Root](), list[Entry]()
    for entry in entries:
        root = holders.of(entry.path)
        if root is not None:
            sizes[root] += entry.size
        elif not orders(entry.path, roots):
            rest.append(entry)
    return sizes, rest


def _remote(url: str, host: str | None) -> Iterator[Unit]:
    ledger, label = Ledger(host=host), public(url)
    here = Unit(path=Path(label), shown=label, host=host, url=url)
    try:
        folder, entries = listed(url)
    except ReadError as error:
        yield replace(here, trouble=unread(label, error.reason, error.note))
        return
    roots = find_roots(entries, ledger, named=host is not None, label=label) if folder else ()
    if not entries:
        yield replace(here, trouble=unread(label, Reason.EMPTY, "no object is there"))
    if ledger.gaps or ledger.notes:
        yield replace(here, trouble=close(Opened(path=label, name="", open=_nothing), "tree", ledger))
    sizes, files = _shared_out(entries, roots)
    for root in roots:
        yield replace(here, size=sizes[root], host=host or root.host, root=root, early=True)
    with ThreadPoolExecutor(_HEADS) as pool:
        yield from pool.map(lambda entry: _object(url, folder, entry, host), files)


def _object(url: str, folder: bool, entry: Entry, host: str | None) -> Unit:
    source = entry.source
    assert source is not None  # a store has no links
    place = f"{base_of(url)}/{entry.path}" if folder else url
    unit = Unit(
        path=Path(source.path), shown=source.path, size=source.size, host=host, url=place, modified=entry.modified
    )
    try:
        return replace(unit, size=max(unit.size, 0), early=names_machines(_plain_head(source)))
    except (OSError, ReadError, EOFError):
        return replace(unit, size=max(unit.size, 0))


def tree_of(unit: Unit, ledger: Ledger) -> Iterator[Entry]:
    """List the file system that a unit with a root lies in."""
    if not unit.url and unit.root is not None and unit.root.prefix:
        # Only that much of the folder: with hundreds of hosts in it, each would else be listed hundreds of times.
        prefix = unit.root.prefix
        for entry in walk(unit.path / prefix, f"{unit.shown.rstrip('/')}/{prefix}", ledger):
            yield replace(entry, path=f"{prefix}/{entry.path}")
        return
    if not unit.url:
        yield from walk(unit.path, unit.shown, ledger)
        return
    try:
        yield from listed(unit.url)[1]
    except ReadError as error:
        ledger.gap(error.reason, error.note)


def _given(place: Path, above: Path, alone: frozenset[Path]) -> bool:
    """Tell whether a file, or a folder between it and the folder that is walked, is given by itself."""
    return any(one in alone for one in (place, *place.parents) if one != above and one.is_relative_to(above))


def _nothing() -> BinaryIO:
    raise ReadError(Reason.NOT_SUPPORTED, "a folder has no bytes")


def within(root: Root, entry: Entry) -> bool:
    """Tell whether an entry lies in a host's file system."""
    return root.holds(entry.path)


def _found(path: Path, shown: str, entry: Entry, host: str | None, beside: bool) -> Unit:
    """Make the unit of a file that was found in a folder; one that is hardly a log is read early, unseen.

    That is one called as programs and pictures are, and any small one that is not called as logs are.

    One that lies `beside` a split image of its own name is looked at: it may be a part of that, however it ends.
    That only says when it is read: whatever a sensor wrote is read once more should an address become known later.
    """
    name = path.name
    if not beside and (entry.size <= _SMALL or _NO_TEXT.search(name)) and not like_a_log(name):
        return Unit(path=path, shown=shown, size=entry.size, host=host, early=True, modified=entry.modified)
    return replace(_file(path, shown, entry.size, host), modified=entry.modified)


def like_a_log(name: str) -> bool:
    """Tell whether a file is called as logs are, or the parts of a split image: it is looked at before all is read."""
    return _LIKE_A_LOG.search(name) is not None


def _file(path: Path, shown: str, size: int, host: str | None, given: Iterable[Path] | None = None) -> Unit:
    """Make a file's unit. What was given tells whether the first part of a split image is read as well."""
    unit = Unit(path=path, shown=shown, size=size, host=host)
    try:
        head = _plain_head(opened(unit, frozenset()))
    except (OSError, ReadError, EOFError):
        return unit
    # What was given is known by its resolved path; of what was found in a folder, only the name's number counts.
    first = part_of(path.resolve() if given is not None else _followed(path), head)
    if first is not None and (given is None or not {first, *first.parents}.isdisjoint(given)):
        note = f"a later part of {named(first.name)}, and read with it"
        return replace(unit, trouble=Reading(path=shown, status=Status.SKIPPED, note=note, size=size))
    return replace(unit, early=names_machines(head))


def _followed(path: Path) -> Path:
    """Follow links to a file, where it is one; resolving every part of every path takes longer than reading."""
    return path.resolve() if path.is_symlink() else path


def _plain_head(source: Opened) -> bytes:
    """Give the first bytes below a compression: rotated logs of leases are compressed like all others."""
    head = head_of(source)
    container = container_of(head, source.name)
    if container is None or container.name in ARCHIVES:
        return head
    return next((head_of(member) for member in container.members(source, Limits().fresh(), Ledger())), b"")


def opened(unit: Unit, addresses: frozenset[str]) -> Opened:
    """Make the unit's file ready to be read."""
    if unit.url:
        store = opened_url(unit.url, unit.size or -1, unit.modified)
        return replace(store, host=unit.host, addresses=addresses)
    path, modified = unit.path, unit.modified
    if modified is None:
        modified, path = _time_of(path), _followed(path)
    return Opened(
        path=unit.shown,
        name=unit.path.name,
        open=OnDisk(path),
        size=unit.size,
        local=unit.path,
        modified=modified,
        host=unit.host,
        addresses=addresses,
    )


def _time_of(path: Path) -> Instant | None:
    try:
        return path.stat().st_mtime_ns // 1000
    except OSError:
        return None

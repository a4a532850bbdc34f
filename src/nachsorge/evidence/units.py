"""From the paths a person gives to units of work: one file each, or the file system of one host in a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.containers import Limits, container_of, head_of
from nachsorge.evidence.identify import names_machines
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.read import close, unread
from nachsorge.evidence.roots import find_roots
from nachsorge.evidence.seams import Opened, ReadError, Root
from nachsorge.evidence.trees import Entry, open_plain, walk
from nachsorge.model.evidence import Reading
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ARCHIVES = ("zip", "tar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One task for a worker.

    `shown` is the path as people gave it; `host` comes from `--asset`. With a `root` it is the file system of a host
    below `path`, else one file. `trouble` stands where there is nothing to read. `early` units name machines (leases)
    and are read before all others.
    """

    path: Path
    shown: str
    size: int = 0
    host: str | None = None
    root: Root | None = None
    trouble: Reading | None = None
    early: bool = False


def units(paths: Iterable[str], assets: Mapping[str, str]) -> Iterator[Unit]:
    """Walk the evidence in a stable order. `assets` maps a path, as given, to the asset whose it is.

    A file or folder that is given by itself is not read a second time with a given folder that holds it.
    """
    listed = list(paths)
    alone = frozenset(Path(shown).resolve() for shown in listed)
    for shown in listed:
        path, host = Path(shown), assets.get(shown)
        try:
            kind = _kind(path)
        except OSError as error:
            kind = f"cannot be looked at: {error.strerror}"
        match kind:
            case "folder":
                yield from _folder(path, shown.rstrip("/") or "/", host, alone - {path.resolve()})
            case "file":
                yield _file(path, shown, path.stat().st_size, host)
            case trouble:
                reason = Reason.MISSING if "no such" in trouble else Reason.NOT_SUPPORTED
                yield Unit(path=path, shown=shown, host=host, trouble=unread(shown, reason, trouble))


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
    entries = [entry for entry in found if not _given(here / entry.path, here, alone)]
    roots = find_roots(entries, ledger, named=host is not None)
    if not found and not ledger.gaps:
        yield Unit(path=path, shown=shown, host=host, trouble=unread(shown, Reason.EMPTY, "an empty folder"))
    elif ledger.gaps or ledger.notes:
        yield Unit(
            path=path, shown=shown, host=host, trouble=close(Opened(path=shown, name="", open=_nothing), "tree", ledger)
        )
    for root in roots:
        size = sum(entry.size for entry in entries if within(root, entry))
        yield Unit(path=path, shown=shown, size=size, host=host or root.host, root=root)
    for entry in entries:
        if entry.source is not None and entry.source.local and not any(within(root, entry) for root in roots):
            yield _file(entry.source.local, entry.source.path, entry.size, host)


def _given(place: Path, above: Path, alone: frozenset[Path]) -> bool:
    """Tell whether a file, or a folder between it and the folder that is walked, is given by itself."""
    return any(one in alone for one in (place, *place.parents) if one != above and one.is_relative_to(above))


def _nothing() -> BinaryIO:
    raise ReadError(Reason.NOT_SUPPORTED, "a folder has no bytes")


def within(root: Root, entry: Entry) -> bool:
    """Tell whether an entry lies in a host's file system."""
    return not root.prefix or entry.path.startswith(root.prefix + "/")


def _file(path: Path, shown: str, size: int, host: str | None) -> Unit:
    unit = Unit(path=path, shown=shown, size=size, host=host)
    try:
        head = _plain_head(opened(unit, frozenset()))
    except (OSError, ReadError, EOFError):
        return unit
    return replace(unit, early=names_machines(head))


def _plain_head(source: Opened) -> bytes:
    """Give the first bytes below a compression: rotated logs of leases are compressed like all others."""
    head = head_of(source)
    container = container_of(head, source.name)
    if container is None or container.name in _ARCHIVES:
        return head
    return next((head_of(member) for member in container.members(source, Limits().fresh(), Ledger())), b"")


def opened(unit: Unit, addresses: frozenset[str]) -> Opened:
    """Make the unit's file ready to be read."""
    path = unit.path
    try:
        modified = path.stat().st_mtime_ns // 1000
    except OSError:
        modified = None
    return Opened(
        path=unit.shown,
        name=path.name,
        # A path that a person names may be a link; one found in a folder never is.
        open=lambda: open_plain(path.resolve()),
        size=unit.size,
        local=path,
        modified=modified,
        host=unit.host,
        addresses=addresses,
    )

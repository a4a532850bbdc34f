"""The file systems that a library reads, behind one face. Runs in `server` only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.images.ext_slack import names_left
from nachsorge.evidence.images.layers import FAULTS, library, said
from nachsorge.evidence.images.nodes import DELETED, Fetch, Key, Node, Trouble, fits, joined
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.medium import Medium
    from nachsorge.model.times import Instant

_LINK = 0o120000
_FOLDER = 0o040000
_FILE = 0o100000
_TYPE = 0o170000
_BAD_IN_A_ROW = 64


@dataclass(frozen=True, slots=True)
class _Face:
    """How one library calls what all of them have. `number` is the attribute of a node, `by_number` finds it."""

    module: str
    number: str
    by_number: str
    modes: bool = True


_FACES = {
    "ext": _Face("pyfsext", "inode_number", "get_file_entry_by_inode"),
    "xfs": _Face("pyfsxfs", "inode_number", "get_file_entry_by_inode"),
    "hfs": _Face("pyfshfs", "identifier", "get_file_entry_by_identifier"),
    "apfs": _Face("pyfsapfs", "identifier", "get_file_entry_by_identifier"),
    "ntfs": _Face("pyfsntfs", "file_reference", "get_file_entry", modes=False),
}


def opened(kind: str, medium: Medium) -> Any:
    """Open a volume with its library; ReadError where it cannot be."""
    module = library(_FACES[kind].module)
    volume = module.container() if kind == "apfs" else module.volume()
    try:
        volume.open_file_object(medium)
    except FAULTS as error:
        raise ReadError(Reason.CORRUPT, f"cannot be opened: {said(error)}") from error
    return volume


class Walked:
    """A volume of any kind whose library gives a root directory and finds nodes by their number."""

    def __init__(self, kind: str, volume: Any, medium: Medium) -> None:
        """Take a volume that is open, and the medium that it lies on."""
        self.kind, self.volume, self.medium, self.face = kind, volume, medium, _FACES[kind]

    def nodes(self, trouble: Trouble) -> Iterator[Node | None]:
        """Walk from the root; a directory that was walked already is not walked again."""
        seen: set[int] = set()
        waiting: list[tuple[str, Any]] = [("", self._root())]
        while waiting:
            path, folder = waiting.pop()
            try:
                number = self._number(folder)
            except FAULTS:
                trouble.add(path)
                continue
            if number in seen:
                continue
            seen.add(number)
            yield None
            self._enter(number, folder, path)
            folders: list[tuple[str, Any]] = []
            for entry in self._entries(folder, path, trouble):
                yield from self._node(entry, path, folders, trouble)
            waiting += reversed(folders)
            yield from self._left(folder, path)

    def _enter(self, number: int, folder: Any, path: str) -> None:
        """Take note of a directory that is walked."""

    def _left(self, folder: Any, path: str) -> Iterator[Node]:
        """Give the names of deleted files that a directory still holds."""
        if self.kind == "ext":
            for name in names_left(self.medium, folder):
                yield Node(path=joined(path, name), key=None, why=DELETED)

    def _root(self) -> Any:
        try:
            root = self.volume.get_root_directory()
        except FAULTS as error:
            raise ReadError(Reason.CORRUPT, f"has no root directory that can be read: {said(error)}") from error
        if root is None:
            raise ReadError(Reason.CORRUPT, "has no root directory")
        return root

    def _number(self, entry: Any) -> int:
        number = int(getattr(entry, self.face.number))
        # A reference of NTFS holds the number of the record in its lower six bytes, behind them how often it was used.
        return number & 0xFFFFFFFFFFFF if self.kind == "ntfs" else number

    def _entries(self, folder: Any, path: str, trouble: Trouble) -> Iterator[Any]:
        bad = 0
        try:
            count = folder.get_number_of_sub_file_entries()
        except FAULTS:
            trouble.add(path or "/")
            return
        for index in range(count):
            try:
                entry = folder.get_sub_file_entry(index)
            except FAULTS:
                bad += 1
                trouble.add(f"{path or '/'} entry {index}")
                # A number of entries that is made up must not keep us here.
                if bad >= _BAD_IN_A_ROW:
                    return
                continue
            bad = 0
            if entry is not None:
                yield entry

    def _node(self, entry: Any, above: str, folders: list[tuple[str, Any]], trouble: Trouble) -> Iterator[Node]:
        try:
            name = entry.name
            if name in (None, "", ".", ".."):
                return
            path = joined(above, self._spelled(name))
            kind = self._type(entry)
        except FAULTS:
            trouble.add(f"{above or '/'} (an entry)")
            return
        if not fits(path):
            trouble.add(path[:80] + "...")
            return
        try:
            if kind == _FOLDER:
                folders.append((path, entry))
            if kind in (_FILE, _LINK):
                yield self._made(entry, path, kind)
            yield from self._streams(entry, path)
        except FAULTS:
            trouble.add(path)

    def _spelled(self, name: str) -> str:
        """Give the name as programs see it: what HFS+ keeps as a slash is a colon to them."""
        return name.replace("/", ":") if self.kind == "hfs" else name

    def _type(self, entry: Any) -> int:
        if self.face.modes:
            return int(entry.file_mode) & _TYPE
        if entry.symbolic_link_target is not None:
            return _LINK
        return _FOLDER if entry.has_directory_entries_index() else _FILE

    def _made(self, entry: Any, path: str, kind: int) -> Node:
        link = kind == _LINK
        return Node(
            path=path,
            key=None if link else self._number(entry),
            size=0 if link else int(entry.size or 0),
            modified=self._time(entry, "modification"),
            created=self._time(entry, "creation"),
            target=str(entry.symbolic_link_target or "") if link else None,
        )

    def _time(self, entry: Any, which: str) -> Instant | None:
        get = getattr(entry, f"get_{which}_time_as_integer", None)
        try:
            stamp = get() if get is not None else None
        except FAULTS:
            return None
        return _instant(self.kind, stamp) if stamp else None

    def _streams(self, entry: Any, path: str) -> Iterator[Node]:
        """List the further streams of a file, where its file system has such."""
        yield from ()

    def open(self, key: Key) -> Fetch:
        """Find a node by its number."""
        return stream_reader(self._found(int(key)))

    def _found(self, number: int) -> Any:
        entry = getattr(self.volume, self.face.by_number)(number)
        if entry is None:
            raise ReadError(Reason.CORRUPT, "is not where its directory says")
        return entry


def stream_reader(part: Any) -> Fetch:
    """Read a file, or one stream of it."""
    return lambda offset, size: bytes(part.read_buffer_at_offset(size, offset))


_FILETIME = 116_444_736_000_000_000
_HFS_EPOCH = 2_082_844_800
_LATEST = 253_402_300_799_999_999


def _instant(kind: str, stamp: int) -> Instant | None:
    match kind:
        case "ntfs":
            found = (stamp - _FILETIME) // 10
        case "hfs":
            found = (stamp - _HFS_EPOCH) * 1_000_000
        case _:
            found = stamp // 1000
    return found if 0 < found <= _LATEST else None

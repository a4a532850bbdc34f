"""NTFS: beside the files of the directories, their further streams, and the deleted ones that the MFT still names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nachsorge.evidence.images.filesystems import Walked, stream_reader
from nachsorge.evidence.images.layers import FAULTS
from nachsorge.evidence.images.nodes import DELETED, RECORDS, SYSTEM, Fetch, Key, Node, Trouble, fits, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.images.medium import Medium

LOST = "$OrphanFiles"
"""The folder of deleted files whose own folder is not known any more; the name that other tools use."""

_RECORD = 0xFFFFFFFFFFFF
_FILE_NAME = 0x30
_OWN = 24
"""The first so many records are the file system's own."""

_JOURNAL = "$J"
_READ = frozenset({"$MFT", f"$Extend/$UsnJrnl:{_JOURNAL}"})
"""Of the file system's own files, those that readers know: what was on the volume, and what happened on it."""

_SPARSE = 1
_STREAMS = 256
_ABOVE = 64
_BEAT = 4096
_SHADOWS = "{3808876b-c176-4e48-b7ae-04046e6cc752}"
"""The end of the names of files that hold shadow copies."""


class Ntfs(Walked):
    """A volume of NTFS."""

    def __init__(self, volume: Any, medium: Medium) -> None:
        """Take a volume that is open."""
        super().__init__("ntfs", volume, medium)
        self._folders: dict[int, tuple[str, int]] = {}

    def nodes(self, trouble: Trouble) -> Iterator[Node | None]:
        """Walk the directories, then the records of deleted files."""
        self._folders.clear()
        for node in super().nodes(trouble):
            if node is not None and node.path in _READ:
                node.why = RECORDS
            elif node is not None and _own(node):
                node.key, node.why = None, SYSTEM
            yield node
        yield from self._deleted(trouble)

    def open(self, key: Key) -> Fetch:
        """Find a file by its record, or a further stream of it by that and its place, from where its data begin."""
        number, colon, stream = str(key).partition(":")
        entry = self._found(int(number))
        if not colon:
            return stream_reader(entry)
        found = entry.get_alternate_data_stream(int(stream))
        read, start = stream_reader(found), _hole(found)
        return lambda offset, size: read(start + offset, size)

    def _enter(self, number: int, folder: Any, path: str) -> None:
        self._folders[number] = path, int(folder.file_reference) >> 48

    def _streams(self, entry: Any, path: str) -> Iterator[Node]:
        for index in range(min(entry.number_of_alternate_data_streams, _STREAMS)):
            stream = entry.get_alternate_data_stream(index)
            if stream.name == "WofCompressedData":
                continue  # the file's own bytes, compressed: given as such
            yield Node(
                path=f"{path}:{stream.name}",
                key=f"{self._number(entry)}:{index}",
                size=stream.size - _hole(stream),
                modified=self._time(entry, "modification"),
                stream=True,
            )

    def _deleted(self, trouble: Trouble) -> Iterator[Node | None]:
        """Give the files of records that are not in use any more, at the place where they were."""
        for number in range(_OWN, self.volume.number_of_file_entries):
            if number % _BEAT == 0:
                yield None
            try:
                entry = self.volume.get_file_entry(number)
                if entry.is_empty() or entry.is_allocated():
                    continue
                node = self._once(entry)
            except FAULTS:
                trouble.add(f"MFT record {number}")
                continue
            if node is not None:
                yield node

    def _once(self, entry: Any) -> Node | None:
        named = _name(entry)
        if named is None or entry.has_directory_entries_index():
            return None
        path = joined(self._above(named[1]), named[0])
        if not fits(path):
            return None
        size = int(entry.size or 0) if entry.has_default_data_stream() else 0
        modified = self._time(entry, "modification")
        created = self._time(entry, "creation")
        return Node(path=path, key=None, size=size, modified=modified, created=created, why=DELETED)

    def _above(self, reference: int) -> str:
        """Give the path of the folder that a deleted file lay in, itself deleted or not."""
        parts: list[str] = []
        for _ in range(_ABOVE):
            number, sequence = reference & _RECORD, reference >> 48
            if (known := self._folders.get(number)) is not None:
                # The record was used for another folder since: this one's name is not known any more.
                top = known[0] if known[1] == sequence else LOST
                return "/".join([top, *reversed(parts)] if top else reversed(parts))
            named = self._folder(number, sequence)
            if named is None:
                break
            parts.append(named[0].replace("/", "\\x2f"))
            reference = named[1]
        return "/".join([LOST, *reversed(parts)])

    def _folder(self, number: int, sequence: int) -> tuple[str, int] | None:
        try:
            entry = self.volume.get_file_entry(number)
            # A record's number of uses is raised when its file is deleted.
            same = int(entry.file_reference) >> 48 in (sequence, sequence + 1)
            return _name(entry) if same and not entry.is_empty() else None
        except FAULTS:
            return None


def _hole(stream: Any) -> int:
    """Give how many bytes of nothing a change journal begins with: what was in it and went, often many gigabytes."""
    if stream.name != _JOURNAL:
        return 0
    start = 0
    for index in range(stream.number_of_extents):
        _, size, flags = stream.get_extent(index)
        if not flags & _SPARSE:
            break
        start += int(size)
    return min(start, int(stream.size))


def _own(node: Node) -> bool:
    top = node.path.partition("/")[0]
    number = int(str(node.key).partition(":")[0]) if node.key is not None else _OWN
    return number < _OWN or top == "$Extend" or (top == "System Volume Information" and node.path.endswith(_SHADOWS))


def _name(entry: Any) -> tuple[str, int] | None:
    """Give a record's name and the reference of its folder; the long name where it has a short one as well."""
    names: list[tuple[str, int]] = []
    for index in range(min(entry.number_of_attributes, _STREAMS)):
        attribute = entry.get_attribute(index)
        if attribute.attribute_type == _FILE_NAME:
            names.append((str(attribute.name), int(attribute.parent_file_reference)))
    return max(names, key=lambda each: len(each[0]), default=None)

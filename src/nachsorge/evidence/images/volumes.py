"""The volumes on a disk: partitions, logical volumes of LVM, volumes of APFS, shadow copies. Runs in `server` only.

A volume that cannot be read is reported with its place and kind; nothing is passed over in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.images import apfs, xfs
from nachsorge.evidence.images.fat import Fat
from nachsorge.evidence.images.filesystems import Walked, opened
from nachsorge.evidence.images.iso import Iso
from nachsorge.evidence.images.layers import FAULTS, library, said
from nachsorge.evidence.images.lvm import PLAIN, group_of
from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.images.nodes import FileSystem
from nachsorge.evidence.images.ntfs import Ntfs
from nachsorge.evidence.images.signs import FROM_THE_FIRST, LOOK, UNREAD, is_gpt, is_partitioned, volume_kind
from nachsorge.evidence.images.sums import Summed
from nachsorge.evidence.images.tables import Partition, partitions
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SHADOWS = 128
_SCANNED = 64 * 1024 * 1024
_ON_ONE_DISK = 256
_DISC = 2048
_VIEWS = (16, 48)
"""The blocks of a disc in which its views are announced."""

_NAMES = {"ext": "ext2-4", "hfs": "HFS+"}


@dataclass(slots=True)
class Volumes:
    """What was found: file systems with label and kind, what could not be read, and what is worth saying."""

    systems: list[tuple[str, str, FileSystem]] = field(default_factory=list)
    gaps: list[tuple[Reason, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, disk: Medium) -> None:
        """Look through a disk, by its partition table where it has one."""
        if not disk.size:
            self.gaps.append((Reason.CORRUPT, "the image states a disk of no bytes"))
            return
        head = disk.at(0, LOOK)
        kind = volume_kind(head)
        if not is_partitioned(head) or (kind in FROM_THE_FIRST and not is_gpt(head)):
            self._volume("volume", disk)
            return
        if kind:
            # What a disk was used for before it was partitioned is often still there.
            self.notes.append(f"a mark of {kind} before the first partition, not followed")
        problems: list[str] = []
        found = partitions(disk, problems)
        self.gaps += [(Reason.CORRUPT, problem) for problem in problems]
        if not found and not problems:
            self.gaps.append((Reason.CORRUPT, "a partition table without a partition"))
        for partition in found:
            self._partition(partition, disk)

    def _partition(self, partition: Partition, disk: Medium) -> None:
        label = f"p{partition.number}"
        if partition.start >= disk.size:
            self.gaps.append((Reason.TRUNCATED, f"{label}: begins behind the end of the image"))
            return
        if partition.start + partition.size > disk.size:
            self.gaps.append((Reason.TRUNCATED, f"{label}: ends behind the end of the image"))
        medium = disk.part(partition.start, partition.size)
        if partition.fileless and not volume_kind(medium.at(0, LOOK)):
            self.notes.append(f"{label}: {partition.fileless}, holds no files")
        else:
            self._volume(label, medium)

    def _volume(self, label: str, medium: Medium, depth: int = 0) -> None:
        try:
            self._of_kind(label, medium, depth)
        except ReadError as error:
            self.gaps.append((error.reason, f"{label}: {error.note}"))
        except FAULTS as error:
            self.gaps.append((Reason.CORRUPT, f"{label}: {said(error)}"))

    def _of_kind(self, label: str, medium: Medium, depth: int) -> None:
        kind = volume_kind(medium.at(0, LOOK))
        match kind:
            case "swap":
                self.notes.append(f"{label}: swap, not searched")
            case "lvm" if depth == 0:
                self._lvm(label, medium)
            case "apfs":
                self._apfs(label, medium)
            case "fat":
                self._add(label, "FAT", Fat(medium))
            case "iso":
                self._add(label, "ISO 9660", Iso(medium))
                self._udf(label, medium)
            case "ntfs":
                self._add(label, "NTFS", Ntfs(opened("ntfs", medium), medium))
                self._shadows(label, medium)
            case "xfs":
                sums = xfs.watched(xfs.as_readable(medium))
                self._add(label, "XFS", Summed(kind, opened(kind, sums.medium), sums))
            case "ext" | "hfs":
                self._add(label, _NAMES[kind], Walked(kind, opened(kind, medium), medium))
            case _:
                self._unread(label, kind, medium)

    def _add(self, label: str, what: str, system: FileSystem) -> None:
        if len(self.systems) >= _ON_ONE_DISK:
            raise ReadError(Reason.LIMIT, f"more than {_ON_ONE_DISK} volumes in one image")
        self.systems.append((label, what, system))

    def _unread(self, label: str, kind: str, medium: Medium) -> None:
        if kind in UNREAD:
            what, reason = UNREAD[kind]
            more = ", encrypted: unlock it and give the plain volume" if reason is Reason.ENCRYPTED else ", not read"
            self.gaps.append((reason, f"{label}: {what}{more}"))
        elif medium.size <= _SCANNED and not any(medium.at(0, medium.size).strip(b"\0")):
            self.notes.append(f"{label}: holds nothing but zeros")
        else:
            self.gaps.append((Reason.UNKNOWN_FORMAT, f"{label}: {medium.size} bytes of no file system that is known"))

    def _udf(self, label: str, medium: Medium) -> None:
        """Say where a disc has a second view, which may hold more: that of Windows' installation discs does."""
        marks = medium.at(_VIEWS[0] * _DISC, (_VIEWS[1] - _VIEWS[0]) * _DISC)
        if any(marks[at + 1 : at + 5] == b"NSR0" for at in range(0, len(marks), _DISC)):
            self.gaps.append((Reason.NOT_SUPPORTED, f"{label}: the disc has a UDF view as well, which was not read"))

    def _lvm(self, label: str, medium: Medium) -> None:
        group = group_of(medium)
        if group.disks != 1:
            raise ReadError(Reason.MISSING, f"LVM over {group.disks} disks, which is not read from one of them")
        handle = library("pyvslvm").handle()
        handle.open_file_object(medium)
        handle.open_physical_volume_files_as_file_objects([medium])
        for index, volume in enumerate(handle.get_volume_group().logical_volumes, start=1):
            name = f"{label}-{_plain(volume.name) or index}"
            kinds = group.kinds.get(volume.name or "", frozenset())
            if kinds != PLAIN:
                what = ", ".join(sorted(kinds)) or "unknown"
                self.gaps.append((Reason.NOT_SUPPORTED, f"{name}: a logical volume of the kind {what}, not read"))
                continue
            self._volume(name, Medium(_reader(volume, handle), volume.size), depth=1)

    def _apfs(self, label: str, medium: Medium) -> None:
        sums = apfs.watched(medium)
        container = opened("apfs", sums.medium)
        for index in range(min(container.number_of_volumes, _ON_ONE_DISK)):
            volume = container.get_volume(index)
            name = f"{label}-{_plain(volume.name) or index + 1}"
            if volume.is_locked():
                self.gaps.append((Reason.ENCRYPTED, f"{name}: an APFS volume, encrypted (FileVault)"))
            else:
                self._add(name, "APFS", Summed("apfs", volume, sums))
        self.notes.append(f"{label}: snapshots of APFS, if there are any, were not looked at")

    def _shadows(self, label: str, medium: Medium) -> None:
        shadow = library("pyvshadow")
        if not shadow.check_volume_signature_file_object(medium):
            return
        try:
            volume = shadow.volume()
            volume.open_file_object(medium)
            count = volume.number_of_stores
        except FAULTS as error:
            self.gaps.append((Reason.CORRUPT, f"{label}: its shadow copies cannot be listed: {said(error)}"))
            return
        for index in range(min(count, MOST_SHADOWS)):
            self._shadow(f"{label}-shadow{index + 1}", volume, index)
        if count > MOST_SHADOWS:
            self.gaps.append((Reason.LIMIT, f"{label}: {count} shadow copies, the first {MOST_SHADOWS} were read"))

    def _shadow(self, label: str, volume: Any, index: int) -> None:
        try:
            store = volume.get_store(index)
            self.notes.append(f"{label}: a shadow copy of {store.creation_time:%Y-%m-%d %H:%M:%S} UTC")
            medium = Medium(_reader(store, volume), store.volume_size)
            self._add(label, "NTFS", Ntfs(opened("ntfs", medium), medium))
        except ReadError as error:
            self.gaps.append((error.reason, f"{label}: {error.note}"))
        except FAULTS as error:
            self.gaps.append((Reason.CORRUPT, f"{label}: {said(error)}"))


def _reader(part: Any, kept: Any) -> Callable[[int, int], bytes]:
    """Read a part of something that has to stay open as long."""

    def fetch(offset: int, size: int) -> bytes:
        return bytes(part.read_buffer_at_offset(size, offset)) if kept is not None else b""

    return fetch


def _plain(name: str | None) -> str:
    return (name or "").replace("/", "_").strip()

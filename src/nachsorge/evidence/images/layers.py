"""From the files of an image to the disk in it, by the libraries of the extra `images`. Runs in `server` only."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.images.ewf2 import SIGNATURE, is_encrypted
from nachsorge.evidence.images.medium import Medium, of_file, of_files
from nachsorge.evidence.images.qcow import disk_of_qcow
from nachsorge.evidence.images.signs import LOOK, image_kind, refused
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

FAULTS = (OSError, ValueError, OverflowError, TypeError, RuntimeError, MemoryError)
"""What the libraries raise for anything that is wrong with the evidence."""

_DIFFERENTIAL = 4
"""pyvhdi's number of a VHD or VHDX disk that holds only what differs from another one."""


def library(name: str) -> Any:
    """Import one of the extra's libraries; ReadError with MISSING_EXTRA where it is not installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ReadError(Reason.MISSING_EXTRA, f"needs {name}: pip install 'nachsorge[images]'") from error


def disk_of(descriptors: Sequence[int], name: str) -> Medium:
    """Give the disk in an image; ReadError where there is none that can be read.

    `descriptors` are the open files of the image in their order, `name` is the first one's.
    """
    head = of_file(descriptors[0]).at(0, LOOK)
    kind = image_kind(head, name)
    if (no := refused(head)) is not None:
        raise ReadError(no.reason, f"{no.what}, which is not read")
    try:
        return _OPENERS[kind](descriptors)
    except FAULTS as error:
        raise ReadError(Reason.CORRUPT, f"the image cannot be opened: {said(error)}") from error


def said(error: BaseException) -> str:
    """Give what a library says in one line: its first sentence is the call, then come the cause and who called it."""
    call, _, rest = " ".join(str(error).split()).rstrip(". ").partition(". ")
    return (rest.partition(". ")[0] or call)[:200] or type(error).__name__


def _medium(handle: Any, size: int) -> Medium:
    return Medium(lambda offset, wanted: bytes(handle.read_buffer_at_offset(wanted, offset)), int(size))


def _ewf(descriptors: Sequence[int]) -> Medium:
    files = [of_file(descriptor) for descriptor in descriptors]
    if files[0].at(0, len(SIGNATURE)) == SIGNATURE and any(map(is_encrypted, files)):
        raise ReadError(Reason.ENCRYPTED, "an EnCase image (Ex01), encrypted: unlock it and give a plain image")
    handle = library("pyewf").handle()
    handle.open_file_objects(files)
    disk = _medium(handle, handle.media_size)
    stated = ((name.lower(), str(handle.get_hash_value(name) or "").lower()) for name in ("MD5", "SHA1"))
    disk.checksum = next((each for each in stated if each[1]), ("", ""))
    return disk


def _qcow(descriptors: Sequence[int]) -> Medium:
    return disk_of_qcow(of_file(descriptors[0]))


def _vhd(descriptors: Sequence[int]) -> Medium:
    handle = library("pyvhdi").file()
    handle.open_file_object(of_file(descriptors[0]))
    if handle.disk_type == _DIFFERENTIAL or handle.parent_identifier:
        _alone(handle.parent_filename or "another disk")
    return _medium(handle, handle.media_size)


def _vmdk(descriptors: Sequence[int]) -> Medium:
    handle = library("pyvmdk").handle()
    handle.open_file_object(of_file(descriptors[0]))
    _alone(handle.parent_filename)
    extents = descriptors if len(descriptors) == 1 else descriptors[1:]
    handle.open_extent_data_files_as_file_objects([of_file(descriptor) for descriptor in extents])
    return _medium(handle, handle.media_size)


def _dmg(descriptors: Sequence[int]) -> Medium:
    whole = of_file(descriptors[0])
    if whole.at(0, 4) != b"sprs" and whole.at(whole.size - 512, 4) != b"koly":
        raise ReadError(Reason.NOT_SUPPORTED, "named .dmg, but not an Apple disk image that can be read")
    handle = library("pymodi").handle()
    handle.open_file_object(whole)
    return _medium(handle, handle.media_size)


def _alone(other: object) -> None:
    if other:
        raise ReadError(Reason.MISSING, f"holds only what differs from {str(other)[:200]}; join the two first")


_OPENERS = {"ewf": _ewf, "qcow": _qcow, "vhd": _vhd, "vmdk": _vmdk, "dmg": _dmg, "raw": of_files}

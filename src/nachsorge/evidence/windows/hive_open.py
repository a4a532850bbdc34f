"""Opening a registry hive as evidence: with the transaction logs that lie beside it, and an account of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.siblings import beside, neighbour, reachable
from nachsorge.evidence.windows.hive import Hive
from nachsorge.evidence.windows.hive_logs import header_of, replay
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened

LARGEST = 512 * 1024 * 1024
_LOGS = (".log1", ".log2", ".log")


def open_hive(source: Opened, ledger: Ledger) -> Hive | None:
    """Read a hive and bring it up to date; None for a transaction log, which is no hive.

    A dirty hive is read as it is where its logs are not there or cannot be applied, and that is a gap (MISSING,
    CORRUPT): its newest changes were not seen. In an archive whose other members cannot be asked for, that is
    NOT_SUPPORTED. Raises ReadError.
    """
    ledger.platform = Platform.WINDOWS
    with source.open() as stream:
        data = read_whole(stream, LARGEST)
    head = header_of(data)
    if head is None:
        raise ReadError(Reason.TRUNCATED, "ends within the first block of a registry hive")
    if head.type:
        _log(source, ledger)
        return None
    if not head.dirty:
        return Hive(data)
    logs = _beside(source)
    renewed = replay(data, logs)
    if renewed.applied:
        ledger.notes.append(f"{renewed.applied} entries of its transaction logs were applied")
    if not renewed.applied or renewed.why:
        _behind(source, ledger, len(logs), renewed.why)
    return Hive(renewed.data)


def _behind(source: Opened, ledger: Ledger, logs: int, why: str) -> None:
    if logs:
        ledger.gap(Reason.CORRUPT, f"the hive is dirty and {why}: its newest changes were not seen")
    elif not reachable(source):
        note = "the hive is dirty; its transaction logs cannot be reached within an archive: unpack it"
        ledger.gap(Reason.NOT_SUPPORTED, note)
    else:
        ledger.gap(Reason.MISSING, "the hive is dirty and its .LOG1/.LOG2 are not beside it: newest changes not seen")


def _log(source: Opened, ledger: Ledger) -> None:
    """Account for a transaction log: it is read together with its hive, or not at all."""
    name = source.name.lower()
    bare = next((name.removesuffix(end) for end in _LOGS if name.endswith(end)), "")
    if bare and beside(source, bare) is not None:
        ledger.notes.append("a transaction log: read together with its hive")
    else:
        ledger.gap(Reason.NOT_SUPPORTED, "a registry transaction log without its hive beside it: not read")


def _beside(source: Opened) -> list[bytes]:
    logs: list[bytes] = []
    for end in _LOGS:
        log = neighbour(source, end)
        if log is not None:
            with log.open() as stream:
                logs.append(read_whole(stream, LARGEST))
    return logs

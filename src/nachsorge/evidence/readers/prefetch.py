r"""Windows prefetch files (`*.pf`), versions 17 to 31, plain or compressed (`MAM`): a program that ran, and when.

It proves that a program of this name ran on this machine, how often, and its last run (up to eight last runs from
Windows 8 on), each a record. The files that Windows loaded within about ten seconds of the start are values of the
newest one. It never clears and covers no time: only some hundred to a thousand programs are kept, servers keep none,
and files are deleted. The library `libscca` is needed (extra `windows`); without it the file is recognised and named
as unread.
"""

from __future__ import annotations

import io
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nachsorge.evidence.clocks import filetime
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.expendable import deadline
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

pyscca: Any
try:
    pyscca = import_module("pyscca")
except ImportError:  # the extra `windows` is not installed, or there is no wheel for this platform (design, section 7)
    pyscca = None

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

LARGEST = 64 * 1024 * 1024
INSTALL = "reading prefetch files needs an extra: pip install 'nachsorge[windows]'"
_RUNS = 8
_VOLUME = re.compile(r"\\(?:VOLUME\{[0-9A-Fa-f-]+\}|DEVICE\\HARDDISKVOLUME\d+)(?=\\)", re.IGNORECASE)


class Prefetch:
    """Reader of prefetch files."""

    name = "prefetch"
    telemetry: tuple[Telemetry, ...] = (Telemetry.PROGRAM_EXECUTION,)
    tells = Tells(
        proves="that a program of this name ran, how often, when last (up to eight times), and which files it loaded "
        "in its first seconds",
        rules_out="nothing: only some hundred programs are kept, servers keep none, and files are deleted",
        not_told="arguments, hashes, who ran it; earlier runs than the last eight; the drive letter",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the signature, at byte 4, or that of a compressed file."""
        if head[4:8] == b"SCCA":
            return 97
        return 90 if head[:3] == b"MAM" and name.lower().endswith(".pf") else 60 if head[:4] == b"MAM\x04" else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a run that is remembered, newest first; ReadError where the file cannot be decoded."""
        ledger.platform = Platform.WINDOWS
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        if data[:3] == b"MAM" and int.from_bytes(data[4:8], "little") > LARGEST:
            raise ReadError(Reason.LIMIT, f"unpacks to more than {LARGEST} bytes")
        if pyscca is None:
            raise ReadError(Reason.MISSING_EXTRA, INSTALL)
        with deadline():
            event, files, times = _decoded(data)
        for number, time in enumerate(times or [None]):
            ledger.count(Telemetry.PROGRAM_EXECUTION, 1, source.host)
            yield _record(event, files if number == 0 else [], time, number + 1, source.host)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """No file: see `control_records`."""
        return None

    def control_records(self, plant: Plant) -> Iterator[Record]:
        """Make what a decoded file becomes: there is no writer of prefetch files."""
        if pyscca is not None:
            name = plant.path.rpartition("\\")[2]
            yield _record({"executable": name, "runs": "1"}, [plant.path], None, 1, None)


def _decoded(data: bytes) -> tuple[dict[str, str], list[str], list[Instant]]:
    """Give the fields, the loaded files, and the times of runs, newest first."""
    file: Any = pyscca.file()
    try:
        file.open_file_object(io.BytesIO(data))
        times = _times(file)
        event = {
            "executable": str(file.executable_filename or ""),
            "runs": str(file.run_count),
            "format": str(file.format_version),
            "hash": f"{file.prefetch_hash:08X}",
        }
        files = [str(name) for name in file.filenames]
        event["files"] = str(len(files))
        return event, files, times
    except (OSError, MemoryError, ValueError, OverflowError, TypeError, RuntimeError) as error:
        text = " ".join(str(error).split())[:200]
        raise ReadError(Reason.CORRUPT, f"not a readable prefetch file: {text}") from error
    finally:
        _close(file)


def _times(file: Any) -> list[Instant]:
    # Up to version 23 there is one time, and the library refuses to be asked for more.
    count = 1 if file.format_version < 26 else _RUNS
    found = (filetime(file.get_last_run_time_as_integer(index)) for index in range(count))
    return [time for time in found if time is not None]


def _close(file: Any) -> None:
    try:
        file.close()
    except OSError:
        return  # it was never opened


def _record(event: dict[str, str], files: list[str], time: Instant | None, number: int, host: str | None) -> Record:
    name = event["executable"]
    own = [_drive(path) for path in files if path.upper().endswith("\\" + name.upper())][:1] or [name]
    values = [Value(Kind.PATH, "executable", own[0])]
    values += [Value(Kind.PATH, "file", _drive(path)) for path in files if _drive(path) != own[0]]
    return Record(
        telemetry=Telemetry.PROGRAM_EXECUTION,
        locator=f"run {number}",
        time=time,
        values=tuple(values),
        event={"proves": "execution", "path": own[0], **event, **({"time": render(time)} if time is not None else {})},
        host=host,
        product="windows",
    )


def _drive(path: str) -> str:
    r"""Write `?:` for a volume: which drive letter it had does not stand in the file."""
    return _VOLUME.sub("?:", path, count=1)

r"""Bodyfiles: a file system as one line a file, as UAC, The Sleuth Kit's `fls -m` and `mac-robber` write it.

    MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime

Times are seconds since 1970, UTC; 0 is none. A name may be followed by ` -> target`, and by what The Sleuth Kit says of
it (`(deleted)`, `($FILE_NAME)`). Each line proves a name, and a hash where one was taken. It covers nothing: which
folders were left out, and when the list was made, does not stand in it. Layout: The Sleuth Kit, "Body file", version 3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.lines import Plain, read_lines
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.stamps import plausible
from nachsorge.evidence.text import lenient
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import SECOND, render
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_STAMP = rb"-?\d{0,20}(?:\.\d{1,9})?"
_ROW = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:0|[0-9A-Fa-f]{32})\|[^\r\n]+\|[^|\r\n]*\|[^|\r\n]*\|[^|\r\n]*\|[^|\r\n]*\|\d*"
    rb"(?:\|" + _STAMP + rb"){4}\s*\Z"
)
_SAID = re.compile(r" \((deleted(?:-realloc)?|\$FILE_NAME|[^()]{1,80}, [^()]{1,80})\)\Z")
_TIMES = ("atime", "mtime", "ctime", "crtime")
_MD5 = re.compile(r"[0-9a-f]{32}\Z")
_LATEST = 253_402_300_799


class Bodyfile:
    """Reader of lists of a file system's files."""

    name = "bodyfile"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.FILESYSTEM,)
    tells = Tells(
        proves="a file of this path and size was there, or had been (`deleted`), with its times and, where one was "
        "taken, its MD5",
        rules_out="nothing: which folders were left out, and when the list was made, does not stand in it",
        not_told="contents; hashes, by most tools; when a deleted file was deleted",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines of eleven columns that end in four times."""
        lines = [line for line in head.split(b"\n", 51)[:50] if line.strip() and not line.startswith(b"#")]
        if len(head) >= 65536 and len(lines) > 1:
            lines.pop()
        fitting = sum(1 for line in lines if _ROW.match(line))
        return 82 if fitting and fitting * 10 >= len(lines) * 9 else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted files."""
        yield from read_lines(source, _Rows(source.host), sieve, ledger)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a list of one file with the planted path."""
        return f"0|{plant.path}|1|-rw-r--r--|0|0|1|1680000000|1680000000|1680000000|1680000000\n".encode()


class _Rows(Plain):
    directive = b"#"
    telemetry = Telemetry.FILESYSTEM
    shape = re.compile(_ROW.pattern.removesuffix(rb"\s*\Z") + rb"[\t\r ]*(?:\n|\Z)")
    sensor = False
    expects_time = False

    def __init__(self, host: str | None) -> None:
        self.host = host

    def time(self, line: bytes) -> Instant | None:
        """Give no time to the account: when a file was changed says nothing of when the list was made."""
        return None

    def parse(self, line: bytes, locator: str) -> Record | None:
        """Take a line apart from both ends: a name may hold the bar that parts columns."""
        cells = lenient(line.removeprefix(b"\xef\xbb\xbf")).strip("\r").rsplit("|", 9)
        md5, bar, named = cells[0].partition("|")
        if len(cells) != 10 or not bar:
            return None
        path, target, said = _name(named)
        event = {"path": path, "name": last_part(path), "size": cells[5], "mode": cells[2]}
        stamps = {key: _time(cell) for key, cell in zip(_TIMES, cells[6:], strict=True)}
        event |= {key: render(time) for key, time in stamps.items() if time is not None}
        event |= {"target": target} if target else {}
        event |= {"deleted": "yes"} if said.startswith("deleted") else {}
        values = [Value(Kind.PATH, "path", path)]
        values += [Value(Kind.TEXT, "target", target)] if target else []
        if _MD5.match(md5.lower()) and md5.strip("0"):
            event["md5"] = md5.lower()
            values.append(Value(Kind.HASH, "md5", md5.lower()))
        return Record(
            telemetry=Telemetry.FILESYSTEM,
            locator=locator,
            time=stamps["mtime"],
            values=tuple(values),
            event=event,
            host=self.host,
        )


def _name(text: str) -> tuple[str, str, str]:
    """Give path, target of a link, and what the tool says of the file; `stat` may have put both names in quotes."""
    found = _SAID.search(text)
    bare, said = (text[: found.start()], found[1]) if found else (text, "")
    path, _, target = bare.partition(" -> ")
    return _unquoted(path), _unquoted(target), said


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _time(text: str) -> Instant | None:
    try:
        seconds = float(text or 0)
    except ValueError:
        return None
    return plausible(round(seconds * SECOND)) if 0 < seconds <= _LATEST else None

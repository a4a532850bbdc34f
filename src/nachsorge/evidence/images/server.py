"""The process in which an image is read: `python -m nachsorge.evidence.images.server NAME DESCRIPTOR...`.

It is given open files and nothing else to do: it may write no file, and only so much memory. It answers requests on
standard input, one JSON line each, with lines on standard output, bytes behind them:

    {"do": "list"}                              -> lines of nodes, gaps, notes; {"end": true}
    {"do": "read", "key": ..., "at": 0, "size": 9} -> {"bytes": 9} and the bytes, or {"fault": [reason, note]}

A library that crashes or never ends takes this process along; the other side (`session`) says so.
"""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import sys
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.evidence.images.layers import FAULTS, disk_of, said
from nachsorge.evidence.images.nodes import DELETED, Fetch, FileSystem, Node, Trouble
from nachsorge.evidence.images.volumes import Volumes
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.evidence.images.medium import Medium

MEMORY = 4 * 1024**3
MOST = 5_000_000
"""So many files of one image are listed."""

_ALIVE = {"alive": True}
_HELD = 16
_AT_ONCE = 1024 * 1024


class Server:
    """Answers for one image."""

    def __init__(self, name: str, descriptors: Sequence[int], out: BinaryIO) -> None:
        """Find the volumes; what is wrong with the image itself is told when it is listed."""
        self._out = out
        self._volumes = Volumes()
        self._held: dict[str, Fetch] = {}
        self._disk: Medium | None = None
        try:
            self._disk = disk_of(descriptors, name)
            self._volumes.notes += self._disk.notes
            self._volumes.find(self._disk)
        except ReadError as error:
            self._volumes.gaps.append((error.reason, error.note))
        except FAULTS as error:
            self._volumes.gaps.append((Reason.CORRUPT, said(error)))

    def listing(self) -> None:
        """Write all nodes, volume by volume, then the end."""
        count = 0
        if self._disk is not None and self._disk.checksum is not None:
            self._verify(self._disk, *self._disk.checksum)
        for reason, note in self._volumes.gaps:
            self._line({"gap": [reason, note]})
        for note in self._volumes.notes:
            self._line({"note": note})
        for number, (label, what, system) in enumerate(self._volumes.systems):
            count = self._list(number, label, what, system, count)
        self._line({"end": True})

    def _verify(self, disk: Medium, name: str, stated: str) -> None:
        """Compare the disk with the checksum in its image: the library gives damaged parts without a word."""
        if not stated:
            self._line({"note": "the image states no checksum of the disk, so damage could not be told"})
            return
        engine = hashlib.new(name, usedforsecurity=False)
        try:
            for at in range(0, disk.size, _AT_ONCE):
                engine.update(disk.at(at, _AT_ONCE))
                self._line(_ALIVE)
        except FAULTS as error:
            self._line({"gap": [Reason.CORRUPT, f"the disk cannot be read to its end: {said(error)}"]})
            return
        if engine.hexdigest() == stated:
            self._line({"note": f"the disk is as it was acquired ({name.upper()} {stated})"})
        else:
            note = f"the disk is not as it was acquired: its {name.upper()} is not the one that the image states"
            self._line({"gap": [Reason.CORRUPT, note]})

    def _list(self, number: int, label: str, what: str, system: FileSystem, before: int) -> int:
        trouble, kinds = Trouble(), Counter[str]()
        try:
            for node in system.nodes(trouble):
                if before + kinds.total() >= MOST:
                    raise ReadError(Reason.LIMIT, f"more than {MOST} files; the rest was not looked at")
                self._line(_ALIVE if node is None else _wire(number, label, node))
                if node is not None:
                    kinds["stream" if node.stream else "deleted" if node.why == DELETED else "file"] += 1
        except ReadError as error:
            self._line({"gap": [error.reason, f"{label}: {error.note}"]})
        except FAULTS as error:
            self._line({"gap": [Reason.CORRUPT, f"{label}: not listed to its end: {said(error)}"]})
        self._line({"note": f"{label}: {what}, {_counted(kinds)}"})
        if trouble.count:
            places = ", ".join(trouble.places) + (", ..." if trouble.count > len(trouble.places) else "")
            self._line({"gap": [Reason.CORRUPT, f"{label}: {trouble.count} entries cannot be read: {places}"]})
        return before + kinds.total()

    def read(self, key: str, at: int, size: int) -> None:
        """Write bytes of one file."""
        try:
            data = self._file(key)(at, min(size, _AT_ONCE))
        except ReadError as error:
            self._line({"fault": [error.reason, error.note]})
        except FAULTS as error:
            self._line({"fault": [Reason.CORRUPT, said(error)]})
        else:
            self._line({"bytes": len(data)})
            self._out.write(data)

    def _file(self, key: str) -> Fetch:
        found = self._held.pop(key, None)
        if found is None:
            number, _, rest = key.partition("|")
            found = self._volumes.systems[int(number)][2].open(rest)
        self._held[key] = found
        if len(self._held) > _HELD:
            del self._held[next(iter(self._held))]
        return found

    def _line(self, what: object) -> None:
        self._out.write(json.dumps(what).encode() + b"\n")
        if what == _ALIVE:
            self._out.flush()


def _counted(kinds: Counter[str]) -> str:
    parts = [f"{kinds['file']} files"]
    parts += [f"{kinds['stream']} further streams of them"] if kinds["stream"] else []
    parts += [f"{kinds['deleted']} names of deleted files"] if kinds["deleted"] else []
    return ", ".join(parts)


def _wire(number: int, label: str, node: Node) -> dict[str, object]:
    key = None if node.key is None else f"{number}|{node.key}"
    path = f"{label}/{node.path}"
    return {"node": [path, key, node.size, node.modified, node.created, node.target, node.why]}


def _confine() -> None:
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # some systems do not let a process limit this
            resource.setrlimit(what, (most, most))


def main() -> None:
    """Serve until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other side ends us, by closing our input
    _confine()
    out = sys.stdout.buffer
    server = Server(sys.argv[1], [int(word) for word in sys.argv[2:]], out)
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if order["do"] == "list":
            server.listing()
        else:
            server.read(order["key"], order["at"], order["size"])
        out.flush()


if __name__ == "__main__":
    main()

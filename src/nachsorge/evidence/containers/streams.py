"""Streams over unpacked bytes that keep what came before the damage.

`io.BufferedReader` throws away what it has gathered when the stream below it fails. Evidence is often cut off, so
these streams give the gathered bytes first and raise at the next read; the error stays, every further read raises it.
A short answer of `read(n)` therefore means the end only if the next one is empty: `read_whole` does that.
"""

from __future__ import annotations

import io
import os
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 256 * 1024
IN_MEMORY = 64 * 1024 * 1024
"""Up to here a spooled member stays in memory; a larger one goes to an unnamed temporary file."""


class Stream(io.BufferedIOBase):
    """What the streams here share: `_more` gives the next bytes, b"" at the end, or raises."""

    def __init__(self) -> None:
        super().__init__()
        self._rest = b""
        self._pos = 0
        self._end = 0
        self._fault: ReadError | OSError | EOFError | None = None

    def _more(self) -> bytes:
        raise NotImplementedError

    def _fill(self, gathered: bool) -> bool:
        """Have bytes at hand, or say that there are none; raises only where nothing gathered would be lost."""
        if self._pos < len(self._rest):
            return True
        if self._fault is None:
            try:
                self._rest, self._pos = self._more(), 0
                self._end += len(self._rest)
            except (ReadError, OSError, EOFError) as fault:
                self._rest, self._pos, self._fault = b"", 0, fault
        if self._fault is not None and not gathered:
            raise self._fault
        return bool(self._rest)

    def _take(self, size: int) -> bytes:
        piece = self._rest[self._pos : self._pos + size]
        self._pos += len(piece)
        if self._pos == len(self._rest):
            self._rest, self._pos = b"", 0
        return piece

    def read(self, size: int | None = -1, /) -> bytes:
        """Give up to `size` bytes, fewer only before the end or damage; all of them, or the error, without a size."""
        everything = size is None or size < 0
        wanted = -1 if size is None else size
        parts: list[bytes] = []
        while (everything or wanted > 0) and self._fill(bool(parts) and not everything):
            parts.append(self._take(len(self._rest) if everything else wanted))
            wanted -= len(parts[-1])
        return b"".join(parts)

    def read1(self, size: int = -1, /) -> bytes:
        """Give what is at hand, at most `size` bytes."""
        return self._take(size if size >= 0 else CHUNK) if size != 0 and self._fill(False) else b""

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer, as far as `read` would; each piece is copied to where it belongs, and to nowhere before."""
        view, done = memoryview(buffer).cast("B"), 0
        while done < len(view) and self._fill(done > 0):
            size = min(len(self._rest) - self._pos, len(view) - done)
            view[done : done + size] = memoryview(self._rest)[self._pos : self._pos + size]
            done, self._pos = done + size, self._pos + size
            if self._pos == len(self._rest):
                self._rest, self._pos = b"", 0
        return done

    def readline(self, size: int | None = -1, /) -> bytes:
        """Give one line; the last one before damage may lack its end."""
        left = -1 if size is None else size
        parts: list[bytes] = []
        while left != 0 and self._fill(bool(parts)):
            cut = self._rest.find(b"\n", self._pos) + 1 or len(self._rest)
            parts.append(self._take(min(cut - self._pos, left) if left > 0 else cut - self._pos))
            left -= len(parts[-1]) if left > 0 else 0
            if parts[-1].endswith(b"\n"):
                break
        return b"".join(parts)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes: all streams here are, some at the price of a temporary file."""
        return True

    def tell(self) -> int:
        """Give the offset of the next byte."""
        return self._end - (len(self._rest) - self._pos)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to an offset."""
        target = max(offset + (0, self.tell(), self._length() if whence == os.SEEK_END else 0)[whence], 0)
        if target != self.tell():
            self._settle()
            self._rest, self._pos, self._end, self._fault = b"", 0, target, None
        return target

    def _length(self) -> int:
        raise NotImplementedError

    def _settle(self) -> None:
        """Make ready for reading anywhere."""


class Window(Stream):
    """Reads anywhere in bytes of a known size through `fetch(offset, size)`; `fault` is raised behind the last one."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int, done: Callable[[], None] | None = None) -> None:
        """Give bytes 0 to `size`; `done` is called on closing."""
        super().__init__()
        self._fetch, self._size, self._done = fetch, size, done
        self.fault: ReadError | EOFError | None = None

    def _more(self) -> bytes:
        if self._end >= self._size:
            if self.fault is not None:
                raise self.fault
            return b""
        data = self._fetch(self._end, min(CHUNK, self._size - self._end))
        if not data:
            raise ReadError(Reason.TRUNCATED, f"ends {self._size - self._end} bytes before its stated size")
        return data

    def _length(self) -> int:
        return self._size

    def close(self) -> None:
        """Let go of what lies below."""
        if not self.closed and self._done is not None:
            self._done()
        super().close()


class Spool:
    """All bytes of a stream, kept where they can be read anywhere; for use in one thread."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read the stream to its end or to the damage, which every stream over this spool then ends with."""
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it lives as long as this object
        self.size = 0
        self.fault: ReadError | EOFError | None = None
        while data := self._next(stream):
            self.size += self._file.write(data)

    def _next(self, stream: BinaryIO) -> bytes:
        try:
            return stream.read(CHUNK)
        except (ReadError, EOFError) as fault:
            self.fault = fault
            return b""

    def fetch(self, offset: int, size: int) -> bytes:
        """Give up to `size` bytes from `offset`."""
        self._file.seek(offset)
        return self._file.read(size)

    def open(self) -> BinaryIO:
        """Give a fresh stream over all of it."""
        window = Window(self.fetch, self.size)
        window.fault = self.fault
        return as_file(window)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()


class Pull(Stream):
    """A stream over chunks that are made as it is read; seeking makes them once more, into a spool."""

    def __init__(self, make: Callable[[], Iterator[bytes]]) -> None:
        """Take what makes a fresh run of chunks; a chunk may not be empty."""
        super().__init__()
        self._make = make
        self._chunks = make()
        self._spool: Spool | None = None

    def _more(self) -> bytes:
        if self._spool is None:
            return next(self._chunks, b"")
        if self._end >= self._spool.size and self._spool.fault is not None:
            raise self._spool.fault
        return self._spool.fetch(self._end, CHUNK)

    def _length(self) -> int:
        self._settle()
        return self._spool.size if self._spool else 0

    def _settle(self) -> None:
        if self._spool is None:
            with Pull(self._make) as again:
                self._spool = Spool(as_file(again))

    def close(self) -> None:
        """Stop making chunks, which closes what lies below."""
        close = getattr(getattr(self, "_chunks", None), "close", None)
        if not self.closed and close is not None:
            close()
        super().close()


def as_file(stream: Stream) -> BinaryIO:
    """Give the type that consumers know; all methods of a binary file that reads are there."""
    return cast("BinaryIO", stream)


def pulled(make: Callable[[], Iterator[bytes]]) -> BinaryIO:
    """Give a stream over chunks."""
    return as_file(Pull(make))


def section(stream: BinaryIO, start: int, size: int) -> BinaryIO:
    """Give `size` bytes of an open seekable file from `start`; closes it when closed."""

    def fetch(offset: int, wanted: int) -> bytes:
        stream.seek(start + offset)
        return stream.read(wanted)

    return as_file(Window(fetch, size, stream.close))


def one_way(stream: BinaryIO) -> bool:
    """Tell whether going back in it is impossible, or costs unpacking it again."""
    return isinstance(stream, Pull) or not stream.seekable()


def settled(source: Opened) -> Opened:
    """Give a source whose streams can be read anywhere: one that is unpacked on the way is spooled, once.

    For whoever reads the members of an archive out of order, or several times. Where there is no room for it the
    source is given as it is: every later member costs unpacking all before it, but nothing is lost.
    """
    try:
        with source.open() as stream:
            if not one_way(stream):
                return source
            spool = Spool(stream)
    except OSError:
        return source
    return replace(source, open=spool.open)


def read_whole(stream: BinaryIO, limit: int) -> bytes:
    """Read to the very end, so that damage is raised and not taken for the end; LIMIT where there is more."""
    parts: list[bytes] = []
    left = limit + 1
    while left > 0 and (data := stream.read(left)):
        parts.append(data)
        left -= len(data)
    if left <= 0:
        raise ReadError(Reason.LIMIT, f"larger than the {limit} bytes that such a file may have")
    return b"".join(parts)

"""Evidence by URL, through fsspec: `s3`, `gs`, `abfs`, `sftp`, `https` and what else it has a driver for.

A URL stands for an object, a folder, or with `*`, `?` or `[...]` for all that fit; behind https it is always one file,
because such servers do not list. Objects are read in blocks, the next one being fetched while one is searched. Where
to find a store and its credentials is the driver's business (its environment variables, its configuration files).

Drivers raise whatever their makers chose. `_told` turns all of it into a `ReadError` with a reason, here and nowhere
else, so that a store that does not answer is a gap like a file that cannot be read.
"""

from __future__ import annotations

import importlib
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias
from urllib.parse import unquote, urlsplit, urlunsplit

from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.containers.streams import CHUNK, Window, as_file, pulled
from nachsorge.evidence.seams import Opened, ReadError
from nachsorge.evidence.trees import Entry
from nachsorge.model.times import Instant, from_datetime, parse_instant
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_FileSystem: TypeAlias = Any  # fsspec is an extra and brings no types

BLOCK = 8 * 1024 * 1024
_KEPT_BLOCKS = 4
_URL = re.compile(r"[a-z][a-z0-9+.-]+://")
_MAGIC = re.compile(r"[*?\[]")
_DRIVERS = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("abfs", "abfss", "az"), "adlfs"),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
    **dict.fromkeys(("http", "https"), "aiohttp"),
}
_WAIT: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 2}}},
    "sftp": {"timeout": 10},
}
"""How long a store may take to answer; else a wrong name costs minutes."""

_TIMES = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")


def is_url(text: str) -> bool:
    """Tell whether evidence is named by a URL; `file://` is a path in other words."""
    return _URL.match(text) is not None and not text.startswith("file://")


def local_path(text: str) -> str:
    """Give the path that a `file://` URL means, any other text as it is."""
    return unquote(urlsplit(text).path) if text.startswith("file://") else text


def public(url: str) -> str:
    """Give a URL as it may stand in a report: without password, and without the query that signs it."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")
    user = place[0].partition(":")[0]
    netloc = f"{user}@{place[2]}" if user else place[2]
    if parts.scheme in ("http", "https"):
        return shown(urlunsplit((parts.scheme, netloc, parts.path, "", "")))
    return shown(url.replace(parts.netloc, netloc, 1) if parts.netloc else url)


def listed(url: str) -> tuple[bool, list[Entry]]:
    """Say whether a URL names a folder (or several objects), and give its files in order of their paths.

    Raises ReadError: MISSING, PERMISSION, MISSING_EXTRA, FAILED.
    """
    with _told(url):
        store, path = _store(url)
        store.invalidate_cache()  # a worker lives long, and evidence arrives
        if _magic(url):
            return True, _entries(store, base_of(url), store.glob(path, detail=True))
        about = store.info(path)
        if about.get("type") == "directory":
            return True, _entries(store, base_of(url), store.find(path, detail=True))
        return False, [_entry(url, last_part(urlsplit(url).path), about)]


def base_of(url: str) -> str:
    """Give the folder that the paths of what is listed are relative to; with wildcards, what stands before them."""
    magic = _magic(url)
    return url[: url.rfind("/", 0, magic.start())] if magic else url.rstrip("/")


def _magic(url: str) -> re.Match[str] | None:
    return None if _is_web(url) else _MAGIC.search(url, url.find("://") + 3)


def opened_url(url: str, size: int, modified: Instant | None) -> Opened:
    """Make an object ready to be read; its stream can be read anywhere, and raises ReadError only."""
    name = shown(last_part(urlsplit(url).path if _is_web(url) else url))
    return Opened(path=public(url), name=name, open=lambda: _open(url, size), size=size, modified=modified)


def _open(url: str, size: int) -> BinaryIO:
    with _told(url):
        store, path = _store(url)
        # `background` fetches the next block in a thread; what is kept bounds the memory of one stream.
        body = store.open(
            path, "rb", block_size=BLOCK, cache_type="background", cache_options={"maxblocks": _KEPT_BLOCKS}
        )
    known = getattr(body, "size", None)
    if known is None:
        body.close()
        return pulled(lambda: _chunks(url))
    if known < size:
        body.close()
        raise ReadError(Reason.CHANGED_WHILE_READ, f"was {size} bytes when listed and has {known} now")
    return as_file(Window(_fetch(url, body), known, body.close))


def _fetch(url: str, body: Any) -> Callable[[int, int], bytes]:
    def fetch(offset: int, size: int) -> bytes:
        with _told(url):
            body.seek(offset)
            data: bytes = body.read(size)
            return data

    return fetch


def _chunks(url: str) -> Iterator[bytes]:
    """Read a page of unstated length from its first byte."""
    with _told(url):
        store, path = _store(url)
        body = store.open(path, "rb", block_size=0)
    with body:
        while data := _fetched(url, body):
            yield data


def _fetched(url: str, body: Any) -> bytes:
    with _told(url):
        data: bytes = body.read(CHUNK)
        return data


def _store(url: str) -> tuple[_FileSystem, str]:
    fsspec: Any = importlib.import_module("fsspec")  # an extra
    scheme = url.partition("://")[0]
    store, path = fsspec.core.url_to_fs(url, **_WAIT.get(scheme, {}))
    return store, path


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _entries(store: _FileSystem, base: str, found: Mapping[str, Any]) -> list[Entry]:
    above = str(store._strip_protocol(base)).rstrip("/") + "/"
    paths = {name.removeprefix(above): about for name, about in found.items() if about.get("type") == "file"}
    return [_entry(f"{base}/{path}", path, about) for path, about in sorted(paths.items())]


def _entry(url: str, path: str, about: Mapping[str, Any]) -> Entry:
    size, modified = about.get("size"), _modified(about)
    known = -1 if size is None else int(size)
    return Entry(path=path, size=max(known, 0), modified=modified, source=opened_url(url, known, modified))


def _modified(about: Mapping[str, Any]) -> Instant | None:
    value = next((about[name] for name in _TIMES if about.get(name) is not None), None)
    if isinstance(value, datetime):
        return from_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, int | float):
        return int(value * 1_000_000)
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn whatever a driver raises into a ReadError."""
    try:
        yield
    except ReadError:
        raise
    except ImportError as error:
        driver = _DRIVERS.get(url.partition("://")[0], "")
        more = f'pip install "nachsorge[cluster]" {driver}'.rstrip()
        raise ReadError(Reason.MISSING_EXTRA, f"no driver for such URLs is installed: {more}") from error
    except Exception as error:  # s3fs, gcsfs, adlfs, paramiko, aiohttp: no two share a base class
        raise ReadError(*_reason(url, error)) from error


def _reason(url: str, error: Exception) -> tuple[Reason, str]:
    said = (str(error).strip().splitlines() or [""])[0][:300].replace(url, public(url))
    kind = type(error).__name__
    match error:
        case FileNotFoundError(__cause__=OSError() as cause) if not isinstance(cause, FileNotFoundError):
            return Reason.FAILED, f"the store cannot be reached: {cause}"
        case FileNotFoundError():
            return Reason.MISSING, f"the store knows no such object, folder or bucket: {said}"
        case PermissionError():
            return Reason.PERMISSION, f"the store refuses: {said}"
        case TimeoutError():
            return Reason.FAILED, f"the store did not answer in time ({kind})"
        case ValueError() if "Protocol not known" in said:
            return Reason.NOT_SUPPORTED, f"{said}; known are file, {', '.join(sorted(_DRIVERS))}"
    if re.search(r"credential|auth|token", kind, re.IGNORECASE):
        return Reason.PERMISSION, f"no credentials for this store, or wrong ones: {said}"
    return Reason.FAILED, f"{kind}: {said}"

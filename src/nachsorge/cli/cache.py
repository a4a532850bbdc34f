"""Long lists, compiled once: in the user's cache folder, by the digest of the file and of the code that reads it.

`NACHSORGE_CACHE` names another folder; `off` keeps nothing.
"""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from nachsorge.matching.store import Store, digest_of
from nachsorge.model.columns import Indicators
from nachsorge.model.pack import Pack
from nachsorge.packs.library import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 256 * 1024
"""Shorter files are read faster than they are looked up."""


def store() -> Store:
    """Give the folder that the environment names (XDG Base Directory Specification, `XDG_CACHE_HOME`)."""
    wanted = os.environ.get("NACHSORGE_CACHE", "")
    if wanted.lower() in ("off", "0", "no"):
        return Store()
    home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # no home folder
        return Store()
    return Store(wanted or str(base / "nachsorge"))


def load(word: str) -> Pack:
    """Resolve a pack; one from a long indicator file as it was read last time. Raises what `resolve` raises."""
    path, kept = Path(word), store()
    try:
        long = bool(kept.folder) and path.is_file() and path.stat().st_size >= LONG
        content = path.read_bytes() if long else b""
    except OSError:
        long, content = False, b""
    if not long:
        return resolve(word)
    name = digest_of((_code(), path.name.encode("utf-8", "surrogateescape"), content))
    if (found := kept.columns("lists", name)) is not None:
        try:
            with _no_collector():
                return _unpacked(found)
        except (msgspec.MsgspecError, ValueError):
            pass  # written by something else: made anew
    with _no_collector():
        pack = resolve(word)
    kept.put_columns("lists", name, _packed(pack))
    return pack


def _packed(pack: Pack) -> list[bytes | memoryview]:
    rows = pack.indicators
    if not isinstance(rows, Indicators):
        return [msgspec.msgpack.encode(pack)]
    rest = msgspec.msgpack.encode(replace(pack, indicators=rows.samples))
    return [rest, *rows.columns]


def _unpacked(columns: list[memoryview]) -> Pack:
    pack = msgspec.msgpack.decode(columns[0], type=Pack)
    if len(columns) == 1:
        return replace(pack, indicators=tuple(pack.indicators))
    text, ends, codes = columns[1:]
    return replace(pack, indicators=Indicators(text, ends, codes, pack.indicators))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Leave out the search for garbage in what is all kept: with a million rows it takes longer than reading them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@lru_cache(maxsize=1)
def _code() -> bytes:
    """Digest the code that a pack comes from, so that no older reading of a file outlives a change of it."""
    package = Path(__file__).resolve().parents[1]
    sources = sorted(path for folder in ("model", "packs") for path in (package / folder).rglob("*.py"))
    return digest_of(path.read_bytes() for path in sources).encode()

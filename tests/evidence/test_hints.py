"""Asking only the readers about which a file gives a hint chooses as asking all of them does."""

from __future__ import annotations

import importlib
import pkgutil
import random
from functools import cache
from typing import TYPE_CHECKING

import pytest
import tests.evidence.readers as samples
from hypothesis import given
from hypothesis import strategies as st
from tests.test_bad_input import HEADS, PLANT

from nachsorge.evidence.hints import CAPTURES, COMPOUND, HIVE, MEMORY, SQLITE, TRASH
from nachsorge.evidence.identify import is_binary, reader_for
from nachsorge.evidence.looks import Look
from nachsorge.evidence.readers import READERS, ROWS, reader_of, rows_for
from nachsorge.evidence.seams import HEAD

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.evidence.seams import Reader

NAMES = {
    *("x", "evidence.log", "manifest", "a/3CXDesktopApp/app/manifest", "var/log/wtmp", "etc/cron.d/job", "$I1.txt"),
    *("Cargo.lock", "poetry.lock", "yarn.lock", "bun.lock", "go.mod", "go.sum", "Gemfile.lock", "mix.lock"),
    *("package.json", "package-lock.json", "pnpm-lock.yaml", "composer.lock", "Pipfile.lock", "requirements.txt"),
    *("pyproject.toml", ".github/workflows/a.yml", "MPLog-20230329-101112.log", ".bash_history", "a.csv", "a.dmp"),
    *("packages.lock.json", "project.assets.json", "gradle.lockfile", "Podfile.lock", "Package.resolved"),
    *("pubspec.lock", "conda-lock.yml"),
    *("SRUDB.dat", "WebCacheV01.dat", "$J", "Packages", "a.btm", "a.pf", "a.msi", "b.automaticDestinations-ms"),
    *("Library/LaunchAgents/a.plist", "Info.plist", "brew.txt", "History", "knowledgeC.db", "a.tracev3", "a.job"),
}


def by_all(head: bytes, name: str) -> Reader | None:
    """Ask everybody, as it was done before there were hints."""
    binary = is_binary(head)
    asked = [reader for reader in READERS if not (binary and getattr(reader, "text", False))]
    surest = max(asked, key=lambda reader: reader.accepts(head, name))
    return surest if surest.accepts(head, name) > 0 else None


@cache
def bodies() -> tuple[bytes, ...]:
    """Collect what the tests of all readers read, and what the readers plant."""
    found = {*HEADS.values()}
    for module in pkgutil.iter_modules(samples.__path__):
        if module.name.startswith("test_"):
            for value in vars(importlib.import_module(f"{samples.__name__}.{module.name}")).values():
                found |= {each for each in _leaves(value) if 8 <= len(each) <= 4 * HEAD}
    for reader in READERS:
        for head in (b"", *HEADS.values()):
            found.add(reader.plant(head, PLANT) or b"" if head in (b"", HEADS.get(reader.name)) else b"")
    return tuple(sorted(found - {b""}))


def _leaves(value: object) -> list[bytes]:
    match value:
        case bytes():
            return [value]
        case str() if len(value) > 40:
            return [value.encode("utf-8", "replace")]
        case dict():
            return [each for one in value.values() for each in _leaves(one)]
        case list() | tuple():
            return [each for one in value for each in _leaves(one)]
    return []


def variants(body: bytes, rng: random.Random) -> dict[str, bytes]:
    head = body[:HEAD]
    at = rng.randrange(len(head))
    return {
        "whole": head,
        "cut off": head[: at + 1],
        "from the middle": head[at:],
        "marked": b"\xef\xbb\xbf" + head,
        "behind blanks": b"\r\n \t\n" + head,
        "with returns": head.replace(b"\n", b"\r\n"),
        "with returns only": head.replace(b"\n", b"\r"),
        "with zeros": head[:at] + bytes(20) + head[at:],
        "behind zeros": bytes(64) + head,
        "behind a line": b"# a line before it\n" + head,
        "twice": head[: HEAD // 2] * 2,
    }


@pytest.mark.parametrize("part", range(8))
def test_samples_of_all_readers_go_to_whom_all_would_give_them(part: int) -> None:
    rng = random.Random(part)
    chosen = set()
    for body in bodies()[part::8]:
        names = ["x", *rng.sample(sorted(NAMES), 2)]
        for what, head in variants(body, rng).items():
            for name in names:
                reader = by_all(head, name)
                assert reader_for(head, name) is reader, (what, name, head[:80])
                chosen.add(reader)
    assert len(chosen) > 20


def test_the_samples_are_of_nearly_all_readers() -> None:
    met = {reader.name for body in bodies() for name in ("x", *NAMES) if (reader := reader_for(body[:HEAD], name))}
    assert len(met) >= 0.9 * len(READERS), sorted({reader.name for reader in READERS} - met)


@given(
    st.lists(
        st.sampled_from([mark for row in ROWS for mark in row.starts] + [b"\n", b"{", b"<", b"PK", b" ", b"2023-03-29"])
        | st.binary(max_size=40),
        max_size=12,
    ).map(b"".join),
    st.sampled_from(sorted(NAMES)),
)
def test_whatever_the_bytes_are_the_choice_is_the_same(head: bytes, name: str) -> None:
    assert reader_for(head, name) is by_all(head, name)


def test_a_row_says_of_its_reader_what_the_reader_says_of_itself() -> None:
    for row in ROWS:
        assert reader_of(row).name == row.module
        assert getattr(reader_of(row), "text", False) is row.text


def test_marks_that_stand_in_the_table_are_those_of_the_formats() -> None:
    from nachsorge.evidence import databases
    from nachsorge.evidence.readers import memory_image, pcap, recycle_bin
    from nachsorge.evidence.windows import hive, jump_list, msi

    assert (SQLITE, HIVE, COMPOUND) == (databases.MAGIC, hive.MAGIC, msi.MAGIC)
    assert jump_list.COMPOUND == COMPOUND
    assert {*MEMORY} == {*memory_image._SIGNED, *memory_image._PACKED}
    assert {*CAPTURES} == {mark for magic in pcap._SCALES for mark in (magic, magic[::-1])}
    assert {int.from_bytes(mark[:4], "little") for mark in TRASH if len(mark) == 4} == {*recycle_bin._VERSIONS}


def test_few_are_asked_about_what_is_no_evidence() -> None:
    program = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0\x3e\0\x01\0\0\0" * 120
    source = b"import os\n\n\ndef main() -> None:\n    print(os.name)  # a, b\n" * 50
    for head, most in ((program, 5), (source, 12)):
        assert len(rows_for(Look(head, "x", binary=is_binary(head)))) <= most


def test_readers_are_imported_when_their_files_are_met(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom nachsorge.evidence.identify import reader_for\n"
        "was = {n for n in sys.modules if n.startswith('nachsorge.evidence.readers.')}\n"
        "assert reader_for(b'ElfFile\\0' + bytes(100), 'x').name == 'evtx'\n"
        "now = {n for n in sys.modules if n.startswith('nachsorge.evidence.readers.')}\n"
        "assert not was and 'nachsorge.evidence.readers.evtx' in now and len(now) < 8, (was, now)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)

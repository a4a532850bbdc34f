"""Registry hives and the replay of their transaction logs."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.windows.hive_kit import entry, hive, log, number, pages, text

from nachsorge.evidence.seams import ReadError
from nachsorge.evidence.windows.hive import Hive, Key
from nachsorge.evidence.windows.hive_logs import header_of, marvin32, replay
from nachsorge.model.times import parse_instant

if TYPE_CHECKING:
    from pathlib import Path

BIG = bytes(range(256)) * 160
OLD = {"A": {"B": {"name": text("old"), "count": number(7), "big": (3, BIG)}}, "Z": {}}
NEW = {"A": {"B": {"name": text("new"), "count": number(8), "big": (3, BIG)}}, "Z": {}}


def name_of(data: bytes) -> str:
    key = Hive(data).root.find(r"A\b")
    assert key is not None
    return key.table()["name"].text


def test_keys_values_and_times():
    found = Hive(hive(OLD))
    assert [key.name for key in found.root.subkeys()] == ["A", "Z"]
    key = found.root.find(r"a\B")
    assert key is not None and key.path == r"A\B" and key.written == parse_instant("2023-03-29T08:00")
    table = key.table()
    assert (table["name"].text, table["count"].text, table["count"].number, table["big"].data) == ("old", "7", 7, BIG)
    assert found.root.find(r"A\C") is None and found.faults.count == 0


def test_a_list_of_strings_is_lines():
    key = Hive(hive({"m": (7, "a\0b\0\0".encode("utf-16-le"))})).root
    assert key.table()["m"].text == "a\nb"


def test_a_damaged_key_is_counted_and_its_neighbours_are_read():
    data = hive({"One": {}, "Two": {"v": text("x")}, "Three": {}})
    at = data.index(b"Two") - 76
    found = Hive(data[:at] + b"XX" + data[at + 2 :])
    assert [key.name for key in found.root.subkeys()] == ["One", "Three"]
    assert found.faults.count == 1 and "no nk" in found.faults.named[0]


def test_a_damaged_value_is_counted():
    data = hive({"a": text("first"), "b": text("second")})
    at = data.index(b"vk")
    found = Hive(data[:at] + b"XX" + data[at + 2 :])
    assert [value.name for value in found.root.values()] == ["b"]
    assert found.faults.count == 1


def test_a_hive_that_lists_itself_ends():
    data = bytearray(hive({"A": {"B": {}}}))
    (root,) = struct.unpack_from("<I", data, 36)
    listed = 4096 + data.index(b"lh\x01\0") - 4096
    struct.pack_into("<I", data, listed + 4, root)

    found = Hive(bytes(data))
    waiting, met = [found.root], 0
    while waiting:
        met += 1
        waiting += waiting.pop().subkeys()
    assert met < 1000 and "deeper than" in found.faults.named[0]


def test_a_hive_whose_lists_hold_each_other_many_times_ends():
    data = bytearray(hive({"A": {}, "B": {}}))
    at = data.index(b"lh\x02\0")
    (root,) = struct.unpack_from("<I", data, 36)
    struct.pack_into("<I", data, at + 4, root)
    struct.pack_into("<I", data, at + 12, root)
    waiting, met = [Hive(bytes(data)).root], 0
    with pytest.raises(ReadError, match="over and over"):
        while waiting:
            met += 1
            waiting += waiting.pop().subkeys()
    assert met < 100_000


@pytest.mark.parametrize("body", [b"", b"regf", hive({})[:4100], b"regf" + bytes(5000)])
def test_no_root_is_a_read_error(body):
    with pytest.raises(ReadError):
        _ = Hive(body).root


@pytest.mark.parametrize(
    ("data", "total"),
    [(b"", 0x30ED35C100CD3C7D), (b"\xaf", 0x48E73FC77D75DDC1), (b"\xe7\x0f", 0xB5F6E1FC485DBFF8)],
)
def test_marvin32_gives_the_sums_of_the_published_test_vectors(data, total):
    assert marvin32(data, (0x001BDBCC, 0x004FB61A)) == total


def test_a_dirty_hive_is_renewed_from_its_log():
    old, new = hive(OLD, first=6, second=5), hive(NEW)
    assert name_of(old) == "old"
    done = replay(old, [log(old, [entry(5, len(new) - 4096, pages(old, new))], 5)])
    assert (done.applied, done.why, name_of(done.data)) == (1, "", "new")


def test_entries_are_applied_in_order_over_both_logs_and_older_ones_are_left():
    states = [hive({"A": {"B": {"name": text(word)}}}) for word in ("old", "one", "two", "six")]
    size = len(states[0]) - 4096
    old = hive({"A": {"B": {"name": text("old")}}}, first=7, second=5)
    entries = [entry(n, size, pages(states[0], state)) for n, state in zip((5, 6, 4), states[1:], strict=True)]
    done = replay(old, [log(old, [entries[1]], 6), log(old, [entries[0], entries[2]], 5)])
    assert (done.applied, name_of(done.data)) == (2, "two")


@pytest.mark.parametrize("damage", ["page", "head", "gone", "number"])
def test_a_log_that_does_not_fit_changes_nothing(damage):
    old, new = hive(OLD, first=6, second=5), hive(NEW)
    whole = bytearray(log(old, [entry(9 if damage == "number" else 5, len(new) - 4096, pages(old, new))], 5))
    if damage == "page":
        whole[600] ^= 1
    if damage == "head":
        whole[512 + 20] ^= 1
    done = replay(old, [bytes(whole[:300] if damage == "gone" else whole)])
    assert (done.applied, name_of(done.data)) == (0, "old")
    assert done.why


def test_an_older_log_of_sectors_is_applied():
    old, new = hive(OLD, first=6, second=5), hive(NEW)
    changed = [n for n in range((len(new) - 4096) // 512) if old[4096 + n * 512 :][:512] != new[4096 + n * 512 :][:512]]
    bits = bytearray((len(new) - 4096) // 4096)
    for sector in changed:
        bits[sector // 8] |= 1 << sector % 8
    body = (b"DIRT" + bits).ljust(512, b"\0") + b"".join(new[4096 + n * 512 :][:512] for n in changed)
    done = replay(old, [log(old, [body], 6)])
    assert (done.applied, name_of(done.data)) == (1, "new")


def test_a_clean_hive_is_left_as_it_is():
    old = hive(OLD)
    assert replay(old, [b"", b"regf"]).data is old


@given(st.binary(max_size=3000), st.integers(0, 3000), st.booleans())
def test_any_log_is_borne(noise, at, sectors):
    old = hive({"A": {"B": {"name": text("old")}}}, first=6, second=5)
    good = log(old, [entry(5, len(old) - 4096, [(0, old[4096:8192])])], 5)
    body = bytearray(b"DIRT".join((good[:512], good[512:])) if sectors else good)
    body[at : at + len(noise)] = noise
    assert len(replay(old, [bytes(body)]).data) <= len(old) + len(body) + 512


@pytest.mark.parametrize(
    "name", ["NTUSER.DAT", "winreg/Amcache.hve", "winreg/win10-Amcache.hve", "regf/100_sub_keys.hiv"]
)
def test_real_hives_are_read_as_another_reader_does(shared_data: Path, name):
    """regipy names the same keys with the same times, and the same values."""
    regipy = pytest.importorskip("regipy.registry", reason="NOT LOOKED AT: regipy is not installed")
    place = shared_data / "plaso-host-artefacts" / name
    ours, theirs = Hive(place.read_bytes()), regipy.RegistryHive(str(place))
    assert _ours(ours.root) == _theirs(theirs.root)
    assert ours.faults.count == 0
    head = header_of(place.read_bytes())
    assert head is not None and head.dirty == (name == "winreg/Amcache.hve")


def _plain(name: str) -> str:
    """Leave out what is not ASCII: the other reader replaces it."""
    return name.encode("ascii", "ignore").decode().replace("\ufffd", "")


def _ours(root: Key) -> set[tuple[str, int, frozenset[str]]]:
    found, waiting = set(), [(root, "")]
    while waiting:
        key, path = waiting.pop()
        ticks = int.from_bytes(key.hive.data[key.at + 4 : key.at + 12], "little")
        found.add((path, ticks, frozenset(_plain(value.name) or "(default)" for value in key.values())))
        waiting += [(below, f"{path}\\{below.name}") for below in key.subkeys()]
    return found


def _theirs(root: Any) -> set[tuple[str, int, frozenset[str]]]:
    found, waiting = set(), [(root, "")]
    while waiting:
        key, path = waiting.pop()
        names = frozenset(_plain(str(value.name)) for value in key.iter_values())
        found.add((path, int(key.header.last_modified), names))
        waiting += [(below, f"{path}\\{below.name}") for below in key.iter_subkeys()]
    return found

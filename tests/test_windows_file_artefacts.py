"""Real artefacts of Windows' file systems through the whole line; the facts were established with other tools.

Names of the NTFS volume: libfsntfs. Recycle bin and jump lists: the expectations of the tool that the files come from.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.model.words import Reason, Status, Telemetry
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

LISTS = ("automaticDestinations-ms", "customDestinations-ms", "recycler")
READ = {
    "automaticDestinations-ms/1b4dd67f29cb1962.automaticDestinations-ms": ("jump_lists", 7),
    "automaticDestinations-ms/9d1f905ce5044aee.automaticDestinations-ms": ("jump_lists", 2),
    "customDestinations-ms/368d807282ccde9d.customDestinations-ms": ("jump_lists", 3),
    "customDestinations-ms/5afe4de1b92fc382.customDestinations-ms": ("jump_lists", 9),
    "customDestinations-ms/c98dce577f884ef8.customDestinations-ms": ("jump_lists", 0),
    "recycler/$I103S5F.jpg": ("recycle_bin", 1),
    "recycler/$II3DF3L.zip": ("recycle_bin", 1),
    "recycler/INFO2": ("recycle_bin", 4),
}
INDICATORS = r"""type,value
file_name,StarFury.zip
path,C:\Documents and Settings\Mr. Evil\Desktop\lalsetup250.exe
path,C:\Users\bperry\Downloads
path,C:\password.txt
file_name,never-there.exe
"""


def disk_at(qcow2: bytes, start: int, size: int) -> bytes:
    """Give bytes of the disk in a QCOW2 image (QEMU, `docs/interop/qcow2.txt`); they lie below its 512th megabyte."""
    (bits,) = struct.unpack_from(">I", qcow2, 20)
    (first_level,) = struct.unpack_from(">Q", qcow2, 40)
    cluster, mask = 1 << bits, 0x00FFFFFFFFFFFE00
    second_level = int.from_bytes(qcow2[first_level : first_level + 8], "big") & mask
    parts = []
    for number in range(start // cluster, -(-(start + size) // cluster)):
        (at,) = struct.unpack_from(">Q", qcow2, second_level + 8 * number)
        if at >> 62 & 1:  # compressed: the place is followed by the number of further sectors
            place = at & ((1 << (70 - bits)) - 1)
            parts.append(zlib.decompressobj(-15).decompress(qcow2[place : place + 2 * cluster], cluster))
        else:
            parts.append(qcow2[at & mask : (at & mask) + cluster] if at & mask else bytes(cluster))
    return b"".join(parts)[start % cluster :][:size]


def real_table(shared_data: Path) -> bytes:
    """Cut the master file table out of an NTFS volume at the disk's start, by its boot sector."""
    image = (shared_data / "disk-images-small/plaso/vsstest.qcow2").read_bytes()
    boot = disk_at(image, 0, 512)
    sector, cluster = struct.unpack_from("<HB", boot, 11)
    return disk_at(image, int.from_bytes(boot[48:56], "little") * sector * cluster, 262144)


def judged(folder: Path, indicators: Path, *names: str) -> Assessment:
    files = [str(p) for name in names for p in sorted((folder / name).rglob("*")) if p.is_file()]
    return sweep([resolve(str(indicators))], files, Inventory(), Options(jobs=1))


@pytest.fixture
def indicators(tmp_path: Path) -> Path:
    place = tmp_path / "indicators.csv"
    place.write_text(INDICATORS)
    return place


def test_jump_lists_and_bins_are_read_whole_and_cover_nothing(shared_data: Path, indicators: Path) -> None:
    pytest.importorskip("olefile", reason="NOT LOOKED AT: the extra `windows` is not installed")
    assessment = judged(shared_data / "plaso-host-artefacts", indicators, *LISTS)
    readings = {s.reading.path.partition("plaso-host-artefacts/")[2]: s.reading for s in assessment.sources}
    assert {name: (reading.reader, reading.records) for name, reading in readings.items()} == READ
    assert {reading.status for reading in readings.values()} == {Status.READ}
    assert not any(seen.spans for reading in readings.values() for seen in reading.seen)
    met = {sighting.indicator for sighting in assessment.sightings}
    assert met == {
        "StarFury.zip",
        r"C:\Documents and Settings\Mr. Evil\Desktop\lalsetup250.exe",
        r"C:\Users\bperry\Downloads",
    }
    assert all(control.seen for control in assessment.controls)


def test_a_real_table_of_names(shared_data: Path, indicators: Path, tmp_path: Path) -> None:
    (tmp_path / "C").mkdir()
    (tmp_path / "C" / "$MFT").write_bytes(real_table(shared_data))
    assessment = judged(tmp_path, indicators, "C")
    (source,) = assessment.sources
    reading = source.reading
    assert (reading.reader, reading.status, reading.records, reading.unreadable) == ("mft", Status.READ, 30, 0)
    assert [seen.spans for seen in reading.seen if seen.telemetry is Telemetry.FILESYSTEM] == [()]
    (sighting,) = assessment.sightings
    assert (sighting.indicator, sighting.locator) == (r"C:\password.txt", "record 41")
    assert sighting.fields["size"] == "116" and sighting.fields["state"] == "present"
    assert all(control.seen for control in assessment.controls)


def test_a_cut_table_never_passes_for_a_whole_one(shared_data: Path, indicators: Path, tmp_path: Path) -> None:
    (tmp_path / "C").mkdir()
    (tmp_path / "C" / "$MFT").write_bytes(real_table(shared_data)[:40_000])
    (source,) = judged(tmp_path, indicators, "C").sources
    assert (source.reading.status, source.reading.reason) == (Status.PARTLY, Reason.TRUNCATED)

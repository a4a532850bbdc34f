"""What lies in a Windows machine's tree and no reader knows: a line of the account, never silence."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.evidence.windows.hive_kit import hive

from nachsorge.assets.inventory import Inventory
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = (
    "Windows/System32/wbem/Repository/OBJECTS.DATA",
    "ProgramData/Microsoft/Windows Defender/Quarantine/Resources/00/0011",
    "Users/kim/AppData/Roaming/3CXDesktopApp/Local Storage/leveldb/000003.log",
)


def test_what_no_reader_knows_is_named_in_the_account_of_the_tree(tmp_path: Path) -> None:
    for name in UNKNOWN:
        place = tmp_path / "PC1/C" / name
        place.parent.mkdir(parents=True)
        place.write_bytes(b"\0" + random.Random(name).randbytes(500))
    (tmp_path / "PC1/C/Windows/System32/config").mkdir(parents=True)
    (tmp_path / "PC1/C/Windows/System32/config/SOFTWARE").write_bytes(hive({"Microsoft": {"Windows NT": {}}}))
    (tmp_path / "list.csv").write_text("type,value\nfile_name,OBJECTS.DATA\n")
    result = sweep([resolve(str(tmp_path / "list.csv"))], [str(tmp_path / "PC1")], Inventory(), Options(jobs=1))
    (tree,) = (source.reading for source in result.sources if source.reading.reader == "files")
    assert "3 files of no known log format: name and hash compared, text not searched" in tree.note
    assert all(name in tree.note for name in UNKNOWN)
    # Their names count all the same.
    assert [sighting.indicator for sighting in result.sightings] == ["OBJECTS.DATA"]

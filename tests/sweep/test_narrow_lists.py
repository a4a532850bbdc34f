"""A list of programs that may be the answer to a narrow query rules a stage out on no host; a broad one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import pack, snapshot, stage

from nachsorge.assets.inventory import Inventory
from nachsorge.model.pack import Exposure, Pack
from nachsorge.model.words import Reason, Standing, Telemetry
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.assessment import Assessment

OTHERS = ("7-Zip", "Adobe Acrobat", "Mozilla Firefox", "Google Chrome", "Zoom")
HEADER = "host,name,version,publisher,last_seen"


def incident() -> Pack:
    return pack(
        stage("had", needs=[snapshot(Telemetry.INSTALLED_SOFTWARE, "2023-04-01")]),
        exposures=(Exposure(id="app", names=("evil app",), affected=("1.0",), clean=("1.1",), stage="had"),),
    )


def looked(tmp_path: Path, rows: list[str]) -> Assessment:
    (tmp_path / "software.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return sweep([incident()], [str(tmp_path)], Inventory(), Options(jobs=1))


def standings(found: Assessment) -> dict[str, Standing]:
    return {row.asset.id: cell.standing for row in found.assets for cell in row.cells}


def test_a_broad_list_rules_out_and_shows(tmp_path: Path) -> None:
    rows = [f"{host},{name},{at},,2023-04-20" for host in ("pc1", "pc2") for at, name in enumerate(OTHERS)]
    found = looked(tmp_path, [*rows, "pc2,Evil App,1.0,,2023-04-20"])
    assert standings(found) == {"pc1": Standing.RULED_OUT, "pc2": Standing.SHOWN}


@pytest.mark.parametrize(
    "rows",
    [
        ["pc1,Chrome,1,Google,2023-04-20", "pc2,Chrome Remote Desktop,2,Google,2023-04-20"],
        [f"pc1,{name},{at},One Maker,2023-04-20" for at, name in enumerate(OTHERS)],
        ["pc1,Evil App,1.1,,2023-04-20", "pc2,Zoom,5,,2023-04-20"],
    ],
)
def test_a_narrow_list_leaves_every_host_open_and_says_why(tmp_path: Path, rows: list[str]) -> None:
    found = looked(tmp_path, rows)
    assert set(standings(found).values()) == {Standing.OPEN}
    unmet = [one for row in found.assets for cell in row.cells for one in cell.unmet]
    assert {one.reason for one in unmet} == {Reason.NOT_PROVIDED}
    assert all("narrow query" in one.note for one in unmet)


def test_a_narrow_list_still_shows_what_it_names(tmp_path: Path) -> None:
    assert standings(looked(tmp_path, ["pc1,Evil App,1.0,,2023-04-20"])) == {"pc1": Standing.SHOWN}

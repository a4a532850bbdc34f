"""Commands for collectors: every target, artifact, profile and table is one that its project has; each way is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from nachsorge.cli import collectors, errands
from nachsorge.locale import speaking
from nachsorge.model.words import Platform, Reason, Telemetry
from nachsorge.verdicts.obtainable import Item, Place, Want, Way

NAMES = YAML(typ="safe").load((Path(__file__).parent / "collector_names.yaml").read_text("utf-8"))
PATTERNS = {
    "kape": re.compile(r"^KAPE: kape\.exe --tsource C: --target (\S+) --tdest OUT$"),
    "velociraptor": re.compile(
        r"^Velociraptor: velociraptor artifacts collect (\S+) --args (\w+)=Y --output OUT\.zip$"
    ),
    "uac": re.compile(r"^UAC: \./uac -p (\w+)(?: -a '([^']+)')? OUT$"),
    "osquery": re.compile(r'^osquery: osqueryi --json "SELECT \* FROM (\w+)" > OUT\.json$'),
    "defender": re.compile(r"union ((?:\w+(?:, )?)+) \| where DeviceName startswith 'HOST'$"),
    "github": re.compile(r"^GitHub: gh api repos/OWNER/REPO/(\S+) > RUN\.zip$"),
    "aws": re.compile(r"^AWS: aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/(\w+) OUT$"),
}


def item(way: Way, *wants: Telemetry, platforms=(), telemetry: str = "", sensor: bool = False) -> Item:
    return Item(
        place=Place(way, "pc1", sensor, telemetry),
        wants=tuple(Want(telemetry=one) for one in wants),
        assets=("pc1",),
        platforms=tuple(platforms),
        reasons=(Reason.NOT_PROVIDED,),
        low=1,
        high=2,
    )


def every_way() -> list[str]:
    """Give every line that any errand can have."""
    items = [
        item(way, *Telemetry, platforms=platforms)
        for way in (Way.HOST_LOGS, Way.HOST_STATE, Way.CENTRAL_LOG, Way.PROJECT)
        for platforms in ((), *((one,) for one in Platform))
    ]
    items += [item(Way.HOST_STATE, platforms=[one]) for one in Platform]
    items += [item(Way.SENSOR_LOG, one, telemetry=one.value) for one in Telemetry]
    with speaking("en"):
        return [line for one in items for line in errands.ways(one)]


@pytest.mark.parametrize("line", sorted(set(every_way())))
def test_every_command_names_what_its_project_has(line):
    tool = line.partition(":")[0].lower() if ": " in line else ""
    tool = {"defender, if 30 days reach back far enough": "defender"}.get(tool, tool)
    if tool not in PATTERNS:
        assert not re.search(r"kape\.exe|velociraptor |\./uac|osqueryi|Device\w+Events|gh api|aws s3", line)
        return
    found = PATTERNS[tool].search(line)
    assert found is not None, f"not of the form that its project documents: {line}"
    used = [name for group in found.groups() if group for name in group.split(", ")]
    assert used
    assert set(used) <= set(NAMES[tool])


def test_every_listed_name_is_used():
    said = "\n".join(every_way())
    assert [name for tool in NAMES for name in NAMES[tool] if name not in said] == []


def test_windows_hosts_get_windows_ways_and_all_where_nobody_says_what_they_are():
    windows = errands.ways(item(Way.HOST_LOGS, Telemetry.PROCESS_CREATION, platforms=[Platform.WINDOWS]))
    assert any(line.startswith("KAPE") for line in windows)
    assert not any("uac" in line for line in windows)
    unknown = errands.ways(item(Way.HOST_LOGS, Telemetry.PROCESS_CREATION))
    assert any("kape" in line for line in unknown) and sum("uac" in line for line in unknown) == 1


def test_a_browser_history_is_asked_of_uac_which_leaves_it_out_of_its_triage():
    lines = errands.ways(item(Way.HOST_STATE, Telemetry.BROWSER_HISTORY, platforms=[Platform.LINUX]))
    assert collectors.BROWSERS in lines and collectors.UAC not in lines


def test_a_list_of_software_is_one_query_on_each_system():
    lines = errands.ways(item(Way.HOST_STATE, Telemetry.INSTALLED_SOFTWARE, platforms=[Platform.LINUX]))
    assert [line for line in lines if "osquery" in line] == [
        'osquery: osqueryi --json "SELECT * FROM deb_packages" > OUT.json',
        'osquery: osqueryi --json "SELECT * FROM rpm_packages" > OUT.json',
    ]


def test_defender_is_asked_for_the_tables_of_what_is_wanted():
    wanted = item(Way.HOST_LOGS, Telemetry.PROCESS_CREATION, Telemetry.IMAGE_LOAD, platforms=[Platform.WINDOWS])
    (line,) = (one for one in errands.ways(wanted) if "Defender" in one)
    assert "union DeviceProcessEvents, DeviceImageLoadEvents |" in line

"""Which stage a record counts for when it speaks for several, and which stage is the highest."""

from nachsorge.model.assessment import Asset, Sighting
from nachsorge.model.pack import Pack, Stage, Trace
from nachsorge.model.words import Platform, Rung, Standing, Telemetry, Tlp, Weight
from nachsorge.verdicts.judge import highest, judge

PACK = Pack(
    id="p",
    version="1.0.0",
    title="p",
    digest="",
    tlp=Tlp.CLEAR,
    stages=(
        Stage(id="installed", rung=Rung.EXPOSED, title="installed", except_roles=("pbx",)),
        Stage(id="served", rung=Rung.EXPOSED, title="served", roles=("pbx",), means_compromise=False),
        Stage(id="first", rung=Rung.CONTACTED, title="first", never="never", except_roles=("pbx",)),
        Stage(id="second", rung=Rung.CONTACTED, title="second", requires=("first",), except_roles=("pbx",)),
    ),
    traces=(Trace(id="t", stage="installed", weight=Weight.PROOF),),
    indicators=(),
)
SERVER = Asset(id="pbx", platform=Platform.LINUX, role="pbx")


def sighting(stage, indicator, locator, weight=Weight.PROOF):
    return Sighting(
        id=f"{stage}-{locator}", pack="p", indicator=indicator, type="path", stage=stage, trace="t", weight=weight,
        asset="x", source="e1", locator=locator, telemetry=Telemetry.FILESYSTEM, time=None,
    )  # fmt: skip


def standings(asset, *sightings):
    return {cell.stage: cell.standing for cell in judge(PACK, asset, sightings, {})}


def test_one_file_by_two_indicators_counts_for_the_stage_that_applies():
    name, path = sighting("installed", "app.msi", "file 1"), sighting("served", "/srv/app*", "file 1")
    found = standings(SERVER, name, path)
    assert (found["installed"], found["served"]) == (Standing.RULED_OUT, Standing.SHOWN)


def test_another_file_does_not_hide_behind_it():
    name, path = sighting("installed", "app.msi", "file 2"), sighting("served", "/srv/app*", "file 1")
    assert standings(SERVER, name, path)["installed"] is Standing.SUSPECTED


def test_of_two_stages_on_one_rung_the_later_is_the_highest():
    cells = judge(PACK, Asset(id="pc"), [sighting("second", "c2.example", "line 1")], {})
    assert highest({"p": PACK}, cells) == "second"

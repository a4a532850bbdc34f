"""Old reports taken over: 1,300 made notifications, and real incidents in VERIS with honest unknowns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cert.kit import sent
from tests.cert.many import many

from nachsorge.cert.intake.importing import import_files
from nachsorge.cert.intake.models import Submission
from nachsorge.cert.intake.veris import NotVeris, from_veris, sector_of
from nachsorge.cert.registry.models import Organisation
from nachsorge.model.words import Tlp
from nachsorge.sharing.notification import decode, encode

VERIS: dict[str, Any] = {
    "schema_version": "1.3.2",
    "incident_id": "0008DADB",
    "source_id": "vcdb",
    "security_incident": "Confirmed",
    "action": {"malware": {}, "hacking": {}},
    "asset": {"assets": [{"variety": "U - Laptop"}], "total_amount": 7},
    "timeline": {"incident": {"year": 2023, "month": 3, "day": 22}},
    "victim": {
        "victim_id": "Example Clinic",
        "industry": "621111",
        "employee_count": "1001 to 10000",
        "country": ["AT"],
    },
    "plus": {"modified": "2023-04-03T00:28:41Z"},
    "summary": "Something\nhappened.",
}


def _written(folder: Path, **files: bytes) -> Path:
    for name, body in files.items():
        (folder / name.replace("__", ".")).write_bytes(body)
    return folder


@pytest.mark.slow
def test_thirteen_hundred_reports_are_taken_once(db, campaign, tmp_path):
    number = 1300
    _written(tmp_path, reports__ndjson=b"\n".join(many(number)) + b"\n")
    first, again = import_files([tmp_path]), import_files([tmp_path])
    assert (first.taken, first.known, first.refused) == (number, 0, [])
    assert (again.taken, again.known, again.refused) == (0, number, [])
    assert Submission.objects.filter(source="import", current=True).count() == number
    assert all(each.case.state == "received" for each in Submission.objects.select_related("case")[:50])
    named = Submission.objects.exclude(organisation=None)
    assert named.count() == Organisation.objects.count() > 40


def test_real_incidents_are_taken_with_what_they_say(campaign, shared_data):
    folder = shared_data / "vcdb-incidents"
    if not folder.is_dir():
        pytest.skip("REAL DATA ABSENT: vcdb-incidents; real incidents have NOT been imported")
    found = import_files([folder], label=Tlp.CLEAR, count=True)
    assert (found.taken, found.refused) == (47, [])
    kept = [each for each in Submission.objects.all() if each.notification()]
    contents = [each.notification() for each in kept]
    # Expected by the data's own description: 11 of health (62), 13 of public administration (92), 6 of finance (52).
    sectors = [each.organisation.sector for each in contents]
    assert (sectors.count("health"), sectors.count("public-administration")) == (11, 13)
    assert all(each.coverage == () and each.assets.rungs == () for each in contents)
    assert {each.organisation.region for each in contents} == {"unknown"}
    assert sum(each.assets.scope > 0 for each in contents) == 3
    assert all("How many machines is not recorded." in each.note for each in contents if not each.assets.scope)
    assert {each.label for each in kept} == {"CLEAR"}
    assert all(each.campaign is None for each in kept)


def test_an_incident_of_veris_becomes_a_notification_that_others_take():
    content, name = from_veris(VERIS, Tlp.AMBER_STRICT, count=False)
    assert decode(encode(content)) == content
    assert name == "Example Clinic"
    assert content.organisation.name == ""
    assert (content.organisation.sector, content.organisation.size) == ("health", "large")
    assert (content.assets.scope, content.assets.verdicts.compromised) == (7, 7)
    assert content.weeks.first == "2023-W12"
    assert content.made == "2023-04-03T00:28:41Z"
    assert (content.labels.tlp, content.purposes.count) == (Tlp.AMBER_STRICT, False)
    assert "Something happened." in content.note


@pytest.mark.parametrize(
    ("change", "scope", "weeks"),
    [
        ({"asset": {"assets": [{"variety": "S - Web application"}]}}, 0, "2023-W12"),
        ({"asset": {"total_amount": -3}}, 0, "2023-W12"),
        ({"asset": {"total_amount": "many"}}, 0, "2023-W12"),
        ({"timeline": {"incident": {"year": 2023}}}, 7, None),
        ({"timeline": {"incident": {"year": 2023, "month": 13, "day": 1}}}, 7, None),
    ],
)
def test_what_veris_does_not_say_stays_unknown(change, scope, weeks):
    content, _name = from_veris(VERIS | change, Tlp.CLEAR, count=False)
    assert decode(encode(content)) == content
    assert content.assets.scope == scope
    assert (content.weeks.first if content.weeks else None) == weeks


@pytest.mark.parametrize("change", [{"incident_id": ""}, {"plus": {}, "timeline": {}}])
def test_what_lacks_the_least_is_refused(change):
    with pytest.raises(NotVeris):
        from_veris(VERIS | change, Tlp.CLEAR, count=False)


@pytest.mark.parametrize(
    ("naics", "sector"),
    [
        ("621111", "health"),
        ("922120", "public-administration"),
        ("524210", "none"),
        ("522110", "banking"),
        ("221310", "drinking-water"),
        ("221112", "energy"),
        ("611310", "none"),
        ("000000", "unknown"),
        ("", "unknown"),
        ("Unknown", "unknown"),
    ],
)
def test_a_sector_follows_from_the_industry(naics, sector):
    assert sector_of(naics) == sector


def test_what_cannot_be_taken_is_named_with_its_place(campaign, tmp_path):
    _written(
        tmp_path,
        good__json=sent(),
        bad__json=b"{}",
        deep__json=b"[" * 100_000,
        lines__jsonl=sent() + b"\n\nnonsense\n",
        veris__json=json.dumps(VERIS | {"incident_id": None}).encode(),
        large__json=b" " * ((1 << 20) + 1),
        left__txt=b"not looked at by its ending",
    )
    found = import_files([tmp_path, tmp_path / "absent.json"])
    assert found.taken == 2
    assert sorted(Path(place).name for place, _why in found.refused) == [
        "absent.json",
        "bad.json",
        "deep.json",
        "large.json",
        "lines.jsonl:3",
        "veris.json",
    ]


def test_an_empty_folder_is_said_to_be_one(campaign, tmp_path):
    assert "no file ending in" in import_files([tmp_path]).refused[0][1]

"""The pass over the evidence: what it notes of whom, and what it says it could not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import t
from tests.evidence.test_history_rows import days, profile

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.databases import serialised
from nachsorge.model.assessment import Asset
from nachsorge.model.words import Platform, Trait
from nachsorge.sweep import haul_work
from nachsorge.sweep.haul import Passing, profiles
from nachsorge.sweep.work import Worker

if TYPE_CHECKING:
    from pathlib import Path

NOW = t("2023-06-01")
INVENTORY = Inventory((Asset(id="pc1", names=("pc1",), platform=Platform.WINDOWS, declared=True),))
PLACE = "C/Users/x/AppData/Local/Google/Chrome/User Data/Default/History"


def event(number: int, host: str = "pc1", **data: str) -> str:
    fields = "".join(f'<Data Name="{name}">{text}</Data>' for name, text in data.items())
    return (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider '
        f'Name="Microsoft-Windows-Security-Auditing"/><EventID>{number}</EventID>'
        '<TimeCreated SystemTime="2023-03-05T08:00:00.000000Z"/><EventRecordID>7</EventRecordID>'
        f"<Channel>Security</Channel><Computer>{host}</Computer></System><EventData>{fields}</EventData></Event>\n"
    )


def special(sid: str, name: str) -> str:
    return event(4672, SubjectUserSid=sid, SubjectUserName=name, SubjectDomainName="ACME")


def write(place: Path, body: str | bytes) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(body.encode() if isinstance(body, str) else body)
    return place


def passed(place: Path, **more):
    return profiles([str(place)], INVENTORY, Passing(now=NOW, jobs=1, **more))


def test_a_persons_special_privileges_are_noted_and_those_of_the_system_are_not(tmp_path):
    body = "<Events>\n" + "".join(
        [
            special("S-1-5-21-1-2-3-1107", "adm.wimmer"),
            special("S-1-5-21-1-2-3-1107", "adm.wimmer"),
            special("S-1-5-18", "SYSTEM"),
            special("S-1-5-90-0-1", "DWM-1"),
            special("S-1-5-21-1-2-3-1000", "PC1$"),
            event(4624, TargetUserName="x"),
        ]
    )
    found, notes = passed(write(tmp_path / "Security.xml", body + "</Events>\n"))
    (noted,) = found["pc1"].noted
    assert noted.trait is Trait.PRIVILEGED_LOGON
    assert noted.why == r"ACME\adm.wimmer logged on with special privileges 2 times, last 2023-03-05T08:00Z"
    assert found["pc1"].logons and not found["pc1"].lists and not notes


def test_a_security_log_without_logons_is_none_of_them(tmp_path):
    found, _ = passed(write(tmp_path / "Security.xml", f"<Events>\n{event(4688, NewProcessName='x')}</Events>\n"))
    assert not found["pc1"].logons and found["pc1"].programs


def test_only_a_domain_controller_gives_tickets_out(tmp_path):
    body = f"<Events>\n{event(4768, TargetUserName='x')}{event(4769, TargetUserName='y')}</Events>\n"
    found, _ = passed(write(tmp_path / "Security.xml", body))
    (noted,) = found["pc1"].noted
    assert (noted.trait, noted.why) == (Trait.DIRECTORY, "answers Kerberos requests (2 times, last 2023-03-05T08:00Z)")


def test_programs_tell_what_a_host_is_for(tmp_path):
    body = f"<Events>\n{event(4688, NewProcessName=chr(92).join(('C:', 'kits', 'SignTool.exe')))}</Events>\n"
    found, _ = passed(write(tmp_path / "Security.xml", body))
    assert [(n.trait, n.why.split(" (")[0]) for n in found["pc1"].noted] == [(Trait.SIGNING, "signtool.exe")]


def test_a_history_in_a_collection_is_its_hosts(tmp_path):
    root = tmp_path / "kape"
    write(root / "C" / "Windows" / "System32" / "drivers" / "etc" / "hosts", "# none\n")
    write(root / "C" / "Windows" / "System32" / "config" / "README.txt", "x")
    write(root / PLACE, profile(*days(20)))
    found, notes = passed(root, assets={str(root): "pc1"})
    (one,) = found["pc1"].lists
    assert (one.browser, len(one.rows), one.unique) == ("chrome", 20, True)
    assert not notes


def test_a_history_of_nobody_is_told(tmp_path):
    found, notes = passed(write(tmp_path / "History", profile(*days(3))))
    assert not any(profile.lists for profile in found.values())
    assert "1 browser histories are of nobody that is known (--asset NAME=PATH)" in notes[0]


def test_a_history_that_cannot_be_read_is_told(tmp_path):
    place = write(tmp_path / "History", profile(*days(300))[:9000])
    found, notes = passed(place, assets={str(place): "pc1"})
    told = found["pc1"].notes or tuple(note for one in found["pc1"].lists for note in one.notes)
    assert told and "1 pieces of evidence could not be read, or not whole, for it" in notes[0]


def test_what_is_missing_is_told(tmp_path):
    _, notes = passed(tmp_path / "absent.evtx")
    assert "1 pieces of evidence could not be read" in notes[0]


def test_logs_of_sensors_are_passed_over(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("a sensor's log was read")

    log = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n1680000000.0\t10.0.0.1\tgood.example\n"
    place = write(tmp_path / "dns.log", log)
    monkeypatch.setattr(Worker, "_read", never)
    found, notes = passed(place)
    assert not found and not notes


@pytest.mark.parametrize("jobs", [2])
def test_over_several_processes_it_is_the_same(tmp_path, monkeypatch, jobs):
    for number in range(3):
        body = f"<Events>\n{special('S-1-5-21-1-2-3-1107', f'adm{number}')}{event(4624, TargetUserName='x')}</Events>\n"
        write(tmp_path / "logs" / f"Security{number}.xml", body)
    alone = profiles([str(tmp_path / "logs")], INVENTORY, Passing(now=NOW, jobs=1))
    monkeypatch.setattr(haul_work, "SMALL", 0)
    assert profiles([str(tmp_path / "logs")], INVENTORY, Passing(now=NOW, jobs=jobs)) == alone
    assert len(alone[0]["pc1"].noted) == 3


def test_a_history_that_thieves_do_not_read_is_no_trouble(tmp_path):
    body = serialised(
        "CREATE TABLE history_items (id INTEGER PRIMARY KEY, url TEXT)",
        "CREATE TABLE history_visits (id INTEGER PRIMARY KEY, history_item INTEGER, visit_time REAL)",
        "INSERT INTO history_items VALUES (1, 'https://a.example/')",
        "INSERT INTO history_visits VALUES (1, 1, 700000000.0)",
    )
    place = write(tmp_path / "History.db", body)
    found, notes = passed(place, assets={str(place): "pc1"})
    assert not notes and not any(one.lists or one.notes for one in found.values())

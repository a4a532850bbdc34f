"""Windows shortcuts."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant

from nachsorge.evidence.readers.lnk import Lnk
from nachsorge.evidence.windows.shell_link import MAGIC
from nachsorge.model.words import Kind, Reason, Status, Telemetry


def test_a_real_one_with_a_place(shared_data):
    body = (shared_data / "plaso-host-artefacts/NeroInfoTool.lnk").read_bytes()
    (record,), reading = read_member(Lnk(), body)
    assert (record.telemetry, reading.status) == (Telemetry.FILE_EVENT, Status.READ)
    target = r"C:\Program Files (x86)\Nero\Nero 9\Nero InfoTool\InfoTool.exe"
    assert record.event["target"] == target and (Kind.PATH, target) in {(v.kind, v.text) for v in record.values}
    assert record.event["drive_serial"] == "70ECFA33" and record.event["size"] == "4635160"
    assert record.event["written"] == "2009-06-05T20:13:20Z"
    assert (Kind.HOST, "win-3qmdjgkf3g9") in {(v.kind, v.text) for v in record.values}
    assert record.event["arguments"] == "-ScParameter=30002  "


def test_a_real_one_by_variables(shared_data):
    body = (shared_data / "plaso-host-artefacts/example.lnk").read_bytes()
    (record,), _ = read_member(Lnk(), body)
    assert record.event["environment"] == r"%windir%\system32\migwiz\migwiz.exe"
    assert record.event["relative_path"] == r".\migwiz\migwiz.exe" and "target" not in record.event


def test_a_cut_one_is_partly_read(shared_data):
    body = (shared_data / "plaso-host-artefacts/NeroInfoTool.lnk").read_bytes()
    records, reading = read_member(Lnk(), body[:900])
    assert len(records) == 1 and (reading.status, reading.reason) == (Status.PARTLY, Reason.TRUNCATED)
    _, reading = read_member(Lnk(), MAGIC)
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.TRUNCATED)


def test_damage_and_plant(shared_data):
    body = (shared_data / "plaso-host-artefacts/NeroInfoTool.lnk").read_bytes()
    bears_damage(Lnk(), body)
    shows_plant(Lnk(), body)

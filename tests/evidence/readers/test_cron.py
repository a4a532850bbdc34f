"""Tables of cron."""

from __future__ import annotations

from tests.evidence.artefact_kit import read_member, shows_plant
from tests.evidence_kit import Everything, opened, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.cron import Cron
from nachsorge.model.words import Kind, Reason, Telemetry

READER = Cron()
SYSTEM = (
    b"# http://comment.example/\nSHELL=/bin/sh\n\n17 * * * * root cd / && run-parts /etc/cron.hourly\n"
    b"*/5 0-6,22 * JAN-MAR mon-fri www-data /tmp/.x/evil --url http://evil.example/\n"
)
USER = b"@reboot /home/kim/.cache/upd\n0 3 * * 1 PATH=/opt/x /opt/x/run\n"


def named(body: bytes, name: str):
    return list(READER.read(opened(body, name), Everything(), Ledger()))


def test_a_system_table_has_a_user():
    assert reader_for(SYSTEM, "x/etc/crontab").name == "cron"
    first, second = named(SYSTEM, "x/etc/crontab")
    assert (first.telemetry, first.locator) == (Telemetry.PERSISTENCE, "line 4")
    assert (second.event["user"], second.event["when"]) == ("www-data", "*/5 0-6,22 * JAN-MAR mon-fri")
    assert (Kind.PATH, "/tmp/.x/evil") in {(v.kind, v.text) for v in second.values}
    assert any("comment.example" in value.text for value in first.values)


def test_a_users_table_is_named_by_its_user():
    assert reader_for(USER, "var/spool/cron/crontabs/kim").name == "cron"
    first, second = named(USER, "var/spool/cron/crontabs/kim")
    assert (first.event["user"], first.event["when"]) == ("kim", "@reboot")
    assert first.event["command"] == "/home/kim/.cache/upd"
    assert (Kind.PATH, "/opt/x/run") in {(v.kind, v.text) for v in second.values}


def test_anacrons_table_has_days_a_delay_and_a_name():
    body = (
        b"SHELL=/bin/sh\nSTART_HOURS_RANGE=3-22\n#period in days   delay in minutes   job-identifier   command\n"
        b"1\t5\tcron.daily\t\tnice run-parts /etc/cron.daily\n@monthly 45 upd /opt/.x/evil http://evil.example/\n"
    )
    assert reader_for(body, "x/etc/anacrontab").name == "cron"
    first, second = named(body, "x/etc/anacrontab")
    assert (first.event["when"], first.event["job"], first.event["command"]) == (
        "1\t5",
        "cron.daily",
        "nice run-parts /etc/cron.daily",
    )
    assert "user" not in first.event and "START_HOURS_RANGE" in first.event["settings"]
    assert (Kind.PATH, "/opt/.x/evil") in {(v.kind, v.text) for v in second.values}


def test_the_place_is_not_needed_but_the_lines_are():
    assert reader_for(SYSTEM, "saved.txt").name == "cron"
    assert READER.accepts(b"1 2 3 4 5 numbers\n2 3 4 5 6 more\n", "table.txt") == 0
    assert READER.accepts(SYSTEM + b"some prose\n", "notes.txt") == 0
    assert READER.accepts(b"some prose\nand more\n", "etc/cron.d/x") == 0


def test_a_line_that_is_no_job_is_counted_and_searched():
    records, reading = read_member(READER, SYSTEM + b"torn evil.example\n# last\n", "etc/cron.d/x")
    assert (reading.records, reading.unreadable_at) == (4, ("line 6",))
    assert [r.telemetry for r in records[2:]] == [Telemetry.TEXT, Telemetry.TEXT]
    assert records[3].event["text"] == "# last"


def test_it_covers_nothing_and_bears_damage():
    _, ledger = read_bytes(READER, SYSTEM)
    assert all(seen.spans == () for seen in ledger.seen())
    for cut in range(len(SYSTEM)):
        assert read_member(READER, SYSTEM[:cut])[1].reason is not Reason.FAILED
    shows_plant(READER, SYSTEM)

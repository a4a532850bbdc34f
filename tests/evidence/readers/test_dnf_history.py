"""Histories of DNF and yum."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.databases import serialised
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.dnf_history import DnfHistory
from nachsorge.model.times import SECOND, Span
from nachsorge.model.words import Kind, Platform, Reason, Status, Telemetry

READER = DnfHistory()
BEGIN, END = 1_711_700_000, 1_711_700_900
DNF4 = serialised(
    "CREATE TABLE trans (id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin INTEGER NOT NULL, dt_end INTEGER, "
    "rpmdb_version_begin TEXT, releasever TEXT, user_id INTEGER, cmdline TEXT, state INTEGER)",
    "CREATE TABLE trans_item (id INTEGER PRIMARY KEY, trans_id, item_id, repo_id, action, reason, state)",
    "CREATE TABLE rpm (item_id INTEGER UNIQUE NOT NULL, name, epoch, version, release, arch)",
    f"INSERT INTO trans VALUES (1, {BEGIN}, {END}, '', '40', 1000, 'upgrade xz-libs', 1)",
    "INSERT INTO trans_item VALUES (1, 1, 7, 1, 6, 2, 1), (2, 1, 8, 1, 7, 2, 1), (3, 1, 9, 1, 1, 2, 2)",
    "INSERT INTO trans_item VALUES (4, 1, 99, 1, 1, 5, 1)",  # a group
    "INSERT INTO rpm VALUES (7, 'xz-libs', 0, '5.6.1', '1.fc40', 'x86_64'), (8, 'xz-libs', 0, '5.4.6', '3.fc40', "
    "'x86_64'), (9, 'evil-tool', 1, '1.0', '1', 'noarch')",
)
DNF5 = serialised(
    'CREATE TABLE "trans" ("id" INTEGER, "dt_begin" INTEGER NOT NULL, "dt_end" INTEGER, "user_id" INTEGER NOT NULL, '
    '"description" TEXT, "comment" TEXT, "state_id" INTEGER, PRIMARY KEY("id"))',
    'CREATE TABLE "pkg_name" ("id" INTEGER, "name" TEXT)',
    'CREATE TABLE "arch" ("id" INTEGER, "name" TEXT)',
    'CREATE TABLE "trans_item_action" ("id" INTEGER, "name" TEXT)',
    'CREATE TABLE "trans_item" ("id" INTEGER, "trans_id" INTEGER, "item_id" INTEGER, "repo_id" INTEGER, '
    '"action_id" INTEGER NOT NULL, "reason_id" INTEGER NOT NULL, "state_id" INTEGER NOT NULL)',
    'CREATE TABLE "rpm" ("item_id" INTEGER, "name_id" INTEGER, "epoch" INTEGER, "version" TEXT, "release" TEXT, '
    '"arch_id" INTEGER)',
    f"INSERT INTO trans VALUES (1, {BEGIN}, {END}, 1000, 'dnf5 upgrade xz-libs', '', 2)",
    "INSERT INTO pkg_name VALUES (1, 'xz-libs'), (2, 'evil-tool')",
    "INSERT INTO arch VALUES (1, 'x86_64'), (2, 'noarch')",
    "INSERT INTO trans_item_action VALUES (1, 'Install'), (2, 'Upgrade'), (6, 'Replaced')",
    "INSERT INTO trans_item VALUES (1, 1, 7, 1, 2, 2, 2), (2, 1, 8, 1, 6, 2, 2), (3, 1, 9, 1, 1, 2, 3)",
    "INSERT INTO rpm VALUES (7, 1, 0, '5.6.1', '1.fc40', 1), (8, 1, 0, '5.4.6', '3.fc40', 1), (9, 2, 1, '1.0', '1', 2)",
)
YUM = serialised(
    "CREATE TABLE trans_beg (tid INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, rpmdb_version, loginuid INTEGER)",
    "CREATE TABLE trans_end (tid INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, return_code INTEGER)",
    "CREATE TABLE trans_cmdline (tid INTEGER NOT NULL, cmdline TEXT NOT NULL)",
    "CREATE TABLE trans_data_pkgs (tid INTEGER, pkgtupid INTEGER, done BOOL NOT NULL DEFAULT FALSE, state TEXT)",
    "CREATE TABLE pkgtups (pkgtupid INTEGER PRIMARY KEY, name, arch, epoch, version, release, checksum)",
    f"INSERT INTO trans_beg VALUES (1, {BEGIN}, '', 1000)",
    f"INSERT INTO trans_end VALUES (1, {END}, 0)",
    "INSERT INTO trans_cmdline VALUES (1, 'upgrade xz-libs')",
    "INSERT INTO trans_data_pkgs VALUES (1, 7, 'TRUE', 'Update'), (1, 8, 'TRUE', 'Updated')",
    "INSERT INTO trans_data_pkgs VALUES (1, 9, 'FALSE', 'Install')",
    "INSERT INTO pkgtups VALUES (7, 'xz-libs', 'x86_64', '0', '5.6.1', '1.fc40', ''), (8, 'xz-libs', 'x86_64', '0', "
    "'5.4.6', '3.fc40', ''), (9, 'evil-tool', 'noarch', '1', '1.0', '1', '')",
)
FORMS = {"dnf4": DNF4, "dnf5": DNF5, "yum": YUM}


@pytest.mark.parametrize("form", FORMS)
def test_transactions_and_their_packages(form: str):
    found = reader_for(FORMS[form], "copy.db")
    assert found is not None and found.name == "dnf_history"
    (run, *changes), reading = read_member(READER, FORMS[form])
    assert run.event["command"].endswith("upgrade xz-libs") and run.event["user"] == "1000"
    assert {(c.event["package"], c.software.version) for c in changes if c.software} == {
        ("xz-libs", "5.6.1-1.fc40"),
        ("xz-libs", "5.4.6-3.fc40"),  # it was there until then
    }
    assert {c.time for c in changes} == {BEGIN * SECOND}
    new = changes[0]
    assert (Kind.PACKAGE, "pkg:rpm/fedora/xz-libs@5.6.1-1.fc40") in {(v.kind, v.text) for v in new.values}
    assert (Kind.TEXT, "xz-libs-5.6.1-1.fc40.x86_64") in {(v.kind, v.text) for v in new.values}
    assert new.event["action"] in ("upgrade", "update")
    assert (reading.status, reading.records, reading.platform) == (Status.READ, 4, Platform.LINUX)
    (seen,) = reading.seen
    assert (seen.telemetry, seen.spans) == (Telemetry.SOFTWARE_INSTALL, (Span(BEGIN * SECOND, END * SECOND),))


@pytest.mark.parametrize("form", FORMS)
def test_what_was_not_done_gives_no_version(form: str):
    failed = read_member(READER, FORMS[form])[0][-1]
    assert (failed.event["package"], failed.event["state"], failed.event["epoch"]) == ("evil-tool", "not done", "1")
    assert failed.software is None and not [v for v in failed.values if v.kind is Kind.PACKAGE]


def test_the_sieve_drops_what_it_does_not_admit_and_the_account_stays():
    every, all_ledger = read_bytes(READER, DNF4)
    some, ledger = read_bytes(READER, DNF4, b"evil-tool")
    assert [record.event["package"] for record in some] == ["evil-tool"] and len(every) == 4
    assert (ledger.records, ledger.seen()) == (all_ledger.records, all_ledger.seen())
    assert len(read_bytes(READER, DNF4, b"pkg:rpm/fedora/xz-libs@5.6.1-1.fc40")[0]) == 1


def test_a_transaction_without_a_time_or_a_change_without_its_transaction():
    body = serialised(
        "CREATE TABLE trans_beg (tid, timestamp)",
        "CREATE TABLE trans_data_pkgs (tid, pkgtupid, done, state)",
        "INSERT INTO trans_beg VALUES (1, 0)",
        "INSERT INTO trans_data_pkgs VALUES (2, 1, 1, 'Install')",
    )
    _, reading = read_member(READER, body)
    assert reading.unreadable_at == ("trans_data_pkgs 1",)
    assert Reason.NO_TIME in {gap.reason for gap in reading.gaps}


def test_damage_plant_and_others():
    assert READER.accepts(serialised("CREATE TABLE x (a)"), "x.db") == 0
    _, reading = read_member(READER, serialised("CREATE TABLE x (a)"), "history.sqlite")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.NOT_SUPPORTED)
    bears_damage(READER, DNF4, 30)
    shows_plant(READER, b"")

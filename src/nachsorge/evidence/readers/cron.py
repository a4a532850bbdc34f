"""Tables of cron: `/etc/crontab`, `/etc/cron.d/*`, those of users (crontab(5)), and anacron's (anacrontab(5)).

One line proves that this command is set to run at these times, since the file's last change at the latest; not that it
ran. It covers nothing: there are other tables, and other ways to start.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 4 * 1024 * 1024
_FIELD = r"(?:\*|[0-9]{1,2}|[A-Za-z]{3})(?:[-/,~](?:\*|[0-9]{1,3}|[A-Za-z]{3}))*"
_NAMED = r"@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly|every_minute)"
_JOB = re.compile(rf"\s*-?(?P<when>{_NAMED}|{_FIELD}(?:[ \t]+{_FIELD}){{4}})[ \t]+(?P<rest>\S.*)\Z")
_PERIODIC = re.compile(
    rf"\s*(?P<when>(?:\d{{1,4}}|{_NAMED})[ \t]+\d{{1,5}})[ \t]+(?P<job>[\w.-]+)[ \t]+(?P<rest>\S.*)\Z"
)
"""anacron's: every so many days, so many minutes after the start, under this name."""

_SETTING = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_]*\s*=")
_USER = re.compile(r"([a-z_][\w.-]{0,31}\$?)[ \t]+(\S.*)\Z")
_ANACRON = re.compile(r"(?:^|[/\\!])anacrontab\Z")
_SYSTEM = re.compile(r"(?:^|[/\\!])(?:etc[/\\])?(?:cron\.d[/\\][^/\\]+|crontab)\Z")
_USERS = re.compile(
    r"(?:^|[/\\!])(?:cron[/\\](?:crontabs|tabs)[/\\]|spool[/\\]cron[/\\]|var[/\\]at[/\\]tabs[/\\])[^/\\]+\Z"
)
_PROGRAM = re.compile(r"(?:[A-Za-z_]\w*=\S*\s+)*(/\S+)")


class Cron:
    """Reader of one table."""

    name = "cron"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PERSISTENCE,)
    tells = Tells(
        proves="That a command is set to run at these times, for this user, since the file's last change at the latest",
        rules_out="Nothing",
        not_told="Whether it ever ran (`syslog` or the journal say so); what the started script does (`cron_scripts` "
        "reads those in `cron.daily` and the like)",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise lines that are all jobs, settings or comments; the file's place makes it sure."""
        if b"\0" in head or not head.strip():
            return 0
        lines = [line for line in _lines(head)[:200] if line.strip()]
        jobs = [line for line in lines if _job(line, name)]
        known = len(jobs) + sum(1 for line in lines if _SETTING.match(line) or line.lstrip().startswith("#"))
        placed = _SYSTEM.search(name) or _USERS.search(name) or _ANACRON.search(name)
        if placed:
            return 88 if jobs and known >= 0.8 * len(lines) else 70 if known == len(lines) else 0
        starred = all("*" in line or "@" in line for line in jobs)
        return 72 if jobs and starred and known == len(lines) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield a record a job; settings and comments are searched with the next one, or at the end."""
        with source.open() as stream:
            lines = _lines(read_whole(stream, LARGEST))
        aside: list[str] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if line.lstrip().startswith("#") or _SETTING.match(line):
                aside.append(line.strip())
                continue
            ledger.count(Telemetry.PERSISTENCE, 1, source.host)
            job = _job(line, source.path)
            if job is None:
                ledger.spoil(f"line {number}")
                yield text_record(line.encode("utf-8", "replace"), f"line {number}")
                continue
            yield _record(job, number, aside, source)
            aside = []
        if aside:
            ledger.count(Telemetry.TEXT, 1, source.host)
            yield text_record("\n".join(aside).encode("utf-8", "replace"), "end")

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make one job that names the planted host."""
        return f"*/5 * * * * /usr/bin/curl http://{plant.host}/ {plant.path}\n".encode()


def _job(line: str, path: str) -> re.Match[str] | None:
    return (_PERIODIC if _ANACRON.search(path) else _JOB).match(line)


def _lines(data: bytes) -> list[str]:
    return lenient(data).replace("\r\n", "\n").split("\n")


def _record(job: re.Match[str], number: int, aside: list[str], source: Opened) -> Record:
    rest, user = job["rest"].strip(), ""
    if _SYSTEM.search(source.path) and (found := _USER.match(rest)):
        user, rest = found[1], found[2]
    elif _USERS.search(source.path):
        user = last_part(source.path)
    named = job.groupdict().get("job") or ""
    event = {
        "when": job["when"],
        "job": named,
        "user": user,
        "command": rest,
        "settings": "\n".join(aside),
        "path": source.path,
    }
    values = [Value(Kind.TEXT, "command", rest), Value(Kind.PATH, "path", source.path)]
    values += [Value(Kind.PATH, "program", found[1])] if (found := _PROGRAM.match(rest)) else []
    values += [Value(Kind.TEXT, "settings", text) for text in aside]
    return Record(
        telemetry=Telemetry.PERSISTENCE,
        locator=f"line {number}",
        time=source.modified,
        values=tuple(values),
        event={name: text for name, text in event.items() if text},
        host=source.host,
        service="cron",
    )

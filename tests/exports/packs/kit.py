"""A pack with a row of every type, and what an exporter makes of a pack."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from tests.builders import pack, stage

from nachsorge.exports.packs import exporter
from nachsorge.exports.packs.release import Terms, select
from nachsorge.model.labels import Pap
from nachsorge.model.pack import Exposure, Indicator, Knowledge, Pack, Rule, Stage, Trace
from nachsorge.model.times import SECOND, parse_instant
from nachsorge.model.words import IndicatorType, Platform, Polarity, Role, Rung, Tlp, Verification, Weight
from nachsorge.sharing.terms import For, terms

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.exports.packs.release import Decide
    from nachsorge.exports.packs.seams import Written

AT = parse_instant("2026-11-01T12:00:00Z")

VALUES: dict[IndicatorType, tuple[str, ...]] = {
    IndicatorType.DOMAIN: ("c2.example", "xn--bcher-kva.example"),
    IndicatorType.IP: ("192.0.2.5", "2001:db8::5"),
    IndicatorType.CIDR: ("198.51.100.0/24", "2001:db8:7::/48"),
    IndicatorType.URL: ("https://host.example/a/b?q=1;2", "http://other.example:8080/x"),
    IndicatorType.URL_PATTERN: ("img.example/a_b/*/x.ico", "*/api/npm/*/evil-1.2.3.tgz"),
    IndicatorType.SHA256: ("ab" * 32,),
    IndicatorType.SHA1: ("cd" * 20,),
    IndicatorType.MD5: ("ef" * 16,),
    IndicatorType.PATH: (r"C:\Users\<user>\AppData\evil.dll", "/opt/evil/*.so", r"%APPDATA%\x\y.exe", "~/Library/.e"),
    IndicatorType.FILE_NAME: ("evil.exe", "ev*l.dll", "it's; here.exe"),
    IndicatorType.REGISTRY: (r"HKCU\Software\Evil\Run",),
    IndicatorType.PACKAGE: ("pkg:npm/%40scope/evil@1.2.3", "pkg:pypi/evil@0.1"),
    IndicatorType.USER_AGENT: ('Evil "Agent"/1.0; (x)', "Bad\\Agent*"),
    IndicatorType.EMAIL: ("somebody@evil.example",),
    IndicatorType.CERTIFICATE: ("aabbccddeeff00112233445566778899aabbccdd", "0a1b2c3d4e5f60718293", "CN=Evil Ltd"),
    IndicatorType.NAMED_OBJECT: ("EvilMutex1",),
    IndicatorType.STRING: ('some "evil" \\ string', "grün; und lang"),
}

STAGES = (stage("installed"), stage("beacon", Rung.CONTACTED, attack=("T1071.001",)))
TRACES = (
    Trace(id="there", stage="installed", weight=Weight.PROOF, title="what was there"),
    Trace(id="name", stage="beacon", weight=Weight.STRONG),
    Trace(id="lead", stage="beacon", weight=Weight.HINT),
    Trace(id="saved", stage="beacon", weight=Weight.STRONG, polarity=Polarity.REFUTES),
)
SIGMA = """title: Own rule
id: 0d7f1c1e-0000-4000-8000-000000000001
status: test
author: somebody
license: EUPL-1.2
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\own.exe'}
  condition: selection
nachsorge: {trace: there}
"""
YARA = 'rule OWN_rule { meta: author = "somebody" strings: $a = "own marker" condition: $a }'
RULES = (
    Rule(id="0d7f1c1e-0000-4000-8000-000000000001", engine="sigma", text=SIGMA, trace="there", title="Own rule",
         author="somebody", licence="EUPL-1.2"),
    Rule(id="OWN_rule", engine="yara", text=YARA, trace="there", title="Own", author="somebody", licence="EUPL-1.2"),
)  # fmt: skip


def row(type: IndicatorType, value: str, trace: str = "name", **more: Any) -> Indicator:
    return Indicator(type=type, value=value, trace=trace, **{"tlp": Tlp.CLEAR, **more})


def known(*rows: Indicator, **more: Any) -> Pack:
    """Make a pack of these rows with the stages and traces of this file."""
    values = {
        "traces": TRACES,
        "indicators": rows,
        "sources": (Knowledge(id="s1", publisher="p", title="t", date="2025-03-29", where="https://report.example/1"),),
        "exposures": (
            Exposure(
                id="app", names=("Evil App", "evil*.exe"), affected=("1.2.3",), clean=("1.2.4",), stage="installed",
                platform=Platform.WINDOWS,
            ),
        ),
        "aliases": ("Other Name (s1)",),
        **more,
    }  # fmt: skip
    return pack(*STAGES, id="made-2026", **values)


def everything(**more: Any) -> Pack:
    """Make a pack with every type, two rules, and rows that must not leave."""
    rows = [row(kind, value, first_source="s1") for kind, listed in VALUES.items() for value in listed]
    rows += [
        row(IndicatorType.DOMAIN, "secret.example", tlp=Tlp.RED),
        row(IndicatorType.DOMAIN, "good.example", role=Role.KNOWN_GOOD),
        row(IndicatorType.DOMAIN, "gone.example", role=Role.WITHDRAWN),
        row(IndicatorType.DOMAIN, "test.example", role=Role.TEST_BUILD),
        row(IndicatorType.DOMAIN, "rumour.example", verification=Verification.UNVERIFIED),
        row(IndicatorType.DOMAIN, "refutes.example", "saved"),
        row(IndicatorType.DOMAIN, "memory.example", memory_only=True),
        row(IndicatorType.DOMAIN, "shared.example", role=Role.ABUSED_LEGITIMATE),
    ]
    return known(*rows, rules=RULES, **more)


NEVER = ("secret", "good", "gone", "test", "rumour", "refutes")
NOT_BLOCKED = ("memory", "shared")


READERS = {
    Tlp.RED: For.ME,
    Tlp.AMBER_STRICT: For.OWN,
    Tlp.AMBER: For.CLIENTS,
    Tlp.GREEN: For.COMMUNITY,
    Tlp.CLEAR: For.PUBLIC,
}


def door(most: Tlp, *, blocks: bool = False) -> Decide:
    """Give the door as it is for those who may read at most this label."""
    return terms(READERS[most], "made-2026", blocks=blocks)


def exported(
    name: str, incident: Pack, *, most: Tlp = Tlp.AMBER_STRICT, include: frozenset[Role] = frozenset()
) -> Written:
    found = exporter(name)
    assert found is not None
    return found.write(
        select(incident, Terms(decide=door(most, blocks=found.blocks), at=AT, include=include), blocks=found.blocks)
    )


def body(written: Written) -> str:
    return "\n".join(file.content.decode() for file in written.files)


def save(written: Written, folder: Path) -> Path:
    """Write the files and give the first."""
    for file in written.files:
        (folder / file.name).write_bytes(file.content)
    return folder / written.files[0].name


def program(name: str) -> str:
    """Give the program's path; skip, and say so, where it is absent."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} IS NOT INSTALLED: its side of this export has NOT been checked here")
    return found


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd)


_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f\x85"), max_size=20)
_TIMES = st.integers(parse_instant("2000-01-01") // SECOND, parse_instant("2030-01-01") // SECOND).map(
    lambda s: s * SECOND
)


@st.composite
def rows(draw: st.DrawFn) -> Indicator:
    """Draw an indicator whose every field may be anything that a pack can hold."""
    kind = draw(st.sampled_from(IndicatorType))
    start = draw(st.none() | _TIMES)
    end = draw(st.none() | _TIMES)
    if start is not None and end is not None and end < start:
        start, end = end, start
    return Indicator(
        type=kind,
        value=draw(st.sampled_from(VALUES[kind])),
        trace=draw(st.sampled_from(("there", "name", "lead"))),
        role=draw(st.sampled_from(Role)),
        platform=draw(st.none() | st.sampled_from(Platform)),
        first_source=draw(_TEXT).strip(),
        sources=tuple(filter(None, (each.strip() for each in draw(st.lists(_TEXT, max_size=3))))),
        verification=draw(st.sampled_from(Verification)),
        valid_from=start,
        valid_until=end,
        tlp=draw(st.sampled_from(Tlp)),
        pap=draw(st.sampled_from(Pap)),
        memory_only=draw(st.booleans()),
        size=draw(st.none() | st.integers(0, 10**12)),
        note=draw(_TEXT).strip(),
    )


def packs() -> st.SearchStrategy[Pack]:
    """Draw packs without repeated rows."""
    unique = st.lists(rows(), max_size=8, unique_by=lambda each: (each.type, each.value, each.trace, each.platform))
    return unique.map(lambda listed: known(*listed))


def stage_of(incident: Pack, indicator: Indicator) -> Stage:
    return incident.stages_by_id[incident.traces_by_id[indicator.trace].stage]


def amber(incident: Pack) -> Pack:
    return replace(incident, tlp=Tlp.AMBER)

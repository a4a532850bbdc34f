"""The skeleton of a pack: a folder that loads, with one stage, one trace, one indicator to be replaced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_PACK = """\
# Every key is described in docs/reference/pack-format.md.
id: {id}
version: 0.1.0
title: {{en: Name of the incident, de: Name des Vorfalls}}
summary: {{en: What happened in a few sentences., de: Was geschah in ein paar Sätzen.}}
tlp: AMBER+STRICT
licence: EUPL-1.2

sources:
  - id: first-report
    publisher: Who published it
    title: Title of the report
    date: '2026-01-01'
    where: Address of the report
    licence: not stated

exposures:
  - id: product
    names: [Name of the product]
    platform: windows
    affected: [1.2.3]
    clean: [1.2.4]
    stage: installed
    sources: [first-report]

stages:
  - id: installed
    rung: exposed
    title: {{en: affected version installed, de: betroffene Version installiert}}
    windows:
      - {{from: 2026-01-01, to: 2026-01-31}}
    needs:
      - any_of:
          - telemetry: [software_install]
          - telemetry: [process_creation]
        settle:
          en: Where to find evidence that would show it.
          de: Wo Belege liegen, die es zeigen würden.
  - id: beacon
    rung: contacted
    title: {{en: contact with command and control, de: Kontakt zur Steuerung}}
    requires: [installed]
    windows:
      - {{from: 2026-01-01, to: 2026-01-31}}
    needs:
      - any_of:
          - telemetry: [dns_query]
          - telemetry: [proxy]
        settle:
          en: DNS or proxy logs that see the host.
          de: DNS- oder Proxy-Protokolle, die das Gerät sehen.
    traces:
      - id: c2-name
        title: {{en: command-and-control name, de: Name eines Steuerungsservers}}
        weight: strong
        sources: [first-report]
"""
_INDICATORS = """\
type,value,trace,role,platform,first_source,sources,verification,valid_from,valid_until,tlp,memory_only,note
domain,c2.example,c2-name,malicious,,first-report,,verbatim-publisher,2026-01-01,2026-01-31,,,replace me
"""
_README = """\
# {id}

What the pack covers, how its values were chosen, and what is left out.

`samples/hit` must be found by it, `samples/clean` must not.
"""
_HIT = "time,computer,client,query\n2026-01-02T08:00:00Z,pc-1,192.0.2.1,c2.example\n"
_CLEAN = "time,computer,client,query\n2026-01-02T08:00:00Z,pc-2,192.0.2.2,notc2.example\n"
_INSTALLED = "host,name,version,platform\n{host},Name of the product,{version},windows\n"
_EXPECTED = """\
# What `nachsorge pack test` has to find in the samples, by asset: shown, suspected, ruled-out; the rest is open.
# What only an inventory knows (roles, relations, network cards) stands in inventory-hit.csv, inventory-clean.csv.
hit:
  pc-1: {shown: [installed, beacon]}
clean:
  pc-2: {}
"""
_VALUES = """\
type,value,trace,platform
domain,"c2.example",c2-name,
"""
_CHANGELOG = """\
# Changelog of {id}

## 0.1.0

First version.
"""


def new_pack(folder: Path, id: str) -> Path:
    """Write the skeleton of the pack `id` into `folder`, which is new or empty, and give its path.

    The folder should be called like the pack.

    Raises:
        UsageError: the id is none, or the folder is taken or cannot be written.
    """
    if not re.fullmatch(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", id):
        raise UsageError(f"not an id: {id!r} (lower-case letters, digits, `-` and `.`)")
    contents = {
        "pack.yaml": _PACK.format(id=id),
        "indicators.csv": _INDICATORS,
        "README.md": _README.format(id=id),
        "samples/hit/dns.csv": _HIT,
        "samples/hit/software.csv": _INSTALLED.format(host="pc-1", version="1.2.3"),
        "samples/clean/dns.csv": _CLEAN,
        "samples/clean/software.csv": _INSTALLED.format(host="pc-2", version="1.2.4"),
        "samples/expected.yaml": _EXPECTED,
        "samples/values.csv": _VALUES,
        "CHANGELOG.md": _CHANGELOG.format(id=id),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty; nothing was written")
        for name, text in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        for name in ("rules/sigma", "rules/yara"):
            (folder / name).mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from error
    return folder

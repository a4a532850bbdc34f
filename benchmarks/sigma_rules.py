"""Sigma rules made with a fixed seed, as many as are asked for: log sources, shapes and modifiers like public ones.

The public collection's licence (DRL 1.1) and size keep it out of this project. What is copied are proportions only,
counted on 3,080 rules of SigmaHQ as another package ships them converted: which log sources, how many selections,
how many strings each, how often lists, filters, regexes. The words are well-known names of programs and options,
and made-up ones.
"""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20230413

SOURCES = (
    (0.50, {"product": "windows", "category": "process_creation"}),
    (0.08, {"product": "windows", "category": "registry_set"}),
    (0.07, {"product": "windows", "category": "file_event"}),
    (0.06, {"product": "windows", "category": "ps_script"}),
    (0.05, {"product": "windows", "service": "security"}),
    (0.04, {"product": "windows", "category": "image_load"}),
    (0.025, {"product": "windows", "service": "system"}),
    (0.02, {"product": "windows", "category": "network_connection"}),
    (0.013, {"product": "windows", "category": "registry_event"}),
    (0.01, {"product": "windows", "category": "dns_query"}),
    (0.01, {"product": "windows", "category": "process_access"}),
    (0.01, {"product": "windows", "category": "pipe_created"}),
    (0.006, {"product": "windows", "category": "create_remote_thread"}),
    (0.006, {"product": "windows", "service": "windefend"}),
    (0.05, {"product": "linux", "category": "process_creation"}),
    (0.03, {"product": "aws", "service": "cloudtrail"}),
    (0.015, {"category": "webserver"}),
)
PROGRAMS = [
    "powershell",
    "pwsh",
    "cmd",
    "rundll32",
    "regsvr32",
    "mshta",
    "wscript",
    "cscript",
    "certutil",
    "bitsadmin",
    "schtasks",
    "reg",
    "net",
    "net1",
    "sc",
    "wmic",
    "whoami",
    "nltest",
    "nslookup",
    "ping",
    "curl",
    "msbuild",
    "installutil",
    "regasm",
    "regsvcs",
    "cmstp",
    "odbcconf",
    "forfiles",
    "pcalua",
    "hh",
    "ieexec",
    "msiexec",
    "mavinject",
    "csc",
    "vbc",
    "makecab",
    "expand",
    "extrac32",
    "esentutl",
    "diskshadow",
    "vssadmin",
    "wbadmin",
    "bcdedit",
    "fsutil",
    "wevtutil",
    "auditpol",
    "netsh",
    "arp",
    "route",
    "ipconfig",
    "systeminfo",
    "tasklist",
    "taskkill",
    "qwinsta",
    "quser",
    "query",
    "dsquery",
    "adfind",
    "procdump",
    "rclone",
    "psexec",
    "winrar",
    "7z",
    "putty",
    "plink",
    "ssh",
    "scp",
    "ftp",
    "tftp",
    "finger",
    "at",
    "dllhost",
    "svchost",
    "explorer",
    "winword",
    "excel",
    "outlook",
    "onenote",
    "chrome",
    "firefox",
    "teams",
    "java",
    "javaw",
    "python",
    "node",
    "ruby",
    "perl",
]
OPTIONS = (
    *(" -enc ", " -nop ", " -w hidden", "DownloadString(", "DownloadFile(", "Invoke-", "IEX", "FromBase64String"),
    *(" /c ", " /add", " /create ", " /delete ", " /query ", " /node:", "process call create", " -urlcache ", " -f "),
    *("http://", "https://", "\\\\localhost\\", "\\AppData\\Local\\Temp\\", "\\Users\\Public\\", "\\ProgramData\\"),
    *(".dll,", "javascript:", "vbscript:", "scrobj.dll", "comsvcs", "MiniDump", "sekurlsa", "lsass", "ntds.dit"),
    *(" create ", " start= ", " binPath=", " config ", " shadows", " resize ", "-decode", "-encode", "hidden"),
)
FOLDERS = ("C:\\Windows\\System32\\", "C:\\Windows\\SysWOW64\\", "C:\\Program Files\\", "C:\\Program Files (x86)\\")
KEYS = (
    "\\CurrentVersion\\Run\\",
    "\\Services\\",
    "\\Control\\Lsa\\",
    "\\Policies\\System\\",
    "\\Explorer\\",
    "\\CLSID\\",
)


class Maker:
    """Makes rules one after the other from one stream of chance."""

    def __init__(self, seed: int = SEED) -> None:
        self.chance = random.Random(seed)

    def rule(self, number: int) -> dict[str, object]:
        source = self.chance.choices([s for _, s in SOURCES], [w for w, _ in SOURCES])[0]
        selections = self._selections(source.get("category") or source["service"])
        condition = "1 of selection_*" if len(selections) == 1 and self.chance.random() < 0.2 else "all of selection_*"
        if self.chance.random() < 0.35:
            selections |= self._filters()
            condition += " and not 1 of filter_main_*"
        return {
            "title": f"Made rule {number}",
            "id": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "status": "test",
            "author": "nachsorge benchmarks",
            "references": [f"https://rules.example/{number}"],
            "logsource": source,
            "detection": {**selections, "condition": condition},
            "level": self.chance.choice(["low", "medium", "high"]),
        }

    def _selections(self, of: str) -> dict[str, object]:
        match of:
            case "process_creation":
                return self._process()
            case "registry_set" | "registry_event":
                return {
                    "selection_key": {
                        "TargetObject|contains": self._keys(),
                        **self._maybe({"Details|contains": self._words(2)}),
                    }
                }
            case "file_event":
                return {"selection_file": {self._by("TargetFilename"): self._names()}, **self._extra("Image|endswith")}
            case "ps_script":
                return {"selection_text": {"ScriptBlockText|contains" + self._all(): self._words(4)}}
            case "image_load":
                return {"selection_lib": {"ImageLoaded|endswith": self._names(".dll")}, **self._extra("Image|endswith")}
            case "security":
                event = {
                    "EventID": self.chance.choice(
                        [4624, 4625, 4648, 4662, 4663, 4672, 4688, 4697, 4720, 5136, 5140, 5145]
                    )
                }
                return {
                    "selection_event": {
                        **event,
                        self.chance.choice(["ObjectName", "SubjectUserName", "ServiceFileName", "ShareName"])
                        + "|contains": self._words(2),
                    }
                }
            case "system":
                return {
                    "selection_event": {
                        "Provider_Name": "Service Control Manager",
                        "EventID": 7045,
                        "ImagePath|contains": self._words(3),
                    }
                }
            case "network_connection":
                return {
                    "selection_img": {"Image|endswith": self._names()},
                    "selection_to": self.chance.choice(
                        [
                            {"DestinationHostname|endswith": [w.lower() + ".example" for w in self._words(3)]},
                            {"DestinationPort": [4444, 8443]},
                            {"DestinationIp|cidr": "198.51.100.0/24"},
                        ]
                    ),
                }
            case "dns_query":
                return {"selection_name": {"QueryName|endswith": [w.lower() + ".example" for w in self._words(4)]}}
            case "process_access":
                return {
                    "selection_target": {
                        "TargetImage|endswith": "\\lsass.exe",
                        "GrantedAccess": ["0x1410", "0x1fffff"],
                    },
                    "selection_trace": {"CallTrace|contains": self._words(2)},
                }
            case "pipe_created":
                return {"selection_pipe": {"PipeName|startswith": ["\\" + w for w in self._words(4)]}}
            case "create_remote_thread":
                return {"selection_img": {"SourceImage|endswith": self._names(), "TargetImage|endswith": self._names()}}
            case "windefend":
                return {"selection_event": {"EventID": [1006, 1116], "Path|contains": self._words(2)}}
            case "webserver":
                return {"selection_uri": {"cs-uri-query|contains": self._words(3)}}
            case _:
                return {"selection_event": {"eventName": self._words(2)}}

    def _process(self) -> dict[str, object]:
        with_words = self.chance.random() < 0.8
        names = self._names(known=0.7 if with_words else 0.0)
        found: dict[str, object] = {}
        if not with_words or self.chance.random() < 0.75:
            found["selection_img"] = [{"Image|endswith": names}, {"OriginalFileName": [n.strip("\\") for n in names]}]
        if with_words:
            found["selection_cli"] = self._command_line()
        if self.chance.random() < 0.2:
            found["selection_parent"] = {"ParentImage|endswith": self._names()}
        return found

    def _command_line(self) -> dict[str, object]:
        kind = self.chance.random()
        if kind < 0.05:
            return {"CommandLine|re": rf"(?i)\s-{self._word()[:4]}\s+[A-Za-z0-9+/]{{20,}}"}
        if kind < 0.12:
            return {"CommandLine|contains|windash": f" -{self._word()[:5].lower()} "}
        if kind < 0.15:
            return {"CommandLine|base64offset|contains": self._words(2)}
        if kind < 0.18:
            return {"CommandLine": f"*{self._word()}*{self._word()}*"}
        return {"CommandLine|contains" + self._all(): self._words(5)}

    def _filters(self) -> dict[str, object]:
        kinds = (
            {"Image|startswith": self.chance.sample(FOLDERS, 2)},
            {"ParentImage|endswith": self._names()},
            {"CommandLine": None},
            {"User|contains": ["AUTHORI", "AUTORI"]},
        )
        return {f"filter_main_{n}": self.chance.choice(kinds) for n in range(self.chance.choice([1, 1, 2]))}

    def _all(self) -> str:
        return "|all" if self.chance.random() < 0.3 else ""

    def _by(self, field: str) -> str:
        return f"{field}|{self.chance.choice(['endswith', 'endswith', 'contains'])}"

    def _maybe(self, more: dict[str, object]) -> dict[str, object]:
        return more if self.chance.random() < 0.6 else {}

    def _extra(self, key: str) -> dict[str, object]:
        return {"selection_by": {key: self._names()}} if self.chance.random() < 0.4 else {}

    def _names(self, ending: str = ".exe", known: float = 0.7) -> list[str]:
        is_known = self.chance.random() < known
        count = min(1 + int(self.chance.expovariate(0.4)), 25)
        return [f"\\{self.chance.choice(PROGRAMS) if is_known else self._word().lower()}{ending}" for _ in range(count)]

    def _keys(self) -> list[str]:
        return [self.chance.choice(KEYS) + self._word() for _ in range(1 + int(self.chance.expovariate(0.6)))]

    def _words(self, mean: int) -> list[str]:
        count = min(1 + int(self.chance.expovariate(1 / mean)), 40)
        return [self.chance.choice(OPTIONS) if self.chance.random() < 0.1 else self._word() for _ in range(count)]

    def _word(self) -> str:
        parts = self.chance.choices(
            (
                "Get",
                "Set",
                "Inv",
                "oke",
                "mimi",
                "load",
                "dump",
                "cred",
                "tok",
                "hash",
                "svc",
                "x64",
                "inj",
                "ect",
                "net",
                "sql",
                "adm",
                "key",
                "run",
                "wmi",
            ),
            k=self.chance.choice([2, 3, 3, 4]),
        )
        return "".join(parts)


def write_rules(folder: Path, count: int) -> Path:
    """Write so many rules, a file each."""
    maker = Maker()
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"rule_{number:05}.yml").write_text(yaml.safe_dump(maker.rule(number), sort_keys=False))
    return folder

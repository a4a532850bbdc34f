"""A small made sample of every format."""

from __future__ import annotations

import json

SHA256, SHA1, MD5 = "ab" * 32, "cd" * 20, "ef" * 16


def pattern(text: str, **more: object) -> dict[str, object]:
    """Make a STIX indicator."""
    return {
        "type": "indicator",
        "id": "indicator--1",
        "created": "2026-01-02T00:00:00Z",
        "valid_from": "2026-01-02T00:00:00Z",
        "pattern": text,
        "pattern_type": "stix",
        **more,
    }


STIX = json.dumps(
    {
        "type": "bundle",
        "id": "bundle--1",
        "objects": [
            pattern("[domain-name:value = 'c2.example']"),
            pattern(f"[file:hashes.'SHA-256' = '{SHA256}' OR file:hashes.md5 = '{MD5}']"),
            pattern("[domain-name:value = 'a.example'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.1']"),
            pattern("[app:id = 'com.example.spy']"),
            {"type": "x-own", "id": "x-own--1"},
            {"type": "threat-actor", "id": "threat-actor--1", "name": "SPARROW", "created": "2026-01-03T00:00:00Z"},
            {"type": "campaign", "id": "campaign--1", "name": "Operation Sample"},
        ],
    },
    indent=1,
).encode()

MISP = json.dumps(
    {
        "response": [
            {
                "Event": {
                    "info": "made event",
                    "date": "2026-02-01",
                    "Orgc": {"name": "Made CERT"},
                    "Tag": [{"name": "tlp:green"}],
                    "Attribute": [
                        {"type": "domain", "value": "c2.example", "to_ids": True, "comment": "command"},
                        {"type": "ip-dst|port", "value": "192.0.2.1|443", "to_ids": True},
                        {"type": "filename|sha256", "value": f"a.exe|{SHA256}", "to_ids": True},
                        {"type": "domain", "value": "cdn.example", "to_ids": False},
                        {"type": "text", "value": "words", "to_ids": False},
                        {"type": "ja3-fingerprint-md5", "value": MD5, "to_ids": True},
                    ],
                    "Object": [
                        {
                            "name": "file",
                            "Attribute": [{"type": "sha1", "object_relation": "sha1", "value": SHA1, "to_ids": True}],
                        }
                    ],
                    "Galaxy": [{"type": "threat-actor", "GalaxyCluster": [{"value": "SPARROW"}]}],
                }
            }
        ]
    },
    indent=1,
).encode()


def openioc(definition: str) -> bytes:
    """Make an OpenIOC 1.0 file."""
    return (
        '<?xml version="1.0"?>\n<ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="x">\n'
        "<short_description>MADE</short_description>\n<definition>\n" + definition + "\n</definition>\n</ioc>\n"
    ).encode()


def item(search: str, content: str, condition: str = "is", more: str = "") -> str:
    """Make an item of an OpenIOC definition."""
    return (
        f'<IndicatorItem condition="{condition}"{more}><Context document="x" search="{search}" type="mir"/>'
        f'<Content type="string">{content}</Content></IndicatorItem>'
    )


OPENIOC = openioc(
    '<Indicator operator="OR">\n'
    + item("FileItem/Md5sum", MD5)
    + "\n"
    + item("Network/DNS", "c2.example", "contains")
    + '\n<Indicator operator="AND">'
    + item("FileItem/FileName", "a.exe")
    + item("FileItem/SizeInBytes", "10")
    + "</Indicator>\n</Indicator>"
)
OSV = json.dumps(
    {
        "id": "MAL-2026-1",
        "schema_version": "1.5.0",
        "modified": "2026-01-01T00:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "summary": "Malicious code in made-name",
        "details": "made",
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": "@made/name"},
                "versions": ["1.0.1", "1.0.2"],
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.1"}]}],
            },
            {"package": {"ecosystem": "PyPI", "name": "made"}, "ranges": [{"events": [{"introduced": "0"}]}]},
            {"package": {"ecosystem": "VSCode", "name": "made.ext"}, "versions": ["1"]},
        ],
        "database_specific": {"iocs": {"domains": ["c2.example"], "ips": ["192.0.2.1"]}},
    },
    indent=1,
).encode()
CHIRP = b"""---
name: "Made addresses"
confidence: 9
ioc_type: "network"
indicator:
  ips: |
    192.0.2.1
    c2[.]example
    words of nobody
---
name: "Made key"
confidence: 3
ioc_type: "registry"
indicator:
  registry_key: "HKLM:\\\\Software\\\\Made"
---
name: "Made events"
ioc_type: "events"
indicator:
  event_id: 1
"""
ZEEK = (
    "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n"
    "c2.example\tIntel::DOMAIN\tmade feed\tcommand\n"
    "192.0.2.0/24\tIntel::SUBNET\tmade feed\t-\n"
    f"{SHA1}\tIntel::FILE_HASH\tmade feed\t-\n"
    "c2.example/gate\tIntel::URL\tmade feed\t-\n"
    "smith\tIntel::USER_NAME\tmade feed\t-\n"
).encode()
RULES = (
    b'alert dns any any -> any any (msg:"made name"; dns.query; content:"c2.example"; nocase; sid:1; rev:1;)\n'
    b'alert http any any -> any any (msg:"made pair"; http.host; content:"b.example"; http.uri; content:"/x"; sid:2;)\n'
    b'alert ip any any -> 192.0.2.7 any (msg:"made address"; sid:3;)\n'
    b'alert tcp any any -> any any (msg:"made bytes"; content:"|de ad|"; sid:4;)\n'
    b'# alert dns any any -> any any (msg:"off"; dns.query; content:"off.example"; sid:5;)\n'
)
TABLE = (
    "Indicator,Entity Type,Description\n"
    "c2[.]example,hostname,command\n"
    f'"{SHA256},{SHA1},{MD5}",file,loader\n'
    "someone@mail.example,emailwhois,registrant\n"
    "made@1.2.3,npm package,version\n"
    "repo/image,docker image,image\n"
).encode("utf-8-sig")
REPORT = (
    "# Made report\n\n"
    "The app contacted c2[.]example and then slept; see https://blog.example.org/post for more.\n"
    f"Its loader `made.dll` ({SHA256}) came from hxxps://files[.]c2[.]example:8443/get.\n"
    "The name was registered by someone.else[@]mail[.]example in C:\\ProgramData\\Made\\made.exe.\n"
).encode()
HTML = (
    "<!doctype html><html><head><title>Made report</title><style>a.example{}</style></head><body>\n"
    "<p>The app contacted\nc2[.]<b>example</b> and slept.</p>\n"
    f"<table><tr><td>made.dll</td><td>{SHA256}</td></tr></table>\n"
    "<script>var x = 'js.evil.example';</script></body></html>\n"
).encode()

SAMPLES = {
    "bundle.json": STIX,
    "event.json": MISP,
    "made.ioc": OPENIOC,
    "MAL-2026-1.json": OSV,
    "made.yaml": CHIRP,
    "intel.dat": ZEEK,
    "made.rules": RULES,
    "iocs.csv": TABLE,
    "report.md": REPORT,
    "report.html": HTML,
    "list.csv": b"type,value\ndomain,c2.example\n",
    "list.txt": b"c2.example\n192.0.2.1:443\n",
}

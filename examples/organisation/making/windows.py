"""What the Windows hosts wrote: exported event logs (XML), Winlogbeat's files, alerts of the endpoint protection."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from . import story
from .files import gz
from .story import BEGIN, END, Host, at, dice, ticks

_NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
_SYSMON = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon")
_DEFENDER = ("Microsoft-Windows-Windows Defender/Operational", "Microsoft-Windows-Windows Defender")
_APP_FOLDER = "C:\\Users\\{user}\\AppData\\Local\\Programs\\3CXDesktopApp\\app\\"
_PROGRAMS = ("notepad.exe", "msedge.exe", "outlook.exe", "calc.exe", "teams.exe", "svchost.exe")


@dataclass
class Event:
    """One event before it is spelled; `data` has no names where the provider gives none (MsiInstaller)."""

    when: datetime
    host: Host
    channel: str
    provider: str
    number: int
    data: dict[str, str] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    message: str = ""


def exports() -> dict[str, bytes]:
    """Give the exported Application logs of four hosts, and the System log of one."""
    found = {
        story.THEFT: [_installed(story.THEFT, story.INSTALLED_THEFT, "18.12.416")],
        story.DORMANT: [_installed(story.DORMANT, story.INSTALLED_DORMANT, "18.12.407")],
        story.RULED_OUT: [],
        story.HOLED: [_installed(story.HOLED, story.INSTALLED_HOLED, "18.12.416")],
    }
    for host, events in found.items():
        if host.name in story.CLEAN_INSTALLS:
            events.append(_installed(host, story.CLEAN_INSTALLS[host.name], story.CLEAN_VERSION))
    files = {
        f"hosts/{host.name}/Application.xml.gz": gz(_xml([*events, *_routine(host, "Application")]))
        for host, events in found.items()
    }
    files[f"hosts/{story.RULED_OUT.name}/System.xml.gz"] = gz(_xml(_routine(story.RULED_OUT, "System")))
    return files


def _installed(host: Host, when: datetime, version: str) -> Event:
    text = (
        f"Windows Installer installed the product. Product Name: 3CX Desktop App. Product Version: {version}. Product "
        "Language: 1033. Manufacturer: 3CX Ltd.. Installation success or error status: 0."
    )
    items = ("3CX Desktop App", version, "1033", "0", "3CX Ltd.", "(NULL)")
    return Event(when, host, "Application", "MsiInstaller", 1033, items=items, message=text)


def _routine(host: Host, channel: str) -> list[Event]:
    provider, number = ("Microsoft-Windows-Winlogon", 6000) if channel == "Application" else ("Service Control Manager", 7036)
    end = story.COLLECTED_DORMANT if host is story.DORMANT else END
    return [
        Event(when, host, channel, provider, number, items=("routine",))
        for when in ticks(f"{host.name}/{channel}", BEGIN, end, 480)
    ]


def _xml(events: list[Event]) -> bytes:
    """Spell an export of wevtutil, one log with running record numbers."""
    ordered = sorted(events, key=lambda event: event.when)
    return "".join(["<Events>\n", *(_xml_event(e, n) for n, e in enumerate(ordered, 41_000)), "</Events>\n"]).encode()


def _xml_event(event: Event, number: int) -> str:
    data = "".join(f"<Data>{escape(item)}</Data>" for item in event.items)
    data += "".join(f'<Data Name="{name}">{escape(text)}</Data>' for name, text in event.data.items())
    return (
        f'<Event xmlns="{_NAMESPACE}"><System><Provider Name="{event.provider}"/>'
        f'<EventID Qualifiers="0">{event.number}</EventID><Level>4</Level>'
        f'<TimeCreated SystemTime="{event.when:%Y-%m-%dT%H:%M:%S}.{event.when.microsecond:06d}0Z"/>'
        f"<EventRecordID>{number}</EventRecordID><Channel>{event.channel}</Channel>"
        f"<Computer>{event.host.fqdn}</Computer></System><EventData>{data}</EventData></Event>\n"
    )


def winlogbeat() -> dict[str, bytes]:
    """Give what the forwarders sent, one file a month, as Winlogbeat's file output writes it."""
    events = sorted([*_theft(), *_cleaned(), *_ruled_out()], key=lambda event: event.when)
    numbers: Counter[tuple[str, str]] = Counter()
    lines: dict[str, list[str]] = {}
    for event in events:
        key = (event.host.name, event.channel)
        numbers[key] += 1
        lines.setdefault(f"{event.when:%Y%m}", []).append(_line(event, 7_000 + numbers[key]))
    return {f"winlogbeat/winlogbeat-{month}.ndjson.gz": gz("".join(of).encode()) for month, of in lines.items()}


def _line(event: Event, number: int) -> str:
    # Winlogbeat names data without a name param1, param2, ...
    data = {f"param{n}": item for n, item in enumerate(event.items, 1)} | event.data
    winlog = {
        "channel": event.channel,
        "provider_name": event.provider,
        "event_id": str(event.number),
        "record_id": str(number),
        "computer_name": event.host.fqdn,
        "event_data": data,
    }
    tree = {
        "@timestamp": f"{event.when:%Y-%m-%dT%H:%M:%S}.{event.when.microsecond // 1000:03d}Z",
        "event": {"code": str(event.number), "provider": event.provider, "kind": "event"},
        "host": {"name": event.host.fqdn},
        "winlog": winlog,
        "agent": {"type": "winlogbeat", "version": "8.6.2"},
    }
    if event.message:
        tree["message"] = event.message
    return json.dumps(tree, separators=(",", ":")) + "\n"


def _sysmon(host: Host, start: datetime, end: datetime) -> list[Event]:
    """Give the everyday of a host: programs start every few hours, libraries are loaded."""
    rng, found = dice(f"sysmon/{host.name}"), []
    for when in ticks(f"sysmon/{host.name}", start, end, 200):
        program = _PROGRAMS[int(rng.random() * len(_PROGRAMS))]
        image = f"C:\\Windows\\System32\\{program}"
        digest = f"{int(rng.random() * 2**52):064x}"
        found.append(_process(host, when, image, "Microsoft Windows Operating System", "10.0.19041.1", digest))
        data = {"Image": image, "ImageLoaded": "C:\\Windows\\System32\\ntdll.dll", "Hashes": f"SHA256={digest[::-1]}"}
        found.append(Event(when + timedelta(seconds=1), host, *_SYSMON, 7, data))
    return found


def _process(host: Host, when: datetime, image: str, product: str, version: str, digest: str) -> Event:
    data = {
        "UtcTime": f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d}",
        "Image": image,
        "FileVersion": version,
        "Product": product,
        "CommandLine": f'"{image}"',
        "User": f"ALMTAL\\{host.user}",
        "Hashes": f"SHA256={digest.upper()}",
        "ParentImage": "C:\\Windows\\explorer.exe",
    }
    return Event(when, host, *_SYSMON, 1, data)


def _theft() -> list[Event]:
    """Tell gm-ws-07's part; its forwarder was set up one day before the installation, not earlier."""
    host = story.THEFT
    folder = _APP_FOLDER.format(user=host.user)
    app = folder + "3CXDesktopApp.exe"
    library = {"Image": app, "ImageLoaded": folder + "ffmpeg.dll", "Hashes": f"SHA256={story.LIBRARY.upper()}"}
    lookup = {"Image": app, "QueryName": "raw.githubusercontent.com", "QueryStatus": "0", "QueryResults": "192.0.2.80;"}
    return [
        *_sysmon(host, story.FORWARDER_BEGIN, END),
        _process(host, story.FIRST_RUN, app, "3CX Desktop App", "18.12.416", story.APP_416),
        Event(story.FIRST_RUN + timedelta(seconds=2), host, *_SYSMON, 7, library),
        Event(story.ICON_TIME - timedelta(seconds=1), host, *_SYSMON, 22, lookup),
    ]


def _cleaned() -> list[Event]:
    """Tell gm-ws-15's part: installer and antivirus events only, no Sysmon on this host."""
    host = story.CLEANED
    threat = {
        "Product Name": "Microsoft Defender Antivirus",
        "Threat Name": "Trojan:Win64/SamScissors",
        "Severity Name": "Severe",
        "Category Name": "Trojan",
        "Path": "file:_" + _APP_FOLDER.format(user=host.user) + "ffmpeg.dll",
        "Detection User": f"ALMTAL\\{host.user}",
        "Action Name": "Quarantine",
    }
    health = [
        Event(when, host, *_DEFENDER, 1150, {"Platform version": "4.18.2302.7"})
        for when in ticks("defender", BEGIN, END, 600)
    ]
    return [
        *health,
        *_routine(host, "Application"),
        _installed(host, story.INSTALLED_CLEANED, "18.12.407"),
        _installed(host, story.CLEAN_INSTALLS[host.name], story.CLEAN_VERSION),
        Event(story.QUARANTINE, host, *_DEFENDER, 1116, threat),
        Event(story.QUARANTINE + timedelta(seconds=4), host, *_DEFENDER, 1117, threat),
    ]


def _ruled_out() -> list[Event]:
    """Tell gm-ws-20's part: a developer's machine, whose Sysmon never stopped, and which got the clean version once."""
    host = story.RULED_OUT
    browser = {"Image": "C:\\Program Files\\Git\\bin\\git.exe", "QueryName": "raw.githubusercontent.com", "QueryStatus": "0"}
    clean = _process(
        host,
        at("2023-04-12 08:46:10"),
        _APP_FOLDER.format(user=host.user) + "3CXDesktopApp.exe",
        "3CX Desktop App",
        story.CLEAN_VERSION,
        f"{0x3C425:064x}",
    )
    return [*_sysmon(host, BEGIN, END), Event(at("2023-03-15 10:02:00"), host, *_SYSMON, 22, browser), clean]


def alerts() -> dict[str, bytes]:
    """Give the one alert of the endpoint protection: it names the stealer by its published hash, found in memory."""
    host = story.THEFT
    alert = {
        "@timestamp": f"{story.STEALER_TIME:%Y-%m-%dT%H:%M:%S}.000Z",
        "event": {"kind": "alert", "category": "malware", "action": "memory_signature"},
        "host": {"name": host.name},
        "user": {"name": host.user},
        "process": {
            "executable": _APP_FOLDER.format(user=host.user) + "3CXDesktopApp.exe",
            "memory_region": {"size": 311296, "sha256": story.STEALER},
        },
        "message": "Unbacked code region in a signed process. Action: none (detection only).",
    }
    return {"edr/alerts-2023-03.ndjson": (json.dumps(alert, separators=(",", ":")) + "\n").encode()}

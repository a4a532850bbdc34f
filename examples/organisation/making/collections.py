"""Files that somebody collected from three machines. Every body is a harmless stand-in; what counts is name, place, time."""

from __future__ import annotations

import plistlib
import struct
from datetime import datetime, timedelta

from . import story
from .files import tarred, zipped
from .story import at

_STAND_IN = b"A harmless stand-in of the nachsorge example. It is text and does nothing.\n"


def collections() -> dict[str, bytes]:
    """Give the archives."""
    return {
        f"hosts/{story.DORMANT.name}/triage.zip": _dormant(),
        f"hosts/{story.MAC.name}/collection.tar.gz": _mac(),
        f"hosts/{story.SERVER.name}/collection.tar.gz": _server(),
    }


def _dormant() -> bytes:
    """Make what a triage tool takes of a Windows host. The loader's file says when it would have asked for orders."""
    collected, installed = story.COLLECTED_DORMANT, story.INSTALLED_DORMANT
    app = f"C/Users/{story.DORMANT.user}/AppData/Local/Programs/3CXDesktopApp/app"
    members: list[tuple[str, bytes, datetime]] = [
        ("C/Windows/System32/drivers/etc/hosts", b"# no entries\r\n", at("2023-02-01 06:00:00")),
        ("C/Windows/System32/config/README.txt", _STAND_IN, collected),
        ("C/Windows/System32/kernel32.dll", _STAND_IN, at("2023-02-14 20:00:00")),
        (f"{app}/3CXDesktopApp.exe", _STAND_IN, installed),
        (f"{app}/resources/app.asar", _STAND_IN, installed),
        (f"{app}/manifest", struct.pack("<q", int(story.DUE.timestamp())), installed + timedelta(minutes=2)),
        (f"C/Users/{story.DORMANT.user}/Desktop/Angebot.txt", _STAND_IN, collected),
    ]
    return zipped(members)


def _mac() -> bytes:
    app = "Applications/3CX Desktop App.app/Contents"
    support = f"Users/{story.MAC.user}/Library/Application Support/3CX Desktop App"
    installed, collected = at("2023-02-20 09:14:00"), at("2023-04-04 14:30:00")
    bundle = {
        "CFBundleName": "3CX Desktop App",
        "CFBundleIdentifier": "com.electron.3cx-desktop-app",
        "CFBundleExecutable": "3CX Desktop App",
        "CFBundleShortVersionString": "18.12.402",
        "CFBundleVersion": "18.12.402",
    }
    named = {"System": {"System": {"ComputerName": story.MAC.name, "HostName": story.MAC.name}}}
    return tarred(
        [
            (f"{app}/Info.plist", plistlib.dumps(bundle), installed),
            (f"{app}/MacOS/3CX Desktop App", _STAND_IN, installed),
            (f"{support}/.main_storage", bytes(range(1, 57)), installed + timedelta(minutes=5)),
            ("Library/Preferences/SystemConfiguration/preferences.plist", plistlib.dumps(named), at("2023-02-01 06:00:00")),
            ("System/Library/CoreServices/README.txt", _STAND_IN, at("2023-02-01 06:00:00")),
            (f"Users/{story.MAC.user}/Documents/Preisliste.txt", _STAND_IN, collected),
        ]
    )


def _server() -> bytes:
    electron = "var/lib/3cxpbx/Instance1/Data/Http/electron"
    received = at("2023-03-13 02:11:00")
    return tarred(
        [
            ("etc/hostname", f"{story.SERVER.name}\n".encode(), at("2023-02-01 06:00:00")),
            ("etc/os-release", b'PRETTY_NAME="Debian GNU/Linux 10 (buster)"\nID=debian\n', at("2023-02-01 06:00:00")),
            ("usr/bin/README.txt", _STAND_IN, at("2023-02-01 06:00:00")),
            (f"{electron}/windows/3CXDesktopApp-18.12.416.msi", _STAND_IN, received),
            (f"{electron}/windows/3CXDesktopApp-18.12.425.msi", _STAND_IN, at("2023-04-03 02:11:00")),
        ]
    )
